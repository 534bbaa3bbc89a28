// SPDX-License-Identifier: BSL-1.0
//
// A negotiated session that delivers nothing, because it is paused or nobody listens yet, still answers pings: it
// keeps the messages before them, up to a bound. What happens to the connection meanwhile is told behind them.
#include "agreed.hpp"

#include <stdexcept>

using namespace oizys::test;
using namespace std::string_literals;
using namespace std::chrono_literals;
using oizys::errc;
using oizys::session_options;
using oizys::unique_fd;

namespace
{

auto const ping = "\x01\0\0\x02hi"s;
auto const pong = "\x02\0\0\x02hi"s;

std::size_t count(std::string const& text, std::string const& part)
{
    std::size_t n = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1))
        ++n;
    return n;
}

/// A session that is paused, and has agreed with an end that is none.
struct paused_session
{
    asio::io_context io;
    raw_end other{io};
    std::shared_ptr<oizys::session> session;
    witness at;

    explicit paused_session(session_options const& options = negotiating())
    {
        session = other.connect(io, options);
        at.watch(*session);
        other.send(introduction);
        REQUIRE(run_until(io, [&] { return session->negotiated().has_value(); }));
        session->pause_reading();
    }

    void settle() { oizys::test::settle(io); }
};

session_options holding(std::size_t bytes)
{
    auto options = negotiating();
    options.negotiation.max_held_bytes = bytes;
    return options;
}

} // namespace

TEST_CASE("a paused session answers pings, and delivers what stood before them when it is resumed")
{
    paused_session paused;
    auto const large = std::string(30000, 'x');
    paused.other.send(framed("one") + ping + framed(large) + ping + framed("three"));
    REQUIRE(run_until(paused.io, [&] { return count(paused.other.receive(), pong) == 2; }));
    paused.settle();
    CHECK(paused.at.messages.empty());
    paused.session->resume_reading();
    CHECK(paused.at.messages.empty()); // not inside resume_reading()
    REQUIRE(run_until(paused.io, [&] { return paused.at.messages.size() == 3; }));
    CHECK((paused.at.messages == texts{"one", large, "three"}));
    paused.other.send(framed("four"));
    REQUIRE(run_until(paused.io, [&] { return paused.at.messages.size() == 4; }));
    CHECK(paused.session->counters().messages_received == 4);
}

TEST_CASE("a session that is paused for long is not taken for dead by the other end")
{
    asio::io_context io;
    auto asking = negotiating();
    asking.negotiation.ping_interval = 5ms;
    asking.negotiation.ping_timeout = 80ms;
    agreed_pair const pair{io, asking};
    pair.accepted->pause_reading();
    pair.connected->send("kept");
    auto const before = pair.connected->counters().bytes_received;
    REQUIRE(run_until(io, [&] { return pair.connected->counters().bytes_received >= before + 5 * 12; }));
    CHECK(pair.at_accepted.messages.empty());
    CHECK_FALSE(pair.at_connected.closed());
    pair.accepted->resume_reading();
    CHECK(run_until(io, [&] { return pair.at_accepted.messages == texts{"kept"}; }));
}

TEST_CASE("what is held is bounded, and then nothing is read until it is wanted")
{
    paused_session paused{holding(20000)};
    std::vector<std::string> sent;
    std::string bytes;
    SECTION("by short messages, of which each takes more than its bytes")
    {
        for (int i = 0; i < 10000; ++i)
            bytes += framed(sent.emplace_back(std::to_string(i)));
    }
    SECTION("by longer ones")
    {
        for (int i = 0; i < 20; ++i)
            bytes += framed(sent.emplace_back(5000, 'x'));
    }
    SECTION("by one that is longer than the bound") { bytes = framed(sent.emplace_back(100000, 'x')); }
    paused.other.send(bytes);
    paused.settle();
    CHECK(paused.session->counters().bytes_received < 20000 + 5000 + introduction.size());
    paused.other.send(ping);
    paused.settle();
    CHECK(count(paused.other.receive(), pong) == 0);
    paused.session->resume_reading();
    REQUIRE(run_until(paused.io, [&] { return paused.at.messages.size() == sent.size(); }));
    CHECK((paused.at.messages == sent));
    CHECK(run_until(paused.io, [&] { return count(paused.other.receive(), pong) == 1; }));
}

TEST_CASE("the parts of a message that is not whole count for what is held")
{
    paused_session paused{holding(20000)};
    std::string const part = "\x04\0\x10\0"s + std::string(4096, 'p');
    for (int i = 0; i < 20; ++i)
        paused.other.send(part);
    paused.settle();
    CHECK(paused.session->counters().bytes_received < 20000 + 4096 + introduction.size());
    paused.other.send("\x05\0\0\x01p"s);
    paused.session->resume_reading();
    REQUIRE(run_until(paused.io, [&] { return !paused.at.messages.empty(); }));
    CHECK((paused.at.messages == texts{std::string(20 * 4096 + 1, 'p')}));
}

TEST_CASE("a session that reads nothing shows that it lives, and blames nobody for silence")
{
    auto options = holding(0);
    options.negotiation.ping_interval = 5ms;
    options.negotiation.ping_timeout = 5ms;
    paused_session paused{options};
    paused.settle();
    paused.other.send(ping + framed("Hi"));
    auto const ours = "\x01\0\0\x08"s;
    REQUIRE(run_until(paused.io, [&] { return count(paused.other.receive(), ours) >= 5; }));
    CHECK_FALSE(paused.at.closed());
    CHECK(paused.at.messages.empty());
    paused.session->resume_reading();
    REQUIRE(run_until(paused.io, [&] { return paused.at.messages == texts{"Hi"}; }));
    REQUIRE(run_until(paused.io, [&] { return paused.at.closed(); }));
    CHECK(paused.at.closed_with(asio::error::timed_out)); // now that it listens
}

TEST_CASE("descriptors of messages that are held are bounded, kept, and closed with the session")
{
    asio::io_context io;
    auto options = negotiating();
    options.negotiation.max_queued_descriptors = 8;
    agreed_pair pair{io, negotiating(), options};
    auto const before = open_descriptors();
    pair.accepted->pause_reading();
    error_code ec;
    for (int i = 0; i < 40; ++i)
    {
        pair.connected->send(std::to_string(i), one_file(), ec);
        settle(io);
    }
    CHECK(open_descriptors() <= before + 8 + 8 + 1);
    SECTION("delivered")
    {
        pair.accepted->resume_reading();
        REQUIRE(run_until(io, [&] { return pair.at_accepted.messages.size() == 40; }));
        for (auto const& files : pair.descriptors)
            CHECK(files.size() == 1);
        pair.descriptors.clear();
        CHECK(open_descriptors() == before);
    }
    SECTION("dropped")
    {
        pair.accepted->abort();
        CHECK(open_descriptors() == before - 1); // its socket
    }
}

TEST_CASE("who has opened a session and does not listen yet answers pings all the same")
{
    asio::io_context io;
    raw_end other{io};
    opening client;
    client.open(io, other);
    other.send(introduction + framed("early") + ping);
    REQUIRE(run_until(io, [&] { return client.calls == 1; }));
    REQUIRE(run_until(io, [&] { return count(other.receive(), pong) == 1; }));
    other.send(framed("and late") + ping);
    REQUIRE(run_until(io, [&] { return count(other.receive(), pong) == 2; }));
    witness w;
    w.watch(*client.session);
    CHECK(w.messages.empty());
    REQUIRE(run_until(io, [&] { return w.messages == texts{"early", "and late"}; }));
}

TEST_CASE("how the connection ended is told behind the messages that are held")
{
    paused_session paused;
    bool const breaks_rules = GENERATE(false, true);
    error_code const expected = breaks_rules ? error_code{errc::bad_frame} : asio::error::eof;
    paused.other.send(framed("one") + framed("two") + (breaks_rules ? "\x09\0\0\0"s : ""));
    paused.other.shutdown_send();
    paused.settle();
    CHECK(paused.at.messages.empty());
    CHECK_FALSE(paused.at.closed());
    CHECK_FALSE(paused.session->is_open());
    CHECK(error_of_send(*paused.session, "late") == errc::session_closed);
    SECTION("delivered")
    {
        paused.session->resume_reading();
        REQUIRE(run_until(paused.io, [&] { return paused.at.closed(); }));
        CHECK(paused.at.messages == texts{"one", "two"});
    }
    SECTION("never resumed, but closed")
    {
        paused.session->close();
        REQUIRE(run_until(paused.io, [&] { return paused.at.closed(); }));
        CHECK(paused.at.messages.empty());
    }
    CHECK(paused.at.closed_with(expected));
}

TEST_CASE("with nothing held, a paused session is told at once that the other end has gone")
{
    paused_session paused;
    paused.other.close();
    REQUIRE(run_until(paused.io, [&] { return paused.at.closed(); }));
}

TEST_CASE("who never takes what is held is told after write_timeout that the other end has gone")
{
    auto options = negotiating();
    options.write_timeout = 20ms;
    paused_session paused{options};
    paused.other.send(framed("one"));
    paused.other.shutdown_send();
    REQUIRE(run_until(paused.io, [&] { return paused.at.closed(); }));
    CHECK(paused.at.closed_with(asio::error::eof));
    CHECK(paused.at.messages.empty());
}

TEST_CASE("a handler that throws at a message that was held is given no other one")
{
    asio::io_context io;
    raw_end other{io};
    auto const session = other.connect(io, negotiating());
    int calls = 0;
    witness at;
    at.watch_close(*session);
    session->set_onmessage([&](std::string const&) {
        ++calls;
        throw std::runtime_error{"deliberate"};
    });
    other.send(introduction);
    REQUIRE(run_until(io, [&] { return session->negotiated().has_value(); }));
    session->pause_reading();
    other.send(framed("one") + framed("two"));
    settle(io);
    session->resume_reading();
    REQUIRE(run_until(io, [&] { return at.closed(); }));
    CHECK(at.closed_with(errc::handler_failed));
    CHECK(calls == 1);
}

TEST_CASE("a handler of a message that was held may run the loop, pause, and close")
{
    asio::io_context io;
    raw_end other{io};
    auto const session = other.connect(io, negotiating());
    texts seen;
    std::size_t deepest = 0;
    std::size_t depth = 0;
    witness at;
    at.watch_close(*session);
    session->set_onmessage([&](std::string const& message) {
        deepest = std::max(deepest, ++depth);
        seen.push_back(message);
        if (message == "one")
        {
            other.send(framed("three"));
            settle(io); // a read is pending, and completes here
            CHECK(seen.size() == 1);
        }
        if (message == "two")
            session->pause_reading();
        if (message == "four")
            session->close();
        --depth;
    });
    other.send(introduction);
    REQUIRE(run_until(io, [&] { return session->negotiated().has_value(); }));
    session->pause_reading();
    other.send(framed("one") + framed("two"));
    settle(io);
    session->resume_reading();
    REQUIRE(run_until(io, [&] { return seen.size() == 2; }));
    other.send(framed("four") + framed("five"));
    settle(io);
    settle(io);
    CHECK(seen.size() == 2);
    session->resume_reading();
    REQUIRE(run_until(io, [&] { return at.closed(); }));
    CHECK(seen == texts{"one", "two", "three", "four"});
    CHECK(deepest == 1);
    CHECK(at.closed_with({}));
}
