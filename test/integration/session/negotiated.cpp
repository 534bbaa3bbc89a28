// SPDX-License-Identifier: BSL-1.0
//
// Proves how two ends enter the negotiated mode over a real socket: the hello and its refusals as bytes, what a plain
// peer never sees, what an end of WAMP is spared, and signs of life.
#include "agreed.hpp"

using namespace oizys::test;
using namespace std::string_literals;
using namespace std::chrono_literals;
using oizys::errc;
using oizys::framing;
using oizys::serializer;
using oizys::session_options;

TEST_CASE("both ends say hello, then what they can receive, and then messages are plain frames")
{
    asio::io_context io;
    raw_end other{io};
    opening client;
    client.open(io, other);
    REQUIRE(run_until(io, [&] { return other.receive() == "\x7f\xff\0\0"s; }));
    CHECK(client.calls == 0);
    other.send("\x7f\x0f\0\0"s + "\x03\0\0\x09\x00\0\0\0\0\0\0\x02\0"s); // 512 bytes, nothing else
    REQUIRE(run_until(io, [&] { return client.calls == 1; }));
    REQUIRE(!client.ec);
    CHECK(client.session->negotiated() == serializer::oizys);
    CHECK(client.session->framing() == framing::negotiated);
    CHECK(client.session->max_message() == 512);
    CHECK_FALSE(client.session->passes_descriptors());
    client.session->send("Hi");
    auto const ours = "\x03\0\0\x0a\x0f\0\0\0\0\0\xff\xff\xff\x10"s; // everything, over a Unix socket
    REQUIRE(run_until(io, [&] { return other.receive() == "\x7f\xff\0\0"s + ours + framed("Hi"); }));
    CHECK(error_of_send(*client.session, std::string(513, 'x')) == errc::message_too_large);
    witness w;
    w.watch(*client.session);
    other.send(framed("Ho"));
    REQUIRE(run_until(io, [&] { return w.messages == texts{"Ho"}; }));
}

TEST_CASE("messages that come while nobody listens yet are delivered to who does")
{
    asio::io_context io;
    agreed_pair const pair{io};
    pair.accepted->send("early");
    settle(io);
    REQUIRE(run_until(io, [&] { return !pair.at_connected.messages.empty(); }));

    raw_end other{io};
    opening client;
    client.open(io, other);
    other.send("\x7f\xff\0\0"s + "\x03\0\0\x09\x00\0\0\0\0\0\0\x02\0"s + framed("one") + framed("two"));
    REQUIRE(run_until(io, [&] { return client.calls == 1; }));
    settle(io);
    witness w;
    w.watch(*client.session);
    REQUIRE(run_until(io, [&] { return w.messages == texts{"one", "two"}; }));
}

TEST_CASE("a plain peer of a negotiating session sees plain frames only")
{
    asio::io_context io;
    raw_end other{io};
    auto options = negotiating();
    options.framing = GENERATE(framing::header24, framing::detect);
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    CHECK(error_of_send(*s, "before it is known") == errc::unknown_protocol);
    other.send(framed("Hi"));
    REQUIRE(run_until(io, [&] { return w.messages == texts{"Hi"}; }));
    CHECK_FALSE(s->negotiated());
    std::string const large(300000, 'x');
    s->send(large);
    REQUIRE(run_until(io, [&] { return other.receive().size() == large.size() + 4; }));
    CHECK((other.receive() == framed(large)));
}

TEST_CASE("a session that does not negotiate takes a hello for what it is: no frame")
{
    asio::io_context io;
    raw_end other{io};
    session_options options;
    options.framing = GENERATE(framing::header24, framing::detect);
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    other.send("\x7f\xff\0\0"s);
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closes[0] == (options.framing == framing::detect ? errc::unknown_protocol : errc::bad_frame));
    CHECK(other.receive() == "");
}

TEST_CASE("a hello that cannot be agreed to is answered with the reason and ends the session")
{
    asio::io_context io;
    raw_end other{io};
    auto const s = other.connect(io, negotiating());
    witness w;
    w.watch(*s);
    other.send("\x7f\xf1\0\0"s);
    REQUIRE(run_until(io, [&] { return w.closed_with(errc::serializer_unsupported); }));
    CHECK(other.receive() == "\x7f\x10\0\0"s);
    CHECK(other.at_eof());
}

TEST_CASE("who connects is told that the other end refuses, closes, or says something else")
{
    asio::io_context io;
    raw_end other{io};
    opening client;
    client.open(io, other);
    SECTION("refuses")
    {
        other.send("\x7f\x40\0\0"s);
        REQUIRE(run_until(io, [&] { return client.calls == 1; }));
        CHECK(client.ec == errc::too_many_connections);
    }
    SECTION("closes")
    {
        other.close();
        REQUIRE(run_until(io, [&] { return client.calls == 1; }));
        CHECK(client.ec.failed());
    }
    SECTION("says something else")
    {
        other.send(framed("Hi"));
        REQUIRE(run_until(io, [&] { return client.calls == 1; }));
        CHECK(client.ec == errc::hello_malformed);
    }
    CHECK(client.session == nullptr);
}

TEST_CASE("with a serializer of WAMP nothing but messages, pings and pongs is sent")
{
    asio::io_context io;
    raw_end other{io};
    auto options = negotiating();
    options.negotiation.accepted = serializer::json | serializer::msgpack;
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    other.send("\x7f\xf1\0\0"s + framed("[1]") + "\x01\0\0\x02hi"s + "\x01\0\0\0"s);
    REQUIRE(run_until(io, [&] { return w.messages == texts{"[1]"}; }));
    std::string const large(300000, ' ');
    s->send(large);
    auto const expected = "\x7f\xf1\0\0"s + "\x02\0\0\x02hi"s + "\x02\0\0\0"s + framed(large);
    REQUIRE(run_until(io, [&] { return other.receive().size() >= expected.size(); }));
    CHECK((other.receive() == expected));
    CHECK(s->negotiated() == serializer::json);
    other.send("\x04\0\0\x01x"s); // a part
    REQUIRE(run_until(io, [&] { return w.closed_with(errc::bad_frame); }));
}

TEST_CASE("a ping is answered with its payload, and the answer tells how long it took")
{
    asio::io_context io;
    auto options = negotiating();
    options.negotiation.ping_interval = 20ms;
    options.negotiation.ping_timeout = 10s;
    agreed_pair const pair{io, options, negotiating()};
    CHECK_FALSE(pair.connected->round_trip());
    REQUIRE(run_until(io, [&] { return pair.connected->round_trip().has_value(); }));
    CHECK(*pair.connected->round_trip() > 0ns);
    CHECK_FALSE(pair.at_connected.closed());
}

TEST_CASE("who gives no sign of life is closed with timed_out")
{
    asio::io_context io;
    raw_end other{io};
    auto options = negotiating();
    options.negotiation.ping_interval = 20ms;
    options.negotiation.ping_timeout = 20ms;
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    other.send(introduction);
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closes[0] == asio::error::timed_out);
    CHECK(other.receive().find("\x01\0\0\x08"s) != std::string::npos); // it was asked
}

TEST_CASE("who asks for pongs and never reads them is closed at the queue's limit")
{
    asio::io_context io;
    raw_end other{io};
    auto options = negotiating();
    options.max_queued_bytes = 100000;
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    other.send(introduction);
    std::string const ping = "\x01\0\x40\0"s + std::string(0x4000, 'p');
    REQUIRE(run_until(io, [&] {
        if (other.socket().is_open() && !w.closed())
        {
            error_code ec;
            other.socket().write_some(asio::buffer(ping), ec);
        }
        return w.closed();
    }));
    CHECK(w.closes[0] == errc::queue_full);
}
