// SPDX-License-Identifier: BSL-1.0
//
// What a connection beyond max_sessions_per_uid is told: the reason, if it speaks the negotiated mode, and within
// bounds of time and number.
#include <oizys/connect.hpp>
#include <oizys/error.hpp>

#include "access.hpp"

#include <boost/asio/error.hpp>

#include <poll.h>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace
{

// A listener with one place, which is taken.
struct crowded : reception
{
    unique_fd first;

    void open_full(listener_options options = {})
    {
        options.session.negotiation.enabled = true;
        options.max_sessions_per_uid = 1;
        open(options);
        first = raw_connect(where());
        REQUIRE(wait_for_sessions(1));
    }

    // All that the listener sends before it closes.
    std::string answer(unique_fd const& client)
    {
        std::string received;
        REQUIRE(run_until(io, [&] {
            char room[64];
            auto const n = ::recv(client.get(), room, sizeof room, MSG_DONTWAIT);
            if (n > 0)
                received.append(room, static_cast<std::size_t>(n));
            return n == 0 || (n < 0 && errno != EAGAIN);
        }));
        return received;
    }
};

void say(unique_fd const& client, std::string const& bytes)
{
    REQUIRE(::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
}

constexpr auto for_ever = 1h;

} // namespace

TEST_CASE_METHOD(crowded, "a hello that comes when there are too many sessions is answered with that")
{
    auto const kind = GENERATE(framing::header24, framing::detect);
    open_full({.session = {.framing = kind}, .refusal_timeout = for_ever});
    auto const second = raw_connect(where());
    REQUIRE(wait_for_refusals(1));
    for (char const byte : "\x7f\xff\0\0"s) // in pieces
    {
        CHECK(look_at(second) == seen::open);
        say(second, {byte});
        settle();
    }
    CHECK(answer(second) == "\x7f\x40\0\0"s);
    CHECK(server->counters().refused_by_limit == 1);
    CHECK(log.lines.size() == 1);
    CHECK(sessions.size() == 1);
}

TEST_CASE_METHOD(crowded, "who connects in the negotiated mode is told that there are too many")
{
    open_full({.refusal_timeout = for_ever});
    connect_options options;
    options.session.negotiation.enabled = true;
    outcome refused;
    async_connect(io.get_executor(), where(), options, refused.handler());
    REQUIRE(run_until(io, [&] { return refused.calls == 1; }));
    CHECK(refused.ec == errc::too_many_connections);
    CHECK(refused.session == nullptr);

    sessions[0]->abort();
    outcome admitted;
    async_connect(io.get_executor(), where(), options, admitted.handler());
    REQUIRE(wait_for_sessions(2));
    sessions[1]->set_onmessage([](std::string const&) {});
    REQUIRE(run_until(io, [&] { return admitted.calls == 1; }));
    CHECK(!admitted.ec);
}

TEST_CASE_METHOD(crowded, "who says something else than a hello is refused without a word")
{
    open_full({.refusal_timeout = for_ever});
    auto const second = raw_connect(where());
    REQUIRE(wait_for_refusals(1));
    say(second, "\0\0\0\x02Hi"s);
    CHECK(answer(second) == "");
}

TEST_CASE_METHOD(crowded, "who is refused and says no whole hello is closed after refusal_timeout")
{
    open_full({.refusal_timeout = 10ms});
    auto const second = raw_connect(where());
    REQUIRE(wait_for_refusals(1));
    say(second, "\x7f\xff"s);
    CHECK(answer(second) == "");
}

TEST_CASE_METHOD(crowded, "no more than max_lingering_refusals may say hello at a time")
{
    open_full({.refusal_timeout = for_ever, .max_lingering_refusals = 2});
    std::vector<unique_fd> clients;
    for (std::size_t i = 0; i < 3; ++i)
    {
        clients.push_back(raw_connect(where()));
        REQUIRE(wait_for_refusals(i + 1));
    }
    CHECK(look_at(clients[0]) == seen::open);
    CHECK(look_at(clients[1]) == seen::open);
    CHECK(look_at(clients[2]) == seen::closed);

    clients[0] = {}; // its place is free again
    settle();
    clients[2] = raw_connect(where());
    REQUIRE(wait_for_refusals(4));
    say(clients[2], "\x7f\xff\0\0"s);
    CHECK(answer(clients[2]) == "\x7f\x40\0\0"s);
}

TEST_CASE_METHOD(crowded, "a listener that closes ends those that linger")
{
    open_full({.refusal_timeout = for_ever});
    auto const second = raw_connect(where());
    REQUIRE(wait_for_refusals(1));
    CHECK(look_at(second) == seen::open);
    SECTION("closed") { server->close(); }
    SECTION("destroyed") { server.reset(); }
    settle();
    CHECK(look_at(second) == seen::closed);
    sessions.clear();
    io.restart();
    io.run(); // nothing is left to wait for
}

TEST_CASE_METHOD(reception, "where nothing is negotiated, nobody who is refused lingers")
{
    endpoint where_to = dir.endpoint();
    listener_options options{.max_sessions_per_uid = 1, .refusal_timeout = for_ever};
    SECTION("because it is off") {}
    SECTION("because there is no time for it")
    {
        options.session.negotiation.enabled = true;
        options.refusal_timeout = {};
    }
    SECTION("because shared memory comes first")
    {
        options.session.negotiation.enabled = true;
        where_to = endpoint{"shm:" + dir.file("shm")};
    }
    open(where_to, options);
    auto const first = raw_connect(where());
    auto const second = raw_connect(where());
    REQUIRE(wait_for_refusals(1));
    CHECK(look_at(second) == seen::closed);
}
