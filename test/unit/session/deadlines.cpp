// SPDX-License-Identifier: BSL-1.0
//
// What is overdue on a session, with the time in the test's hands.
#include "session_deadlines.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace std::chrono_literals;
using oizys::detail::session_deadlines;
using oizys::detail::session_timeouts;
using verdict = session_deadlines::verdict;

namespace
{

session_deadlines::clock::time_point const start{1000h};

/// Looks whenever it is due, until `end`; returns what was overdue and when.
std::vector<std::pair<session_deadlines::verdict, std::chrono::milliseconds>> run(
    session_deadlines& d, std::chrono::milliseconds end)
{
    std::vector<std::pair<session_deadlines::verdict, std::chrono::milliseconds>> found;
    while (auto const next = d.next())
    {
        if (*next > start + end)
            break;
        for (auto v = d.look(*next); v != verdict::none; v = d.look(*next))
        {
            found.emplace_back(v, std::chrono::duration_cast<std::chrono::milliseconds>(*next - start));
            if (v == verdict::vanished || v == verdict::idle || v == verdict::write)
                return found;
        }
    }
    return found;
}

} // namespace

TEST_CASE("without a bound nothing is ever overdue")
{
    session_deadlines d{{}};
    d.start_idle(start);
    d.start_ping(start);
    d.start_write(start);
    CHECK_FALSE(d.next());
    CHECK(d.look(start + 24h) == verdict::none);
}

TEST_CASE("opening and closing are overdue at their time, once")
{
    session_deadlines d{{}};
    d.start_handshake(start + 5s);
    CHECK(d.next() == start + 5s);
    CHECK(d.look(start + 4999ms) == verdict::none);
    CHECK(d.look(start + 5s) == verdict::handshake);
    CHECK(d.look(start + 6s) == verdict::none);
    d.start_handshake(start + 7s);
    d.end_handshake();
    CHECK_FALSE(d.next());
    d.start_close(start + 8s);
    CHECK(d.look(start + 8s) == verdict::close);
    CHECK_FALSE(d.next());
}

TEST_CASE("a session is idle when nothing was sent or received for the bound, and at most a quarter more")
{
    session_deadlines d{{.idle = 100ms}};
    d.start_idle(start);
    CHECK(run(d, 1s) == decltype(run(d, 1s)){{verdict::idle, 100ms}});

    session_deadlines other{{.idle = 100ms}};
    other.start_idle(start);
    CHECK(run(other, 80ms).empty());
    other.on_message();
    CHECK(run(other, 180ms).empty()); // the message is noticed at 100 ms
    CHECK(run(other, 1s) == decltype(run(d, 1s)){{verdict::idle, 200ms}});

    session_deadlines pinged{{.idle = 100ms}};
    pinged.start_idle(start);
    CHECK(run(pinged, 80ms).empty());
    pinged.on_received(); // a ping is no message
    CHECK(run(pinged, 1s) == decltype(run(d, 1s)){{verdict::idle, 100ms}});
}

TEST_CASE("a write is overdue when nothing could be written for the bound")
{
    session_deadlines d{{.write = 100ms}};
    d.start_write(start);
    CHECK(run(d, 1s) == decltype(run(d, 1s)){{verdict::write, 100ms}});

    session_deadlines slow{{.write = 100ms}};
    slow.start_write(start);
    slow.on_written();
    slow.start_write(start + 50ms); // still waiting: changes nothing
    CHECK(run(slow, 199ms).empty());
    CHECK(run(slow, 1s) == decltype(run(d, 1s)){{verdict::write, 200ms}});

    session_deadlines done{{.write = 100ms}};
    done.start_write(start);
    done.end_write();
    CHECK_FALSE(done.next());
    done.start_write(start + 1s);
    CHECK(done.next() == start + 1100ms);
}

TEST_CASE("who is silent is asked, and has vanished when nothing comes")
{
    session_timeouts const timeouts{.ping_interval = 1000ms, .ping_timeout = 200ms};
    session_deadlines d{timeouts};
    d.start_ping(start);
    CHECK(run(d, 10s) == decltype(run(d, 1s)){{verdict::ping, 1000ms}, {verdict::vanished, 1200ms}});

    session_deadlines answered{timeouts};
    answered.start_ping(start);
    CHECK(run(answered, 1000ms) == decltype(run(d, 1s)){{verdict::ping, 1000ms}});
    answered.on_received(); // a pong, or anything else
    CHECK(run(answered, 2000ms).empty());
    CHECK(run(answered, 10s) == decltype(run(d, 1s)){{verdict::ping, 2050ms}, {verdict::vanished, 2250ms}});

    session_deadlines deaf{timeouts};
    deaf.start_ping(start);
    int pings = 0;
    for (auto at = 50ms; at < 10000ms; at += 50ms)
    {
        deaf.on_deaf(); // it hears nothing, and lets the other end hear something
        for (auto const& [what, when] : run(deaf, at))
        {
            CHECK(what == verdict::ping);
            ++pings;
        }
    }
    CHECK(pings >= 9);

    session_deadlines busy{timeouts};
    busy.start_ping(start);
    for (auto at = 100ms; at < 5000ms; at += 100ms)
    {
        busy.on_received();
        CHECK(run(busy, at).empty());
    }
}
