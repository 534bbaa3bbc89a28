// SPDX-License-Identifier: BSL-1.0
//
// Accepted connections that never become a conversation: they are counted, and told to the log.
#include "access.hpp"

#include <oizys/error.hpp>

#include <chrono>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;

namespace
{

/// Reads from everybody.
struct readers : reception
{
    readers()
    {
        on_session = [](session& s) { s.set_onmessage([](std::string const&) {}); };
    }

    std::uint64_t failed() const { return server->counters().failed_handshakes; }
};

void say(unique_fd const& to, std::string_view bytes)
{
    REQUIRE(::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
}

} // namespace

TEST_CASE_METHOD(readers, "who speaks no protocol of ours is counted, and told with the reason")
{
    listener_options options{.session = {.framing = framing::detect}};
    std::string_view bytes;
    std::string reason;
    SECTION("nothing that is known")
    {
        bytes = "\xff";
        reason = make_error_code(errc::unknown_protocol).message();
    }
    SECTION("a request for a WebSocket from a page that may not")
    {
        bytes =
            "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
            "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://evil.example\r\n\r\n";
        reason = make_error_code(errc::handshake_refused).message();
    }
    SECTION("a hello that is none")
    {
        options.session.framing = framing::header24;
        options.session.negotiation.enabled = true;
        bytes = std::string_view{"\x7f\xff\xff\xff", 4};
        reason = make_error_code(errc::hello_malformed).message();
    }
    SECTION("nothing in time")
    {
        options.session.handshake_timeout = 20ms;
        reason = make_error_code(errc::handshake_timeout).message();
    }
    open(options);
    auto const client = raw_connect(where());
    say(client, bytes);
    REQUIRE(run_until(io, [&] { return failed() == 1; }));
    CHECK(server->counters().accepted == 1);
    CHECK(server->counters().sessions == 0);
    REQUIRE(log.lines.size() == 1);
    CHECK_THAT(log.lines[0], Catch::Contains("handshake failed with uid " + std::to_string(::geteuid())) &&
                                 Catch::Contains(reason) && Catch::Contains("reason=handshake"));
}

TEST_CASE_METHOD(readers,
                 "who only looks whether somebody listens, or breaks off a conversation, has not failed")
{
    open({.session = {.framing = framing::detect}});
    {
        auto const looks = raw_connect(where());
    }
    {
        auto const talks = raw_connect(where());
        say(talks, std::string_view{"\0\0\0\5hello\1", 10});
    }
    REQUIRE(wait_for_sessions(2));
    REQUIRE(run_until(io, [&] { return server->counters().sessions == 0; }));
    CHECK(failed() == 0);
    CHECK(log.lines.empty());
}

TEST_CASE_METHOD(readers, "a log that destroys the listener when a handshake fails ends it")
{
    listener_options options{.session = {.framing = framing::detect}};
    bool told = false;
    options.log = [&](log_event const&) {
        told = true;
        server.reset();
    };
    server.emplace(io.get_executor(), dir.endpoint(), options);
    accept();
    auto const client = raw_connect(where());
    say(client, "\xff");
    REQUIRE(run_until(io, [&] { return told && ends == 1; }));
    CHECK(look_at(client) == seen::closed);
}
