// SPDX-License-Identifier: BSL-1.0
//
// What a method's result is for who calls it, from what its function returns.
#pragma once

#include <oizys/rpc/codec/schema.hpp>
#include <oizys/rpc/protocol/error.hpp>
#include <oizys/rpc/signature.hpp>

#include <boost/system/error_code.hpp>

#include <concepts>
#include <system_error>
#include <type_traits>

namespace oizys::rpc::detail
{

/// The type of the result of a function that returns an R.
template <class R>
struct described_result
{
    using type = R;
};

/// boost::system::result, rpc::outcome, std::expected
template <class R>
requires requires(R const& r)
{
    r.has_value();
    r.value();
    r.error();
}
struct described_result<R> : described_result<std::remove_cvref_t<decltype(std::declval<R const&>().value())>>
{};

/// boost::asio::awaitable
template <class R>
requires requires
{
    typename R::value_type;
    typename R::executor_type;
}
struct described_result<R> : described_result<typename R::value_type>
{};

template <class R>
struct described_result<reply<R>> : described_result<R>
{
};

/// What tells of success or failure and nothing else.
template <class R>
requires std::same_as<R, boost::system::error_code> || std::same_as<R, std::error_code> ||
    std::same_as<R, error_object>
struct described_result<R>
{
    using type = void;
};

/// The description of the result of a method with this signature.
template <class Signature>
constexpr type_description const* result_description()
{
    if constexpr (Signature::wants_reply)
        return &description_of<typename described_result<typename Signature::reply_type>::type>;
    else
        return &description_of<
            typename described_result<std::remove_cvref_t<typename Signature::result>>::type>;
}

} // namespace oizys::rpc::detail
