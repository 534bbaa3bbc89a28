// SPDX-License-Identifier: BSL-1.0
//
// Runs a handler when its call's message is gone already, and answers with what becomes of it.
#pragma once

#include <oizys/rpc/handler.hpp>

#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace oizys::rpc::detail
{

/// Whether a T is, or has among its template arguments, a view into the message.
template <class T>
inline constexpr bool refers_to_message = false;
template <>
inline constexpr bool refers_to_message<std::string_view> = true;
template <template <class...> class Template, class... T>
inline constexpr bool refers_to_message<Template<T...>> = (refers_to_message<T> || ...);

/// Runs a handler whose result comes later, on the connection's executor.
template <class F>
void start_later(std::shared_ptr<F> const& function, invocation& call, method_entry const& method)
{
    using arguments = typename handler<F>::arguments;
    static_assert(!refers_to_message<arguments>,
                  "a handler that runs later cannot have views as parameters: take a std::string");
    argument_values<arguments> given;
    if (!given.read(call, method))
        return;
    auto answer = call.defer_with_arguments();
    auto const& own = answer.executor();
    later_result<typename handler<F>::result>::start(own, function, std::move(given), std::move(answer),
                                                     nullptr);
}

/// Runs a handler of the kind `Handler` that answers by returning or through its reply.
template <class Handler, class F>
void run_now(F& function, argument_values<typename Handler::arguments>& given, deferred_answer answer,
             std::shared_ptr<void> slot)
{
    auto& context = answer.context();
    try
    {
        if constexpr (Handler::traits::wants_reply)
        {
            answer.keep(std::move(slot));
            Handler::run(function, given, context, typename Handler::traits::reply_type{answer.twin()});
        }
        else if constexpr (std::is_void_v<typename Handler::result>)
        {
            Handler::run(function, given, context);
            give_nothing(answer);
        }
        else if constexpr (requires { typename Handler::result::answers_later; })
            Handler::run(function, given, context).answer(answer.twin());
        else
        {
            auto const& result = Handler::run(function, given, context);
            give(answer, result);
        }
    }
    catch (...)
    {
        answer.fail(std::current_exception());
    }
}

} // namespace oizys::rpc::detail
