// SPDX-License-Identifier: BSL-1.0
//
// When a server that nobody uses may end, with a clock of the test's own.
#include "core/idle_exit.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <optional>
#include <random>

using oizys::rpc::detail::idle_exit;
using namespace std::chrono_literals;

namespace
{

constexpr idle_exit::clock::time_point at(std::chrono::seconds s) { return idle_exit::clock::time_point{s}; }

} // namespace

TEST_CASE("a server ends when nobody came for as long as was said")
{
    idle_exit idle{10s};
    idle.on_listening(at(5s));
    CHECK(idle.deadline() == at(15s));
    CHECK(!idle.on_deadline(at(14s)));
    CHECK(!idle.is_stopping());
    CHECK(idle.on_deadline(at(15s)));
    CHECK(idle.is_stopping());
    CHECK(!idle.deadline());
    CHECK(idle.on_stopped(at(15s)));
}

TEST_CASE("a server never ends if it is not to")
{
    idle_exit idle{0s};
    idle.on_listening(at(0s));
    CHECK(!idle.deadline());
    CHECK(!idle.on_deadline(at(1000000s)));
    CHECK(!idle.on_stopped(at(1000000s)));
}

TEST_CASE("a server stays as long as somebody is connected, and counts anew when the last one goes")
{
    idle_exit idle{10s};
    idle.on_listening(at(0s));
    idle.on_connected();
    idle.on_connected();
    CHECK(!idle.deadline());
    CHECK(!idle.on_deadline(at(100s)));
    idle.on_disconnected(at(100s));
    CHECK(!idle.on_deadline(at(200s)));
    idle.on_disconnected(at(200s));
    CHECK(idle.deadline() == at(210s));
    CHECK(!idle.on_deadline(at(209s)));
    CHECK(idle.on_deadline(at(210s)));
}

TEST_CASE("who was accepted while accepting stopped is served, and the server goes on")
{
    idle_exit idle{10s};
    idle.on_listening(at(0s));
    REQUIRE(idle.on_deadline(at(10s)));
    idle.on_connected();
    SECTION("and is still there")
    {
        CHECK(!idle.on_stopped(at(10s)));
        CHECK(!idle.deadline());
        idle.on_disconnected(at(12s));
        CHECK(idle.deadline() == at(22s));
    }
    SECTION("and has gone since")
    {
        idle.on_disconnected(at(11s));
        CHECK(!idle.on_stopped(at(11s)));
        CHECK(idle.deadline() == at(21s));
    }
    CHECK(!idle.is_stopping());
    CHECK(idle.on_deadline(at(22s)));
    CHECK(idle.on_stopped(at(22s)));
}

TEST_CASE("a new listener puts the end off")
{
    idle_exit idle{10s};
    idle.on_listening(at(0s));
    SECTION("before the deadline")
    {
        idle.on_listening(at(9s));
        CHECK(!idle.on_deadline(at(10s)));
    }
    SECTION("while accepting stops")
    {
        CHECK(idle.on_deadline(at(10s)));
        idle.on_listening(at(10s));
        CHECK(!idle.on_stopped(at(10s)));
    }
    CHECK(idle.deadline().value() > at(18s));
}

TEST_CASE("in any order of events, a server ends only when nobody was there for the whole time")
{
    std::mt19937 random{GENERATE(range(1u, 50u))};
    idle_exit idle{5s};
    auto now = 0s;
    auto busy_until = now; // somebody was there, or it was not listening yet
    int connections = 0;
    bool stopping = false;
    idle.on_listening(at(now));
    for (int i = 0; i < 1000; ++i)
    {
        now += std::chrono::seconds{random() % 3};
        switch (random() % 4)
        {
        case 0:
            ++connections;
            idle.on_connected();
            break;
        case 1:
            if (connections == 0)
                break;
            --connections;
            busy_until = now;
            idle.on_disconnected(at(now));
            break;
        case 2:
            if (!stopping)
            {
                bool const is_due = connections == 0 && now >= busy_until + 5s;
                CHECK(idle.deadline() ==
                      (connections == 0 ? std::optional{at(busy_until + 5s)} : std::nullopt));
                stopping = idle.on_deadline(at(now));
                CHECK(stopping == is_due);
            }
            break;
        case 3:
            if (!stopping)
                break;
            stopping = false;
            CHECK(idle.on_stopped(at(now)) == (connections == 0 && now >= busy_until + 5s));
            break;
        }
        CHECK(idle.is_stopping() == stopping);
    }
}
