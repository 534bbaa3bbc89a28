// SPDX-License-Identifier: BSL-1.0
//
// Proves async_call and async_connect with every kind of completion token, that a handler runs on its own
// executor, and that tokens which start later keep what they need of their arguments.
#include "rpc_test.hpp"

#include "support/temp_dir.hpp"

#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/server.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <thread>

using namespace oizys;
using namespace oizys::test;

namespace
{

std::string long_text(char c) { return std::string(100, c); } // too long to live within a string

} // namespace

TEST_CASE("a callback may be a function that is only moved")
{
    two_peers peers{both_protocols()};
    auto owned = std::make_unique<int>(0);
    auto* const seen = owned.get();
    std::unique_ptr<int> kept;
    peers.a.async_call<int>("add", std::tuple{2, 3},
                            [&kept, own = std::move(owned)](error_code ec, rpc::outcome<int> sum) mutable {
                                CHECK(!ec);
                                *own = *sum;
                                kept = std::move(own);
                            });
    settle(peers.io);
    CHECK(*seen == 5);
}

TEST_CASE("use_future gives the outcome, or throws what went wrong")
{
    two_peers peers{both_protocols()};
    auto sum = peers.a.async_call<int>("add", std::tuple{2, 3}, asio::use_future);
    auto refused = peers.a.async_call<int>("refuse", std::tuple{}, asio::use_future);
    auto wrong = peers.a.async_call<std::string>("add", std::tuple{2, 3}, asio::use_future);
    settle(peers.io);
    int const five = sum.get();
    CHECK(five == 5);
    CHECK(refused.get().error().code == 17);
    CHECK_THROWS_AS(wrong.get(), boost::system::system_error);
}

TEST_CASE("a future is waited for while another thread runs the loop", "[concurrent]")
{
    two_peers peers{both_protocols()};
    auto sum = peers.a.async_call<int>("add", std::tuple{2, 3}, asio::use_future);
    std::thread loop{[&] { peers.io.run(); }};
    CHECK(*sum.get() == 5);
    asio::post(peers.io, [&] { peers.a.close(); });
    loop.join();
}

TEST_CASE("use_awaitable gives the outcome, and throws what went wrong")
{
    two_peers peers{both_protocols()};
    bool done = false;
    asio::co_spawn(
        peers.io,
        [&]() -> asio::awaitable<void> {
            int const sum = co_await peers.a.async_call<int>("add", std::tuple{2, 3}, asio::use_awaitable);
            CHECK(sum == 5);
            auto const refused =
                co_await peers.a.async_call<int>("refuse", std::tuple{}, asio::use_awaitable);
            CHECK(refused.error().code == 17);
            CHECK_THROWS_AS(refused.value(), rpc::error);
            error_code why;
            try
            {
                static_cast<void>(co_await peers.a.async_call<int>("echo", 5, asio::use_awaitable));
            }
            catch (boost::system::system_error const& e)
            {
                why = e.code();
            }
            CHECK(why == rpc::errc::bad_arguments);
            done = true;
        },
        [](std::exception_ptr e) { CHECK(!e); });
    settle(peers.io);
    CHECK(done);
}

TEST_CASE("an awaitable that is started later has its own copy of the method and the arguments")
{
    two_peers peers{both_protocols()};
    bool done = false;
    asio::co_spawn(
        peers.io,
        [&]() -> asio::awaitable<void> {
            auto text = std::make_unique<std::string>(long_text('x'));
            auto method = std::make_unique<std::string>("echo");
            auto call = peers.a.async_call<std::string>(*method, std::tuple{*text}, asio::use_awaitable);
            auto unused =
                peers.a.async_call<std::string>(long_text('m'), std::tuple{*text}, asio::use_awaitable);
            *method = "nope";
            text.reset();
            method.reset();
            std::string const answer = co_await std::move(call);
            CHECK(answer == long_text('x'));
            CHECK(peers.a.pending_calls() == 0); // what nobody awaited was never sent
            done = true;
        },
        [](std::exception_ptr e) { CHECK(!e); });
    settle(peers.io);
    CHECK(done);
}

TEST_CASE(
    "a deferred call has its own copy of the method and the arguments, and can outlive the peer's handle")
{
    two_peers peers{both_protocols()};
    auto call = [&] {
        auto const text = long_text('x');
        auto const method = "ec" + std::string{"ho"};
        rpc::peer copy = peers.a;
        return copy.async_call<std::string>(method,
                                            std::tuple{
                                                text,
                                            },
                                            asio::deferred);
    }();
    auto long_name =
        peers.a.async_call<int>(long_text('m'), std::map<std::string, std::string>{}, asio::deferred);
    CHECK(peers.a.pending_calls() == 0);
    call_result<std::string> first;
    std::move(call)(first.handler());
    CHECK(peers.a.pending_calls() == 1);
    settle(peers.io);
    CHECK(first.answered_with(long_text('x')));
    static_cast<void>(long_name);
}

TEST_CASE("a stackful coroutine waits with yield, and is given the error code if it asks for it")
{
    two_peers peers{both_protocols()};
    bool done = false;
    asio::spawn(
        peers.io,
        [&](asio::yield_context yield) {
            int const sum = peers.a.async_call<int>("add", std::tuple{2, 3}, yield);
            CHECK(sum == 5);
            error_code ec;
            static_cast<void>(peers.a.async_call<std::string>("add", std::tuple{2, 3}, yield[ec]));
            CHECK(ec == rpc::errc::bad_result);
            done = true;
        },
        [](std::exception_ptr e) { CHECK(!e); });
    settle(peers.io);
    CHECK(done);
}

TEST_CASE("detached does not care")
{
    int updates = 0;
    rpc::service service;
    service.method("update", [&] { ++updates; });
    two_peers peers{both_protocols(), {}, service};
    peers.a.async_call("update", std::tuple{}, asio::detached);
    settle(peers.io);
    CHECK(updates == 1);
}

TEST_CASE("a handler that is bound to another context runs there, which has work until then")
{
    two_peers peers{both_protocols()};
    asio::io_context elsewhere;
    bool called = false;
    peers.a.async_call<int>("add", std::tuple{2, 3},
                            asio::bind_executor(elsewhere, [&](error_code ec, rpc::outcome<int> sum) {
                                CHECK(!ec);
                                CHECK(*sum == 5);
                                CHECK(elsewhere.get_executor().running_in_this_thread());
                                called = true;
                            }));
    elsewhere.poll();
    CHECK(!elsewhere.stopped());
    settle(peers.io);
    CHECK(!called);
    elsewhere.run();
    CHECK(called);
}

TEST_CASE("a handler that is bound to another context is told there also that the call was not sent")
{
    two_peers peers{both_protocols()};
    peers.a.close();
    asio::io_context elsewhere;
    call_result<int> called;
    peers.a.async_call<int>("add", std::tuple{2, 3}, asio::bind_executor(elsewhere, called.handler()));
    settle(peers.io);
    CHECK(called.count == 0);
    elsewhere.run();
    CHECK(called.failed_with(rpc::errc::not_sent));
}

TEST_CASE("a handler that is bound to a strand runs on the strand")
{
    two_peers peers{both_protocols()};
    auto const strand = asio::make_strand(peers.io);
    bool called = false;
    peers.a.async_call<int>("add", std::tuple{2, 3},
                            asio::bind_executor(strand, [&](error_code, rpc::outcome<int>) {
                                CHECK(strand.running_in_this_thread());
                                called = true;
                            }));
    settle(peers.io);
    CHECK(called);
}

TEST_CASE("a handler that is bound to the peer's own executor runs at once when the answer is there")
{
    two_peers peers{both_protocols()};
    texts order;
    peers.a.async_call<int>("add", std::tuple{2, 3},
                            asio::bind_executor(peers.io.get_executor(), [&](error_code, rpc::outcome<int>) {
                                order.emplace_back("bound");
                            }));
    peers.a.async_call<int>("add", std::tuple{2, 3},
                            [&](error_code, rpc::outcome<int>) { order.emplace_back("plain"); });
    settle(peers.io);
    CHECK(order == texts{"bound", "plain"});
}

TEST_CASE("handlers run in the threads of a pool while the peer's loop goes on", "[concurrent]")
{
    two_peers peers{both_protocols()};
    asio::thread_pool pool{2};
    std::atomic<int> sum = 0;
    for (int i = 0; i < 100; ++i)
        peers.a.async_call<int>(
            "add", std::tuple{i, 1},
            asio::bind_executor(pool, [&](error_code, rpc::outcome<int> n) { sum += *n; }));
    settle(peers.io);
    pool.join();
    CHECK(sum == 99 * 100 / 2 + 100);
}

TEST_CASE("async_connect takes every token too")
{
    temp_dir dir;
    asio::io_context io;
    rpc::server server{io.get_executor(), plain_service()};
    auto const where = server.listen(dir.endpoint());
    std::vector<rpc::peer> connected;

    rpc::async_connect(io.get_executor(), where, [&](error_code ec, rpc::peer p) {
        CHECK(!ec);
        connected.push_back(std::move(p));
    });
    CHECK(connected.empty());
    REQUIRE(run_until(io, [&] { return connected.size() == 1; }));

    auto future = rpc::async_connect(io.get_executor(), where, asio::use_future);
    REQUIRE(
        run_until(io, [&] { return future.wait_for(std::chrono::seconds{0}) == std::future_status::ready; }));
    connected.push_back(future.get());

    auto later = [&] {
        rpc::service const served = plain_service();
        return rpc::async_connect(io.get_executor(), endpoint{dir.endpoint()}, served, {}, asio::deferred);
    }();
    std::move(later)([&](error_code ec, rpc::peer p) {
        CHECK(!ec);
        connected.push_back(std::move(p));
    });
    asio::spawn(
        io,
        [&](asio::yield_context yield) {
            connected.push_back(rpc::async_connect(io.get_executor(), where, yield));
        },
        asio::detached);
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            auto p = co_await rpc::async_connect(io.get_executor(), where, rpc::client_options{},
                                                 asio::use_awaitable);
            int const sum = co_await p.async_call<int>("add", std::tuple{2, 3}, asio::use_awaitable);
            CHECK(sum == 5);
            connected.push_back(std::move(p));
        },
        asio::detached);
    CHECK(run_until(io, [&] { return connected.size() == 5; }));
    for (auto const& p : connected)
        CHECK(p.is_open());
}

TEST_CASE("async_connect to nobody completes with the system's error and no peer")
{
    temp_dir dir;
    asio::io_context io;
    int count = 0;
    rpc::async_connect(io.get_executor(), endpoint{dir.endpoint()}, [&](error_code ec, rpc::peer const& p) {
        CHECK(ec == boost::system::errc::no_such_file_or_directory);
        CHECK(!p);
        ++count;
    });
    CHECK(count == 0);
    CHECK(run_until(io, [&] { return count == 1; }));
}

TEST_CASE("the completion handler of async_connect runs on its own executor")
{
    temp_dir dir;
    asio::io_context io, elsewhere;
    rpc::server server{io.get_executor(), plain_service()};
    auto const where = server.listen(dir.endpoint());
    rpc::peer connected;
    rpc::async_connect(io.get_executor(), where,
                       asio::bind_executor(elsewhere, [&](error_code ec, rpc::peer p) {
                           CHECK(!ec);
                           CHECK(elsewhere.get_executor().running_in_this_thread());
                           connected = std::move(p);
                       }));
    REQUIRE(run_until(io, [&] { return server.peers().size() == 1; }));
    REQUIRE(run_until(elsewhere, [&] {
        io.poll_one();
        return static_cast<bool>(connected);
    }));
}
