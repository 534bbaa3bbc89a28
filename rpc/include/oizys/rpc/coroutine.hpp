// SPDX-License-Identifier: BSL-1.0
//
// Handlers that are coroutines: include this where they are registered.
// @code
// service.method("sleep", [](std::uint32_t ms) -> boost::asio::awaitable<void> { ... co_await ...; });
// @endcode
// A coroutine runs on its connection's executor, or where `on` says. Its parameters live until it ends, also those that
// it takes by reference, and so does its call_context&.
#pragma once

#include <oizys/rpc/deferred_call.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace oizys::rpc::detail
{

template <class T>
struct later_result<boost::asio::awaitable<T, boost::asio::any_io_executor>>
{
    static constexpr bool is_one = true;

    template <class F, class Arguments>
    static void start(boost::asio::any_io_executor const& here, std::shared_ptr<F> f, Arguments given,
                      deferred_answer answer, std::shared_ptr<void> slot)
    {
        static_assert(!handler<F>::traits::wants_reply, "a coroutine answers with what it returns");
        boost::asio::co_spawn(here, run(std::move(f), std::move(given), std::move(answer), std::move(slot)),
                              boost::asio::detached);
    }

private:
    /// Its frame keeps the function, the arguments and the slot.
    template <class F, class Arguments>
    static boost::asio::awaitable<void> run(std::shared_ptr<F> f, Arguments given, deferred_answer answer,
                                            std::shared_ptr<void> slot)
    {
        try
        {
            auto& context = answer.context();
            if constexpr (std::is_void_v<T>)
            {
                co_await handler<F>::run(*f, given, context);
                give_nothing(answer);
            }
            else
            {
                T const result = co_await handler<F>::run(*f, given, context);
                give(answer, result);
            }
        }
        catch (...)
        {
            answer.fail(std::current_exception());
        }
        slot.reset();
    }
};

} // namespace oizys::rpc::detail
