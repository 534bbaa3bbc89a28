// SPDX-License-Identifier: BSL-1.0
//
// What becomes of what a handler returns: a result, or one of the ways to say that there is none.
#pragma once

#include <oizys/rpc/codec/convert/core.hpp>
#include <oizys/rpc/invocation.hpp>
#include <oizys/rpc/protocol/error.hpp>
#include <oizys/rpc/reply.hpp>

#include <concepts>
#include <system_error>
#include <type_traits>

namespace oizys::rpc::detail
{

/// A value or an error: boost::system::result, std::expected, rpc::outcome and their like.
template <class R>
concept result_or_error = requires(R const& r)
{
    {
        r.has_value()
        } -> std::same_as<bool>;
    r.value();
    r.error();
};

template <class E>
concept error_code_like = std::same_as<E, boost::system::error_code> || std::same_as<E, std::error_code>;

// The two that are answered: a call while its handler runs, and one that is answered later.
inline void put(invocation& to, function_ref<void(writer&)> write) { to.answer(write); }
inline void put(deferred_answer& to, function_ref<void(writer&)> write) { to.result(write); }
inline void put_error(invocation& to, error_object const& error) { to.answer_error(error); }
inline void put_error(deferred_answer& to, error_object const& error) { to.error(error); }
inline void put_error(invocation& to, boost::system::error_code why) { to.answer_error(why); }
inline void put_error(deferred_answer& to, boost::system::error_code why) { to.error(why); }

template <class To>
void give_nothing(To& to)
{
    put(to, [](writer& out) { out.write_null(); });
}

template <class To, class E>
void give_error(To& to, E const& error)
{
    if constexpr (std::same_as<E, error_object>)
        put_error(to, error);
    else if constexpr (std::same_as<E, rpc::error>)
        put_error(to, error.object());
    else if constexpr (error_code_like<E>)
        put_error(to, boost::system::error_code{error});
    else
        throw error; // service::map_error tells what it means, as it does where a handler throws it
}

/// Answers with `result`, or with the error that it holds.
template <class To, class R>
void give(To& to, R const& result)
{
    if constexpr (result_or_error<R>)
    {
        if (!result.has_value())
            give_error(to, result.error());
        else if constexpr (std::is_void_v<decltype(result.value())>)
            give_nothing(to);
        else
            give(to, *result);
    }
    else if constexpr (error_code_like<R>)
    {
        if (result)
            give_error(to, result);
        else
            give_nothing(to);
    }
    else if constexpr (std::same_as<R, error_object>)
        put_error(to, result);
    else
        put(to, [&](writer& out) { write(out, result); });
}

} // namespace oizys::rpc::detail
