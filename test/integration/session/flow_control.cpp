// SPDX-License-Identifier: BSL-1.0
//
// Proves what bounds a session whose other end is slow, silent or greedy: what happens at max_queued_bytes, who
// reads no further while answers pile up, who is closed for not reading or for saying nothing, and how one
// waits until all is written. And that the counters tell the truth about it.
#include "stream_session.hpp"
#include "transports.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_future.hpp>

#include <type_traits>

namespace
{

using namespace oizys::test;
using namespace std::chrono_literals;
using oizys::errc;
using oizys::session_options;

/// What async_drain completed with, each time.
struct drains
{
    std::vector<error_code> codes;

    auto handler()
    {
        return [this](error_code ec) { codes.push_back(ec); };
    }
};

std::string const block(10000, 'x');

} // namespace

TEST_CASE("with overflow::close a message for which there is no room ends the session")
{
    asio::io_context io;
    session_options options;
    options.max_queued_bytes = 30000;
    options.overflow = oizys::overflow::close;
    auto const pair = over_memory::make(io, options);
    witness a;
    a.watch_close(*pair.a);
    for (int i = 0; i < 2; ++i)
        CHECK(!error_of_send(*pair.a, block));
    CHECK(pair.a->is_open());
    CHECK(error_of_send(*pair.a, block) == errc::queue_full);
    CHECK_FALSE(pair.a->is_open());
    REQUIRE(run_until(io, [&] { return a.closed_with(errc::queue_full); }));
    CHECK(pair.a->counters().messages_refused == 1);
    CHECK(pair.a->counters().messages_dropped == 2);
    CHECK(error_of_send(*pair.a, block) == errc::session_closed);
}

TEMPLATE_LIST_TEST_CASE("who asks and does not read the answers is not read any more, until it does", "",
                        wide_transports)
{
    asio::io_context io;
    session_options options;
    options.pause_reading_above = 50000;
    auto const pair = TestType::make(io, {}, options);
    std::size_t asked = 0;
    std::size_t most_queued = 0;
    pair.b->set_onmessage([&](std::string const&) { // answers a little with much
        ++asked;
        pair.b->send(block);
        most_queued = std::max(most_queued, pair.b->queued_bytes());
    });
    constexpr std::size_t requests = 2000;
    for (std::size_t i = 0; i < requests; ++i)
        pair.a->send("request");
    settle(io);
    CHECK(asked < requests); // 20 MB do not fit into what is between the two
    CHECK(most_queued <= 50000 + block.size() + 4);

    witness a;
    a.watch(*pair.a);
    REQUIRE(run_until(io, [&] { return a.messages.size() == requests; }));
    CHECK(asked == requests);
    CHECK(most_queued <= 50000 + block.size() + 4);
    CHECK(pair.b->queued_bytes() == 0);
}

TEST_CASE("a thousand peers that never read cost no more than their bound")
{
    asio::io_context io;
    session_options options;
    options.pause_reading_above = 20000;
    std::vector<session_pair> pairs;
    for (int i = 0; i < 1000; ++i)
    {
        pairs.push_back(over_sockets::make(io, {}, options));
        auto& greedy = *pairs.back().b;
        greedy.set_onmessage([&greedy](std::string const&) { greedy.send(block); });
        for (int k = 0; k < 200; ++k)
            pairs.back().a->send("request");
    }
    settle(io);
    std::size_t waiting = 0;
    std::size_t held_back = 0;
    for (auto const& pair : pairs)
    {
        waiting += pair.b->queued_bytes();
        held_back += pair.b->counters().messages_received < 200;
        REQUIRE(pair.b->is_open());
    }
    CHECK(held_back == 1000);
    CHECK(waiting <= 1000 * (20000 + block.size() + 4)); // of 2 GB that were asked for
}

TEMPLATE_LIST_TEST_CASE("who takes nothing for write_timeout is closed with it", "", wide_transports)
{
    asio::io_context io;
    session_options options;
    options.write_timeout = 30ms;
    auto const pair = TestType::make(io, options);
    witness a;
    a.watch(*pair.a);
    pair.a->send(std::string(10000000, 'x')); // and nobody reads
    SECTION("with something behind it") // a WebSocket takes a message as a whole, and the next one waits
    {
        pair.a->send("behind");
        REQUIRE(run_until(io, [&] { return a.closed(); }));
        CHECK(pair.a->counters().messages_dropped >= 1);
    }
    SECTION("alone")
    {
        REQUIRE(run_until(io, [&] { return a.closed(); }));
    }
    CHECK(a.closed_with(errc::write_timeout));
}

// What a slow reader is told by: the bytes that it has not read, wherever they wait.
TEST_CASE("a stream that keeps bytes back counts them among those that are not read yet")
{
    for (auto* const connect : {tls, ws, wss})
    {
        asio::io_context io;
        pair_plan const plan{io.get_executor(), io.get_executor(), {}, {}};
        auto streams = connect(plan);
        shake_hands(io, streams);
        CHECK(streams.a->unread() == 0);
        std::string const text(4000000, 'x');
        auto const header =
            std::string("\0\0\0\0", 4) + std::string("\0\x3d\x09\0", 4); // of framing::message
        error_code ec;
        std::vector<std::string_view> const pieces{header, text};
        auto const written = streams.a->try_write(pieces, ec);
        CHECK(!ec);
        CHECK(written >= 65536);
        settle(io);
        CHECK(streams.a->unread() + 65536 >= written); // some of it is in the other end's buffers
        auto const reader =
            oizys::detail::make_handle(std::move(streams.b), {.framing = oizys::framing::message});
        reader->set_onmessage([](std::string const&) {});
        CHECK(run_until(io, [&] { return streams.a->unread() == 0; }));
    }
}

TEMPLATE_LIST_TEST_CASE("who reads slowly is not closed", "", wide_transports)
{
    asio::io_context io;
    session_options options;
    options.write_timeout = 1s;
    auto const pair = TestType::make(io, options);
    witness a;
    a.watch(*pair.a);
    witness b;
    b.watch(*pair.b);
    // More than the bound in all: each piece is read 20 ms after the one before.
    constexpr std::size_t messages = 80;
    for (std::size_t i = 0; i < messages; ++i)
        pair.a->send(std::string(50000, 'x'));
    asio::steady_timer pause{io};
    bool resumed = true;
    while (b.messages.size() < messages)
    {
        auto const before = b.messages.size();
        REQUIRE(run_until(io, [&] { return b.messages.size() > before || a.closed(); }));
        REQUIRE(!a.closed());
        pair.b->pause_reading();
        resumed = false;
        pause.expires_after(20ms);
        pause.async_wait([&](error_code) {
            resumed = true;
            pair.b->resume_reading();
        });
        REQUIRE(run_until(io, [&] { return resumed; }));
    }
    CHECK(!a.closed());
}

TEMPLATE_LIST_TEST_CASE("a session on which nobody says anything ends with idle_timeout, and others go on",
                        "", wide_transports)
{
    asio::io_context io;
    session_options options;
    options.idle_timeout = 40ms;
    auto const pair = TestType::make(io, {}, options);
    witness a;
    a.watch(*pair.a);
    witness b;
    b.watch(*pair.b);
    asio::steady_timer tick{io};
    for (int i = 0; i < 20; ++i) // 200 ms: five times the bound
    {
        bool ticked = false;
        pair.a->send("still here");
        tick.expires_after(10ms);
        tick.async_wait([&](error_code) { ticked = true; });
        REQUIRE(run_until(io, [&] { return ticked; }));
    }
    CHECK(!b.closed());
    REQUIRE(run_until(io, [&] { return b.closed(); }));
    CHECK(b.closes[0] == errc::idle_timeout);
    REQUIRE(run_until(io, [&] { return a.closed_with(asio::error::eof); }));
}

TEMPLATE_LIST_TEST_CASE("async_drain completes when all is written", "", wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    drains d;
    pair.a->async_drain(d.handler()); // nothing is queued
    CHECK(d.codes.empty());
    settle(io);
    CHECK(d.codes == std::vector<error_code>{{}});

    std::string const large(10000000, 'x');
    pair.a->send(large);
    pair.a->async_drain(d.handler());
    pair.a->async_drain(d.handler());
    settle(io);
    CHECK(d.codes.size() == 1); // nobody reads
    witness b;
    b.watch(*pair.b);
    REQUIRE(run_until(io, [&] { return d.codes.size() == 3; }));
    CHECK(d.codes == std::vector<error_code>(3));
    CHECK(pair.a->queued_bytes() == 0);

    auto future = pair.a->async_drain(asio::use_future); // as any other token
    settle(io);
    CHECK_NOTHROW(future.get());
}

TEST_CASE("async_drain completes with what ended the session, or with success after an orderly close")
{
    asio::io_context io;
    auto const pair = over_sockets::make(io);
    drains d;
    pair.a->send(std::string(10000000, 'x'));
    pair.a->async_drain(d.handler());
    settle(io);
    SECTION("aborted")
    {
        pair.a->abort();
        settle(io);
        CHECK(d.codes == std::vector<error_code>{errc::session_closed});
    }
    SECTION("the other end is gone")
    {
        pair.b->abort();
        REQUIRE(run_until(io, [&] { return !d.codes.empty(); }));
        CHECK(d.codes[0].failed());
    }
    SECTION("closed, and read to its end")
    {
        pair.a->close();
        witness b;
        b.watch(*pair.b);
        REQUIRE(run_until(io, [&] { return !d.codes.empty(); }));
        CHECK(d.codes == std::vector<error_code>{{}});
    }
    auto const before = d.codes.size();
    pair.a->async_drain(d.handler());
    REQUIRE(run_until(io, [&] { return d.codes.size() == before + 1; }));
}

TEST_CASE("async_drain can be cancelled, and nothing else happens")
{
    asio::io_context io;
    auto const pair = over_sockets::make(io);
    drains d;
    drains other;
    asio::cancellation_signal signal;
    pair.a->send(std::string(10000000, 'x'));
    pair.a->async_drain(asio::bind_cancellation_slot(signal.slot(), d.handler()));
    pair.a->async_drain(other.handler());
    settle(io);
    signal.emit(asio::cancellation_type::terminal);
    settle(io);
    CHECK(d.codes == std::vector<error_code>{asio::error::operation_aborted});
    CHECK(other.codes.empty());
    witness b;
    b.watch(*pair.b);
    REQUIRE(run_until(io, [&] { return !b.messages.empty() && !other.codes.empty(); }));
    CHECK(b.messages[0].size() == 10000000);
    CHECK(d.codes.size() == 1);
}

TEMPLATE_LIST_TEST_CASE("the counters count what was moved", "", every_transport)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    witness a;
    a.watch(*pair.a);
    witness b;
    b.watch(*pair.b);
    auto const sent_before = pair.a->counters().bytes_sent; // to agree on something
    auto const received_before = pair.b->counters().bytes_received;
    std::mt19937 random{17};
    std::size_t bytes = 0;
    for (int i = 0; i < 20; ++i)
    {
        auto const text = random_text(random, 1 + random() % 400);
        bytes += TestType::framed_size(text.size());
        pair.a->send(text);
    }
    CHECK(error_of_send(*pair.a, "") == errc::message_empty);
    REQUIRE(run_until(io, [&] { return b.messages.size() == 20; }));
    auto const sent = pair.a->counters();
    CHECK(sent.messages_sent == 20);
    CHECK(sent.bytes_sent - sent_before == bytes);
    CHECK(sent.messages_refused == 1);
    CHECK(sent.messages_received == 0);
    CHECK(sent.messages_dropped == 0);
    auto const received = pair.b->counters();
    CHECK(received.messages_received == 20);
    CHECK(received.bytes_received - received_before == bytes);
    CHECK(received.messages_sent == 0);
}
