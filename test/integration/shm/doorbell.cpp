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

unique_fd make_bell()
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
        rope = unique_fd{::dup(bell.get())};
        error_code ec;
        waiter.open(std::move(bell), ec);
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
        s.waiter.open(make_bell(), ec);
        s.waiter.async_wait([token](error_code) {});
        CHECK(token.use_count() == 2);
    }
    CHECK(token.use_count() == 1);
}

TEST_CASE("a doorbell that was filled and made blocking is rung without blocking")
{
    auto const bell = make_bell();
    std::uint64_t const all = ~0ull - 2; // with the 1 that is there, as much as goes in
    REQUIRE(::write(bell.get(), &all, sizeof all) == sizeof all);
    REQUIRE(::fcntl(bell.get(), F_SETFL, 0) == 0);
    ring_doorbell(bell.get()); // or the test ends at its time limit
    CHECK(is_doorbell(bell.get()));
}
