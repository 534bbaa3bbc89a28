// SPDX-License-Identifier: BSL-1.0
//
// Proves cancellation by Asio's slots: the call completes once with rpc::errc::cancelled, no other call is touched,
// and a cancellation that comes too late does nothing.
#include "rpc_test.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

using namespace oizys;
using namespace oizys::test;
using asio::bind_cancellation_slot;
using asio::cancellation_type;

namespace
{

struct setup
{
    setup()
    {
        service.method("never", [this](rpc::reply<int> r) { kept.push_back(std::move(r)); });
        peers.emplace(both_protocols(), plain_service(), service);
    }

    rpc::service service = plain_service();
    std::vector<rpc::reply<int>> kept;
    std::optional<two_peers> peers;
    asio::cancellation_signal signal;
};

} // namespace

TEST_CASE("a cancelled call completes with errc::cancelled, not within emit(), and a late answer is dropped")
{
    auto const type = GENERATE(cancellation_type::terminal, cancellation_type::partial,
                               cancellation_type::total, cancellation_type::all);
    setup s;
    call_result<int> called, other;
    s.peers->a.async_call<int>("never", std::tuple{},
                               bind_cancellation_slot(s.signal.slot(), called.handler()));
    s.peers->a.async_call<int>("never", std::tuple{}, other.handler());
    settle(s.peers->io);
    s.signal.emit(type);
    CHECK(called.count == 0);
    settle(s.peers->io);
    CHECK(called.failed_with(rpc::errc::cancelled));
    CHECK(other.count == 0);
    for (auto& r : s.kept)
        std::move(r)(5);
    settle(s.peers->io);
    CHECK(called.failed_with(rpc::errc::cancelled));
    CHECK(other.answered_with(5));
}

TEST_CASE("cancelling with the type none does nothing")
{
    setup s;
    call_result<int> called;
    s.peers->a.async_call<int>("add", std::tuple{1, 2},
                               bind_cancellation_slot(s.signal.slot(), called.handler()));
    s.signal.emit(cancellation_type::none);
    settle(s.peers->io);
    CHECK(called.answered_with(3));
}

TEST_CASE("a call may be cancelled twice, before it was written, and completes once")
{
    setup s;
    call_result<int> called;
    s.peers->a.async_call<int>("add", std::tuple{1, 2},
                               bind_cancellation_slot(s.signal.slot(), called.handler()));
    s.signal.emit(cancellation_type::terminal);
    s.signal.emit(cancellation_type::terminal);
    settle(s.peers->io);
    CHECK(called.failed_with(rpc::errc::cancelled));
}

TEST_CASE("cancelling after the call has completed does nothing to the calls that came after it")
{
    setup s;
    call_result<int> called, next;
    s.peers->a.async_call<int>("add", std::tuple{1, 2},
                               bind_cancellation_slot(s.signal.slot(), called.handler()));
    settle(s.peers->io);
    CHECK(called.answered_with(3));
    CHECK(!s.signal.slot().has_handler());
    s.peers->a.async_call<int>("never", std::tuple{}, next.handler());
    s.signal.emit(cancellation_type::terminal);
    settle(s.peers->io);
    CHECK(called.count == 1);
    CHECK(next.count == 0);
}

TEST_CASE("cancelling a call that was never sent does nothing to another call")
{
    rpc::service service;
    std::vector<rpc::reply<int>> kept;
    service.method("never", [&](rpc::reply<int> r) { kept.push_back(std::move(r)); });
    two_peers peers{rpc::protocol::json, {}, service, {.max_pending_calls = 1}};
    asio::cancellation_signal signal;
    call_result<int> waiting, refused;
    peers.a.async_call<int>("never", std::tuple{}, waiting.handler());
    peers.a.async_call<int>("never", std::tuple{}, bind_cancellation_slot(signal.slot(), refused.handler()));
    signal.emit(cancellation_type::terminal);
    settle(peers.io);
    CHECK(refused.failed_with(rpc::errc::too_many_pending));
    CHECK(waiting.count == 0);
}

TEST_CASE("a slot may be used again for the next call")
{
    setup s;
    for (int i = 0; i < 3; ++i)
    {
        call_result<int> called;
        s.peers->a.async_call<int>("never", std::tuple{},
                                   bind_cancellation_slot(s.signal.slot(), called.handler()));
        settle(s.peers->io);
        s.signal.emit(cancellation_type::terminal);
        settle(s.peers->io);
        CHECK(called.failed_with(rpc::errc::cancelled));
    }
}

TEST_CASE("cancelling when the peer is gone does nothing")
{
    setup s;
    call_result<int> called;
    s.peers->a.async_call<int>("never", std::tuple{},
                               bind_cancellation_slot(s.signal.slot(), called.handler()));
    s.peers->a = {};
    s.signal.emit(cancellation_type::terminal);
    settle(s.peers->io);
    CHECK(called.failed_with(rpc::errc::cancelled));
    s.signal.emit(cancellation_type::terminal);
    settle(s.peers->io);
    CHECK(called.count == 1);
}

TEST_CASE("a completion handler may cancel other calls")
{
    setup s;
    call_result<int> other;
    s.peers->a.async_call<int>("never", std::tuple{},
                               bind_cancellation_slot(s.signal.slot(), other.handler()));
    s.peers->a.async_call<int>("add", std::tuple{1, 2}, [&](error_code, rpc::outcome<int>) {
        s.signal.emit(cancellation_type::terminal);
    });
    settle(s.peers->io);
    CHECK(other.failed_with(rpc::errc::cancelled));
}

TEST_CASE("a coroutine waits for an answer or for something else, and the call that lost is cancelled")
{
    using namespace asio::experimental::awaitable_operators;
    setup s;
    bool done = false;
    asio::co_spawn(
        s.peers->io,
        [&]() -> asio::awaitable<void> {
            asio::steady_timer now{s.peers->io, std::chrono::milliseconds{1}};
            auto const first =
                co_await (s.peers->a.async_call<int>("never", std::tuple{}, asio::use_awaitable) ||
                          now.async_wait(asio::use_awaitable));
            CHECK(first.index() == 1);
            CHECK(s.peers->a.pending_calls() == 0);
            asio::steady_timer later{s.peers->io, std::chrono::hours{1}};
            auto const second =
                co_await (s.peers->a.async_call<int>("add", std::tuple{1, 2}, asio::use_awaitable) ||
                          later.async_wait(asio::use_awaitable));
            REQUIRE(second.index() == 0);
            CHECK(*std::get<0>(second) == 3);
            done = true;
        },
        [](std::exception_ptr e) { CHECK(!e); });
    CHECK(run_until(s.peers->io, [&] { return done; }));
}
