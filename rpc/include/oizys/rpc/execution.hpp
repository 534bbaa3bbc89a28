// SPDX-License-Identifier: BSL-1.0
//
// Handlers that run elsewhere than on their connection's executor, or not too many at once.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function.hpp>
#include <oizys/rpc/deferred_call.hpp>
#include <oizys/rpc/handler.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace oizys::rpc
{

/// Bounds of an execution, over all its handlers and all connections.
struct execution_limits
{
    std::size_t max_running = 16; ///< handlers that have begun and have not answered; at least 1
    /// Calls that wait for one of those to answer. Calls beyond are answered with too_many_calls, notifications are
    /// dropped.
    std::size_t max_waiting = 1024;
};

/// Where handlers run, and how many at once; see `on`. Copies refer to the same.
///
/// @par Thread safety  all functions may be called from any thread.
/// @par Lifetime       the executor's context outlives all copies and the services that use one.
class OIZYS_API execution
{
public:
    /// On `executor`, perhaps that of a boost::asio::thread_pool. With more than one thread, handlers run at the same time.
    explicit execution(boost::asio::any_io_executor executor, execution_limits limits = {});
    /// On the executor of the connection that calls: for handlers that answer later.
    explicit execution(execution_limits limits);

    std::size_t running() const;
    std::size_t waiting() const;

    /// For `on`: has `call` run on this executor, or on `own` if there is none; that is not used any more when
    /// `connection` has expired. The call holds what it is given as long as it runs.
    /// @throws rpc::error  too_many_calls
    void run(boost::asio::any_io_executor const& own, std::weak_ptr<void> connection,
             unique_function<void(boost::asio::any_io_executor const&, std::shared_ptr<void>)> call) const;

private:
    class impl;

    std::shared_ptr<impl> impl_;
};

namespace detail
{

template <class F>
struct executed
{
    execution where;
    F function;
};

} // namespace detail

/// A handler that runs as `where` says: its arguments are decoded on the connection's executor, which goes on with other
/// calls, and its result is sent there.
///
/// Its parameters must own what they hold, and so must its results. A call whose connection ends before its turn comes
/// is not served; a notification is.
/// @code
/// boost::asio::thread_pool pool{4};
/// rpc::execution blocking{pool.get_executor(), {.max_running = 4, .max_waiting = 256}};
/// service.method("hash", rpc::on(blocking, [](std::string const& file) { ... }));
/// @endcode
template <class F>
detail::executed<std::decay_t<F>> on(execution where, F&& function)
{
    return {std::move(where), std::forward<F>(function)};
}

namespace detail
{

template <class F>
struct handler<executed<F>>
{
    using inner = handler<F>;
    using traits = typename inner::traits;
    using arguments = typename inner::arguments;
    using result = typename inner::result;
    using executor = boost::asio::any_io_executor;

    static_assert(!refers_to_message<arguments>,
                  "a handler that runs later cannot have views as parameters: take a std::string");

    static auto make(executed<F> what)
    {
        return [where = std::move(what.where), f = std::make_shared<F>(std::move(what.function))](
                   invocation& call, method_entry const& method) {
            argument_values<arguments> given;
            if (!given.read(call, method))
                return;
            auto answer = call.defer_with_arguments();
            auto const own = answer.executor();
            auto connection = answer.connection();
            where.run(own, std::move(connection),
                      [f, given = std::move(given),
                       answer = std::move(answer)](executor const& here, std::shared_ptr<void> slot) mutable {
                          if (!answer.is_moot())
                              start(here, std::move(f), std::move(given), std::move(answer), std::move(slot));
                      });
        };
    }

private:
    static void start(executor const& here, std::shared_ptr<F> f, argument_values<arguments> given,
                      deferred_answer answer, std::shared_ptr<void> slot)
    {
        if constexpr (later_result<result>::is_one)
            later_result<result>::start(here, std::move(f), std::move(given), std::move(answer),
                                        std::move(slot));
        else
            run_now<inner>(*f, given, std::move(answer), std::move(slot));
    }
};

} // namespace detail
} // namespace oizys::rpc
