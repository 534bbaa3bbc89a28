// SPDX-License-Identifier: BSL-1.0
//
// Proves that a doorbell wakes who waits for it, in both ways of waiting, and that no process that shares it
// can make ringing or waiting block.
#include "shm_test.hpp"

#include "bell_waiter.hpp"
#include "doorbell.hpp"

#include <fcntl.h>

namespace
{

using namespace oizys::test;
using namespace oizys::detail;
using oizys::unique_fd;

#if OIZYS_HAS_REACTOR_BELL_WAITER
using other_waiter = reactor_bell_waiter;
#else
using other_waiter = epoll_bell_waiter;
#endif

doorbell make_bell()
{
    error_code ec;
    auto bell = make_doorbell(ec);
    REQUIRE(!ec);
    return bell;
}

/// Counts how often it was woken.
template <class Waiter>
struct sleeper
{
    explicit sleeper(asio::io_context& context) : io{context}, waiter{context.get_executor()}
    {
        auto bell = make_bell();
        rope = std::move(bell.rope);
        other_ear = unique_fd{::dup(bell.ear.get())};
        error_code ec;
        waiter.open(std::move(bell.ear), ec);
        REQUIRE(!ec);
        do // the first waits may complete without a ring
        {
            woken = 0;
            wait();
            settle(io);
        } while (woken != 0 && ++for_nothing < 5);
        REQUIRE(woken == 0);
    }

    void wait()
    {
        waiter.async_wait([this](error_code ec) {
            ++woken;
            last = ec;
        });
    }

    asio::io_context& io;
    Waiter waiter;
    unique_fd rope;
    unique_fd other_ear; ///< as another process may have one
    int woken = 0;
    int for_nothing = 0;
    error_code last;
};

} // namespace

TEMPLATE_TEST_CASE("a doorbell wakes each time, though it is never read", "", epoll_bell_waiter, other_waiter)
{
    asio::io_context io;
    sleeper<TestType> s{io};
    for (int i = 1; i <= 10; ++i)
    {
        ring_doorbell(s.rope.get());
        ring_doorbell(s.rope.get());
        REQUIRE(run_until(io, [&] { return s.woken == i; }));
        CHECK(!s.last);
        s.wait();
        settle(io);
        CHECK(s.woken == i);
    }
}

TEMPLATE_TEST_CASE("a ring while nobody waits is heard by who waits next", "", epoll_bell_waiter,
                   other_waiter)
{
    asio::io_context io;
    sleeper<TestType> s{io};
    ring_doorbell(s.rope.get());
    REQUIRE(run_until(io, [&] { return s.woken == 1; }));
    ring_doorbell(s.rope.get());
    settle(io);
    s.wait();
    CHECK(s.woken == 1); // never within async_wait
    REQUIRE(run_until(io, [&] { return s.woken == 2; }));
}

TEMPLATE_TEST_CASE("closing ends a wait, though another process still has the doorbell", "",
                   epoll_bell_waiter, other_waiter)
{
    asio::io_context io;
    sleeper<TestType> s{io};
    s.waiter.close();
    CHECK(s.woken == 0);
    settle(io);
    CHECK(s.woken == 1);
    CHECK(s.last == asio::error::operation_aborted);
    ring_doorbell(s.rope.get());
    settle(io);
    CHECK(s.woken == 1);
}

TEMPLATE_TEST_CASE("a wait that is pending when its loop goes is destroyed", "", epoll_bell_waiter,
                   other_waiter)
{
    auto const token = std::make_shared<int>();
    {
        asio::io_context io;
        sleeper<TestType> s{io};
        s.waiter.close();
        settle(io);
        error_code ec;
        auto bell = make_bell();
        s.waiter.open(std::move(bell.ear), ec);
        s.waiter.async_wait([token](error_code) {});
        CHECK(token.use_count() == 2);
    }
    CHECK(token.use_count() == 1);
}

TEMPLATE_TEST_CASE(
    "a doorbell whose sockets are blocking, full, shut down or read from is rung without blocking", "",
    epoll_bell_waiter, other_waiter)
{
    asio::io_context io;
    sleeper<TestType> s{io};
    int const ear = s.other_ear.get();
    int const rope = s.rope.get();
    char room[100] = {};
    REQUIRE(::send(ear, room, 1, MSG_DONTWAIT) == 1); // before anything is shut down
    while (::send(ear, room, sizeof room, MSG_DONTWAIT) > 0) {}
    for (int const fd : {ear, rope})
        REQUIRE(::fcntl(fd, F_SETFL, 0) == 0);
    auto const wakes = [&](auto act) {
        auto const before = s.woken;
        act();
        bool const woke = run_until(io, [&] { return s.woken != before; });
        s.wait();
        settle(io);
        return woke;
    };
    auto const ring = [&] { ring_doorbell(rope); }; // or the test ends at its time limit
    CHECK(wakes(ring));
    CHECK(wakes(ring));
    CHECK(::recv(ear, room, sizeof room, MSG_DONTWAIT) == 0);
    CHECK(wakes(ring));
    CHECK(wakes([&] { ::shutdown(ear, SHUT_RDWR); }));
    CHECK(wakes(ring));
    CHECK(wakes([&] { ::shutdown(rope, SHUT_RDWR); }));
    CHECK(wakes(ring));
    CHECK(is_doorbell(rope));
    CHECK(is_doorbell(ear));
}

TEST_CASE("a wait that was over when its waiter was closed does not use what is closed")
{
    asio::io_context io;
    sleeper<epoll_bell_waiter> first{io};
    sleeper<epoll_bell_waiter> second{io};
    first.waiter.close();
    second.waiter.close();
    settle(io);
    std::vector<error_code> ends;
    error_code ec;
    doorbell bells[] = {make_bell(), make_bell()};
    first.waiter.open(std::move(bells[0].ear), ec);
    second.waiter.open(std::move(bells[1].ear), ec);
    ring_doorbell(bells[0].rope.get());
    ring_doorbell(bells[1].rope.get());
    first.waiter.async_wait([&](error_code end) {
        ends.push_back(end);
        second.waiter.close();
    });
    second.waiter.async_wait([&](error_code end) {
        ends.push_back(end);
        first.waiter.close();
    });
    REQUIRE(run_until(io, [&] { return ends.size() == 2; }));
    CHECK(ends == std::vector<error_code>{{}, asio::error::operation_aborted});
}

TEST_CASE("ringing a doorbell whose other end is gone, or which is none, does nothing")
{
    auto bell = make_bell();
    bell.ear = {};
    ring_doorbell(bell.rope.get());
    unique_fd const file{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    ring_doorbell(file.get());
    ring_doorbell(-1);
    CHECK(!is_doorbell(file.get()));
    CHECK(!is_doorbell(-1));
}
