// SPDX-License-Identifier: BSL-1.0
//
// Proves handlers that are coroutines: what they are given lives until they end, what they return or throw is the
// answer, and what becomes of them when their connection, their method or the event loop ends first.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/coroutine.hpp>
#include <oizys/rpc/execution.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/result.hpp>

#include <atomic>
#include <thread>

using namespace oizys;
using namespace oizys::test;
using asio::awaitable;
using asio::use_awaitable;

namespace
{

/// Coroutines wait here until the test lets them go on.
struct barrier
{
    explicit barrier(asio::io_context& io) : timer{io, asio::steady_timer::time_point::max()} {}

    awaitable<void> wait()
    {
        ++waiting;
        error_code cancelled;
        co_await timer.async_wait(asio::redirect_error(use_awaitable, cancelled));
        --waiting;
    }
    void open() { timer.cancel(); }

    asio::steady_timer timer;
    int waiting = 0;
};

struct accumulator
{
    int sum = 0;
    awaitable<int> add(int n)
    {
        co_await asio::post(co_await asio::this_coro::executor, use_awaitable);
        co_return sum += n;
    }
};

} // namespace

TEST_CASE("a coroutine answers with what it returns or throws, and others are served meanwhile")
{
    rpc::service service = plain_service();
    std::optional<barrier> wait;
    service.method("join", {"a", "b"},
                   [&](std::string const& a, std::vector<std::string> b) -> awaitable<std::string> {
                       co_await wait->wait();
                       co_return a + b.at(0);
                   });
    service.method("nothing later", [&]() -> awaitable<void> { co_await wait->wait(); });
    service.method("refuse later", [&](rpc::call_context& call) -> awaitable<int> {
        co_await wait->wait();
        throw rpc::error{static_cast<std::int64_t>(call.method().size()), "no"};
    });
    service.method("result", [&]() -> awaitable<boost::system::result<int>> {
        co_await wait->wait();
        co_return make_error_code(boost::system::errc::io_error);
    });
    service.method("at once", []() -> awaitable<int> { co_return 7; });
    service.method("throws at once", []() -> awaitable<int> {
        throw std::runtime_error{"secret"};
        co_return 0;
    });
    two_peers peers{both_protocols(), {}, service};
    wait.emplace(peers.io);
    call_result<std::string> joined;
    call_result<value> nothing;
    call_result<int> refused, failed, at_once, thrown, added, wrong;
    peers.a.async_call<std::string>(
        "join", std::tuple{std::string(50, 'a'), std::vector{std::string(50, 'b')}}, joined.handler());
    peers.a.async_call("nothing later", std::tuple{}, nothing.handler());
    peers.a.async_call<int>("refuse later", std::tuple{}, refused.handler());
    peers.a.async_call<int>("result", std::tuple{}, failed.handler());
    peers.a.async_call<int>("at once", std::tuple{}, at_once.handler());
    peers.a.async_call<int>("throws at once", std::tuple{}, thrown.handler());
    peers.a.async_call<int>("join", std::tuple{1}, wrong.handler());
    CHECK(!peers.a.notify("nothing later"));
    peers.a.async_call<int>("add", std::tuple{2, 3}, added.handler());
    settle(peers.io);
    CHECK(wait->waiting == 5);
    CHECK(added.answered_with(5));
    CHECK(at_once.answered_with(7));
    CHECK(thrown.answered_with_error(rpc::internal_error));
    CHECK(wrong.answered_with_error(rpc::invalid_params));
    CHECK(joined.count == 0);
    wait->open();
    settle(peers.io);
    CHECK(joined.answered_with(std::string(50, 'a') + std::string(50, 'b')));
    CHECK(nothing.answered_with(value{}));
    CHECK(refused.answered_with_error(12));
    CHECK(failed.answered_with_error(rpc::operation_failed));
    CHECK(wait->waiting == 0);
}

TEST_CASE("a coroutine may call its caller back")
{
    rpc::service callee;
    callee.method("twice", [](rpc::call_context& call, int n) -> awaitable<int> {
        auto caller = call.caller();
        int const once = co_await caller.async_call<int>("add", std::tuple{n, 0}, use_awaitable);
        int const again = co_await caller.async_call<int>("add", std::tuple{once, n}, use_awaitable);
        co_return again;
    });
    two_peers peers{both_protocols(), plain_service(), callee};
    call_result<int> twice;
    peers.a.async_call<int>("twice", std::tuple{21}, twice.handler());
    settle(peers.io);
    CHECK(twice.answered_with(42));
}

TEST_CASE("member functions may be coroutines")
{
    accumulator sum;
    rpc::service service;
    service.method("add", {"n"}, &accumulator::add, &sum);
    two_peers peers{both_protocols(), {}, service};
    call_result<int> first, second;
    peers.a.async_call<int>("add", std::tuple{2}, first.handler());
    peers.a.async_call<int>("add", std::tuple{3}, second.handler());
    settle(peers.io);
    CHECK(first.answered_with(2));
    CHECK(second.answered_with(5));
}

TEST_CASE("a coroutine goes on when its connection or its method is gone, and its answer is dropped")
{
    auto const alive = std::make_shared<int>(7);
    int ended = 0;
    std::optional<barrier> wait;
    rpc::service service;
    service.method("f", [&, alive](rpc::call_context& call) -> awaitable<int> {
        co_await wait->wait();
        CHECK(!call.caller());
        ++ended;
        co_return *alive;
    });
    two_peers peers{both_protocols(), {}, service};
    wait.emplace(peers.io);
    call_result<int> called;
    peers.a.async_call<int>("f", std::tuple{}, called.handler());
    settle(peers.io);
    CHECK(wait->waiting == 1);
    service.remove("f");
    peers.b = {};
    settle(peers.io);
    CHECK(called.failed_with(rpc::errc::connection_lost));
    CHECK(alive.use_count() == 2);
    wait->open();
    settle(peers.io);
    CHECK(ended == 1);
    CHECK(alive.use_count() == 1);
}

TEST_CASE("coroutines that still wait when the event loop is destroyed are destroyed with it")
{
    auto const alive = std::make_shared<int>(7);
    {
        std::optional<barrier> wait;
        rpc::service service;
        service.method("f", [&](std::string) -> awaitable<int> {
            auto const kept = alive;
            co_await wait->wait();
            co_return *kept;
        });
        two_peers peers{both_protocols(), {}, service};
        wait.emplace(peers.io);
        peers.a.async_call<int>("f", std::tuple{"x"}, [](error_code, rpc::outcome<int> const&) {});
        settle(peers.io);
        CHECK(wait->waiting == 1);
        CHECK(alive.use_count() == 2);
        wait.reset();
    }
    CHECK(alive.use_count() == 1);
}

TEST_CASE("so many coroutines run at once, so many wait, and no more")
{
    rpc::execution const few{{.max_running = 2, .max_waiting = 1}};
    std::optional<barrier> wait;
    rpc::service service;
    service.method("f", rpc::on(few, [&](int n) -> awaitable<int> {
                       co_await wait->wait();
                       co_return n;
                   }));
    two_peers peers{both_protocols(), {}, service};
    wait.emplace(peers.io);
    std::vector<call_result<int>> results(4);
    for (int i = 0; i < 4; ++i)
        peers.a.async_call<int>("f", std::tuple{i}, results[static_cast<std::size_t>(i)].handler());
    settle(peers.io);
    CHECK(wait->waiting == 2);
    CHECK(results[3].answered_with_error(rpc::too_many_calls));
    wait->open();
    settle(peers.io);
    CHECK(results[0].answered_with(0));
    CHECK(results[1].answered_with(1));
    CHECK(wait->waiting == 1);
    wait->open();
    settle(peers.io);
    CHECK(results[2].answered_with(2));
    CHECK(few.running() == 0);
}

TEST_CASE("coroutines run on a pool", "[concurrent]")
{
    asio::thread_pool pool{2};
    rpc::execution const blocking{pool.get_executor(), {.max_running = 3}};
    rpc::service service;
    std::atomic<int> here = 0;
    auto const main = std::this_thread::get_id();
    service.method("f", rpc::on(blocking, [&](rpc::call_context& call, int n) -> awaitable<int> {
                       here += std::this_thread::get_id() == main;
                       co_await asio::post(co_await asio::this_coro::executor, use_awaitable);
                       if (n % 2 == 0)
                           throw rpc::error{n, "even"};
                       co_return n + static_cast<int>(call.method().size());
                   }));
    two_peers peers{both_protocols(), {}, service};
    std::vector<call_result<int>> results(40);
    for (int i = 0; i < 40; ++i)
        peers.a.async_call<int>("f", std::tuple{i}, results[static_cast<std::size_t>(i)].handler());
    CHECK(run_until(
        peers.io, [&] { return std::ranges::all_of(results, [](auto const& r) { return r.count == 1; }); }));
    for (int i = 0; i < 40; ++i)
    {
        auto const& r = results[static_cast<std::size_t>(i)];
        INFO(i);
        CHECK((i % 2 == 0 ? r.answered_with_error(i) : r.answered_with(i + 1)));
    }
    CHECK(here == 0);
}
