// SPDX-License-Identifier: BSL-1.0
//
// Proves sessions that learn their framing from the first byte: they answer in it, refuse to send before
// they know it, and end when the byte belongs to nothing or does not come within handshake_timeout.
#include "ends.hpp"

#include <boost/asio/steady_timer.hpp>

namespace
{

using namespace oizys::test;
using oizys::errc;
using oizys::framing;
using namespace std::chrono_literals;

struct dialect
{
    framing kind;
    std::string wire;    ///< a first message as it is sent
    std::string message; ///< what is delivered
    std::string answer;  ///< the same message as it is sent back
};

std::vector<dialect> dialects()
{
    return {{framing::header24, framed("Hi"), "Hi", framed("Hi")},
            {framing::json_text, "{\"a\":[1]}", "{\"a\":[1]}", "{\"a\":[1]}\n"},
            {framing::json_text, " \n\t[2]\n", "[2]", "[2]\n"},
            {framing::content_length, "Content-Length: 2\r\n\r\n{}", "{}", "Content-Length: 2\r\n\r\n{}"},
            {framing::content_length, "CONTENT-TYPE: x\ncontent-length: 2\n\n{}", "{}",
             "Content-Length: 2\r\n\r\n{}"},
            {framing::msgpack_object, "\x93\x02\xa1n\x90", "\x93\x02\xa1n\x90", "\x93\x02\xa1n\x90"}};
}

} // namespace

TEST_CASE("the first byte tells the framing, and answers use it")
{
    for (auto const& d : dialects())
    {
        asio::io_context io;
        raw_end raw{io};
        auto const s = raw.connect(io, {.framing = framing::detect});
        CHECK(s->framing() == framing::detect);
        witness w;
        w.watch_close(*s);
        s->set_onmessage([&](std::string const& message) {
            CHECK(message == d.message);
            CHECK(s->framing() == d.kind);
            s->send(message);
        });
        raw.send(d.wire);
        REQUIRE(run_until(io, [&] { return raw.receive().size() >= d.answer.size(); }));
        CHECK(raw.receive() == d.answer);
        CHECK(!w.closed());
    }
}

TEST_CASE("sending before the framing is known is an error and sends nothing")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io, {.framing = framing::detect});
    witness w;
    w.watch(*s);
    CHECK(error_of_send(*s, "early") == errc::unknown_protocol);
    error_code ec;
    s->send_owned(std::string(100000, 'x'), ec);
    CHECK(ec == errc::unknown_protocol);
    s->send(std::string_view{"early"}, ec);
    CHECK(ec == errc::unknown_protocol);
    s->begin_message() += "early";
    s->end_message(ec);
    CHECK(ec == errc::unknown_protocol);
    CHECK(s->queued_bytes() == 0);
    CHECK(s->is_open());

    raw.send(framed("Hi"));
    REQUIRE(run_until(io, [&] { return w.messages.size() == 1; }));
    s->send("now");
    settle(io);
    CHECK(raw.receive() == framed("now"));
}

TEST_CASE("one byte is enough to know the framing and to send")
{
    for (auto const& d : dialects())
    {
        asio::io_context io;
        raw_end raw{io};
        auto const s = raw.connect(io, {.framing = framing::detect});
        witness w;
        w.watch(*s);
        raw.send(d.wire.substr(0, 1));
        REQUIRE(run_until(io, [&] { return s->framing() == d.kind; }));
        s->send(d.message);
        settle(io);
        CHECK(raw.receive() == d.answer);
        raw.send(d.wire.substr(1));
        REQUIRE(run_until(io, [&] { return w.messages.size() == 1; }));
        CHECK(w.messages == texts{d.message});
    }
}

TEST_CASE("a first byte of no known protocol ends the session")
{
    for (std::string const first : {"\x7f", "g", "c", "\x92", "\x01", "x"})
    {
        asio::io_context io;
        raw_end raw{io};
        auto const s = raw.connect(io, {.framing = framing::detect});
        witness w;
        w.watch(*s);
        raw.send(first);
        REQUIRE(run_until(io, [&] { return w.closed(); }));
        CHECK(w.closed_with(errc::unknown_protocol));
        CHECK(w.closes.front() == boost::system::errc::protocol_error);
    }
}

TEST_CASE("a peer that says nothing is given handshake_timeout")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io, {.framing = framing::detect, .handshake_timeout = 10ms});
    witness w;
    w.watch(*s);
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closed_with(errc::handshake_timeout));
    CHECK(raw.at_eof());
}

TEST_CASE("handshake_timeout ends with the first byte, not with the first message")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io, {.framing = framing::detect, .handshake_timeout = 20ms});
    witness w;
    w.watch(*s);
    raw.send(framed("slow").substr(0, 1));
    REQUIRE(run_until(io, [&] { return s->framing() == framing::header24; }));

    asio::steady_timer later{io, 60ms};
    bool waited = false;
    later.async_wait([&](error_code) { waited = true; });
    REQUIRE(run_until(io, [&] { return waited; }));
    CHECK(!w.closed());
    raw.send(framed("slow").substr(1));
    CHECK(run_until(io, [&] { return w.messages == texts{"slow"}; }));
}

TEST_CASE("a byte that comes in the same turn as the deadline is in time")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io, {.framing = framing::detect, .handshake_timeout = 1ms});
    witness w;
    w.watch(*s);
    settle(io);
    // The deadline passes while the loop does not run; then the loop finds both at once.
    asio::io_context clock;
    asio::steady_timer passed{clock, 5ms};
    passed.async_wait([](error_code) {});
    clock.run();
    raw.send(framed("in time"));
    settle(io);
    CHECK(run_until(io, [&] { return w.messages == texts{"in time"}; }));
    settle(io);
    CHECK(!w.closed());
    s->send("answer");
    settle(io);
    CHECK(raw.receive() == framed("answer"));
}

TEST_CASE("handshake_timeout does not concern a session that was closed before")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io, {.framing = framing::detect, .handshake_timeout = 1ms});
    witness w;
    w.watch(*s);
    s->close();
    io.run_for(10s);
    CHECK(w.closed_with({}));
}

TEST_CASE("handshake_timeout does not concern a session whose framing is known")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io, {.framing = framing::header24, .handshake_timeout = 1ms});
    witness w;
    w.watch(*s);
    asio::steady_timer later{io, 20ms};
    bool waited = false;
    later.async_wait([&](error_code) { waited = true; });
    REQUIRE(run_until(io, [&] { return waited; }));
    CHECK(!w.closed());
}
