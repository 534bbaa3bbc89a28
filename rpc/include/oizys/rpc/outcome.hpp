// SPDX-License-Identifier: BSL-1.0
//
// What the other end answered: a result, or an error object.
#pragma once

#include <oizys/rpc/protocol/error.hpp>

#include <utility>
#include <variant>

namespace oizys::rpc
{

/// A result of type R, or the error object that came instead of it. Converts to R where a value is asked for,
/// and throws rpc::error if there is none: `int sum = co_await peer.async_call<int>(...)`.
template <class R>
class [[nodiscard]] outcome
{
public:
    outcome() : answer_{error_object{}} {}
    outcome(R result) // NOLINT(google-explicit-constructor)
        : answer_{std::in_place_index<0>, std::move(result)}
    {
    }
    outcome(error_object error) // NOLINT(google-explicit-constructor)
        : answer_{std::in_place_index<1>, std::move(error)}
    {
    }

    bool has_value() const noexcept { return answer_.index() == 0; }

    /// The result. @throws rpc::error  with the error object if there is none.
    R const& value() const&
    {
        check();
        return *std::get_if<0>(&answer_);
    }
    R&& value() &&
    {
        check();
        return std::move(*std::get_if<0>(&answer_));
    }
    operator R() && { return std::move(*this).value(); } // NOLINT(google-explicit-constructor)
    operator R() const& { return value(); }              // NOLINT(google-explicit-constructor)
    R const& operator*() const& { return value(); }

    /// The error object; only if there is no result.
    error_object const& error() const noexcept { return *std::get_if<1>(&answer_); }

private:
    void check() const
    {
        if (!has_value())
            throw rpc::error{error()};
    }

    std::variant<R, error_object> answer_;
};

/// For methods whose result is of no interest, whatever it is.
template <>
class [[nodiscard]] outcome<void>
{
public:
    outcome() = default;
    outcome(error_object error) // NOLINT(google-explicit-constructor)
        : answer_{std::move(error)}
    {
    }

    bool has_value() const noexcept { return answer_.index() == 0; }

    /// @throws rpc::error  with the error object if the call failed.
    void value() const
    {
        if (!has_value())
            throw rpc::error{error()};
    }

    error_object const& error() const noexcept { return *std::get_if<1>(&answer_); }

private:
    std::variant<std::monostate, error_object> answer_;
};

} // namespace oizys::rpc
