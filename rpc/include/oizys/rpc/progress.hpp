// SPDX-License-Identifier: BSL-1.0
//
// Being told how far a call is, while it is being carried out.
#pragma once

#include <oizys/function.hpp>
#include <oizys/rpc/codec/convert/core.hpp>

#include <memory>
#include <utility>

namespace oizys::rpc
{
namespace detail
{

/// Is given the values that belong to a call and come before its answer.
class call_watcher
{
public:
    virtual void on_value(reader& in) = 0;

protected:
    ~call_watcher() = default;
};

} // namespace detail

/// What call_options::progress points to: a progress_handler.
class progress_watch
{
public:
    progress_watch(progress_watch const&) = delete;
    progress_watch& operator=(progress_watch const&) = delete;

    std::shared_ptr<detail::call_watcher> const& watcher() const noexcept { return watcher_; }

protected:
    explicit progress_watch(std::shared_ptr<detail::call_watcher> w) noexcept : watcher_{std::move(w)} {}
    ~progress_watch() = default;

private:
    std::shared_ptr<detail::call_watcher> watcher_;
};

/// Calls a function with what the handlers of calls report with `call_context::progress`, on the peer's executor, in
/// order, and never behind the end of the call. When this is destroyed, it is not called any more.
/// @code
/// rpc::progress_handler<double> watch{[](double done) { ... }};
/// peer.async_call<void>("copy", std::tuple{"a", "b"}, {.progress = &watch}, token);
/// @endcode
/// One may watch several calls. A report that is not a T is dropped. What the function throws ends the connection.
template <class T>
class progress_handler final : public progress_watch
{
public:
    explicit progress_handler(unique_function<void(T)> told)
        : progress_watch{std::make_shared<told_function>(std::move(told))}
    {
    }

private:
    class told_function final : public detail::call_watcher
    {
    public:
        explicit told_function(unique_function<void(T)> told) noexcept : told_{std::move(told)} {}

        void on_value(reader& in) override
        {
            T report{};
            if (read(in, report))
                told_(std::move(report));
        }

    private:
        unique_function<void(T)> told_;
    };
};

} // namespace oizys::rpc
