// SPDX-License-Identifier: BSL-1.0
//
// Proves how a session ends: with which error, told exactly once and never inside the function that ended
// it; that what is queued is sent first, for as long as close_timeout allows; and that nothing is kept.
#include "transports.hpp"

#include <boost/asio/steady_timer.hpp>

namespace
{

using namespace oizys::test;
using oizys::errc;
using namespace std::chrono_literals;

} // namespace

TEMPLATE_LIST_TEST_CASE("an orderly close reports success here and eof there, once each", "",
                        every_transport_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    pair.a->close();
    CHECK(!pair.a->is_open());
    CHECK(!a.closed()); // not inside close()
    pair.a->close();
    REQUIRE(run_until(io, [&] { return a.closed() && b.closed(); }));
    settle(io);
    CHECK(a.closed_with({}));
    CHECK(b.closed_with(asio::error::eof));
    CHECK(!pair.b->is_open());
    pair.a->close();
    pair.a->abort();
    pair.b->close();
    settle(io);
    CHECK(a.closes.size() == 1);
    CHECK(b.closes.size() == 1);
}

TEMPLATE_LIST_TEST_CASE("a close handler that is set after the close is told at once", "",
                        wide_transports_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    pair.b->set_onmessage([](auto const&) {});
    pair.a->close();
    REQUIRE(run_until(io, [&] { return !pair.b->is_open(); }));
    settle(io);
    witness a;
    witness b;
    a.watch_close(*pair.a);
    b.watch_close(*pair.b);
    CHECK(!a.closed()); // not inside set_onclose
    settle(io);
    CHECK(a.closed_with({}));
    CHECK(b.closed_with(asio::error::eof));
    CHECK_THROWS_AS(pair.a->set_onclose([](error_code) {}), std::logic_error);
}

TEMPLATE_LIST_TEST_CASE("each handler can be set once", "", wide_transports_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    pair.a->set_onmessage([](std::string const&) {});
    pair.a->set_onclose([](error_code) {});
    CHECK_THROWS_AS(pair.a->set_onmessage([](std::string const&) {}), std::logic_error);
    CHECK_THROWS_AS(pair.a->set_onreceive([](oizys::incoming&) {}), std::logic_error);
    CHECK_THROWS_AS(pair.a->set_onclose([](error_code) {}), std::logic_error);
    pair.b->set_onreceive([](oizys::incoming&) {});
    CHECK_THROWS_AS(pair.b->set_onmessage([](std::string const&) {}), std::logic_error);
}

TEMPLATE_LIST_TEST_CASE("nothing is read, and no close noticed, before a message handler is set", "",
                        wide_transports_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    witness b;
    b.watch_close(*pair.b);
    pair.a->send("early");
    pair.a->close();
    settle(io);
    settle(io);
    CHECK(!b.closed());
    b.listen(*pair.b);
    CHECK(b.messages.empty());
    REQUIRE(run_until(io, [&] { return b.closed(); }));
    CHECK(b.messages == texts{"early"});
    CHECK(b.closed_with(asio::error::eof));
}

TEMPLATE_LIST_TEST_CASE("sending to a closed or closing session is an error and queues nothing", "",
                        wide_transports_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    pair.a->close();
    auto const refused = [&] {
        CHECK(error_of_send(*pair.a, "late") == errc::session_closed);
        error_code ec;
        CHECK(pair.a->send_owned("late", ec) == 0);
        CHECK(ec == errc::session_closed);
        pair.a->begin_message() += "late";
        pair.a->end_message(ec);
        CHECK(ec == errc::session_closed);
        CHECK(pair.a->queued_bytes() == 0);
    };
    refused();
    settle(io);
    refused();
    settle(io);
}

TEMPLATE_LIST_TEST_CASE("what was sent before the close arrives before the close", "",
                        every_transport_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io, {.close_timeout = 60s});
    witness a;
    witness b;
    a.watch(*pair.a);
    texts sent;
    for (std::size_t const size : {1u, 10u, 30000u, 1u, 2000u})
        sent.emplace_back(size, 'x');
    for (auto const& text : sent)
        pair.a->send(text);
    pair.a->close();
    settle(io);
    b.watch(*pair.b);
    REQUIRE(run_until(io, [&] { return a.closed() && b.closed(); }));
    CHECK((b.messages == sent));
    CHECK(a.closed_with({}));
    CHECK(b.closed_with(asio::error::eof));
}

TEST_CASE("a large queue is sent to a slow reader before the session closes")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io, {.close_timeout = 60s});
    witness w;
    w.watch_close(*s);
    std::string wire;
    for (int i = 0; i < 40; ++i)
    {
        s->send(std::string(100000, static_cast<char>('a' + i % 26)));
        wire += framed(std::string(100000, static_cast<char>('a' + i % 26)));
    }
    s->close();
    settle(io);
    CHECK(!w.closed());
    CHECK(s->queued_bytes() > 0);
    REQUIRE(run_until(io, [&] { return raw.at_eof(); }));
    CHECK((raw.receive() == wire));
    settle(io);
    CHECK(w.closed_with({}));
}

TEMPLATE_LIST_TEST_CASE("a queue that cannot be sent is given up after close_timeout", "", wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io, {.close_timeout = 20ms});
    witness a;
    a.watch(*pair.a);
    for (int i = 0; i < 50; ++i)
        pair.a->send(std::string(100000, 'x'));
    pair.a->close();
    CHECK(pair.a->queued_bytes() > 0);
    REQUIRE(run_until(io, [&] { return a.closed(); }));
    CHECK(a.closed_with(errc::close_timeout));
    CHECK(pair.a->queued_bytes() == 0);
}

TEST_CASE("timeouts may be as long as their type allows")
{
    using duration = std::chrono::milliseconds;
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io, {.framing = oizys::framing::detect,
                                    .close_timeout = duration::max(),
                                    .handshake_timeout = duration::max()});
    witness w;
    w.watch(*s);
    settle(io);
    CHECK(!w.closed());
    raw.send(framed("Hi"));
    REQUIRE(run_until(io, [&] { return w.messages.size() == 1; }));
    std::string const large(3000000, 'x');
    s->send(large);
    s->close();
    settle(io);
    CHECK(!w.closed());
    REQUIRE(run_until(io, [&] { return raw.at_eof(); }));
    CHECK((raw.receive() == framed(large)));
    settle(io);
    CHECK(w.closed_with({}));
}

TEMPLATE_LIST_TEST_CASE("abort discards what is queued and reports success", "", wide_transports_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    pair.a->send("discarded");
    pair.a->abort();
    CHECK(!a.closed()); // not inside abort()
    CHECK(pair.a->queued_bytes() == 0);
    REQUIRE(run_until(io, [&] { return a.closed() && b.closed(); }));
    CHECK(a.closed_with({}));
    CHECK(b.closed_with(asio::error::eof));
    CHECK(b.messages.empty());
}

TEMPLATE_LIST_TEST_CASE("abort ends a close that waits for a slow reader", "", wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io, {.close_timeout = 60s});
    witness a;
    a.watch(*pair.a);
    for (int i = 0; i < 50; ++i)
        pair.a->send(std::string(100000, 'x'));
    pair.a->close();
    settle(io);
    REQUIRE(!a.closed());
    pair.a->abort();
    REQUIRE(run_until(io, [&] { return a.closed(); }));
    CHECK(a.closed_with({}));
}

TEMPLATE_LIST_TEST_CASE("dropping the last reference sends what is queued, closes, and calls nothing", "",
                        every_transport_of_text)
{
    asio::io_context io;
    auto pair = TestType::make(io, {.close_timeout = 60s});
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    pair.b->send("for nobody");
    pair.a->send("last words");
    pair.a->send(std::string(30000, 'x'));
    pair.a.reset();
    REQUIRE(run_until(io, [&] { return b.closed(); }));
    CHECK((b.messages == texts{"last words", std::string(30000, 'x')}));
    io.restart();
    io.run_for(10s);
    CHECK(io.stopped()); // nothing is left to do
    CHECK(a.messages.empty());
    CHECK(!a.closed());
}

TEMPLATE_LIST_TEST_CASE("no close handler runs after the last reference was dropped", "",
                        wide_transports_of_text)
{
    asio::io_context io;
    auto pair = TestType::make(io);
    witness a;
    a.watch(*pair.a);
    pair.a->abort(); // the report is on its way
    pair.a.reset();
    io.run_for(10s);
    CHECK(!a.closed());
}

TEMPLATE_LIST_TEST_CASE("all handlers are released after the close, and when the session is dropped", "",
                        wide_transports_of_text)
{
    asio::io_context io;
    auto pair = TestType::make(io);
    auto const token = std::make_shared<int>();
    for (auto const& s : {pair.a, pair.b})
    {
        s->set_onmessage([token](std::string const&) {});
        s->set_onclose([token](error_code) {});
        s->set_ondrain([token] {});
    }
    pair.a->close();
    CHECK(run_until(io, [&] { return token.use_count() == 1; }));

    pair = TestType::make(io);
    pair.a->set_onmessage([token](std::string const&) {});
    pair.a->set_onclose([token](error_code) {});
    pair.a->set_ondrain([token] {});
    pair.a.reset();
    CHECK(token.use_count() == 1);
}

TEMPLATE_LIST_TEST_CASE("a session that its own handlers own is gone after the close", "",
                        wide_transports_of_text)
{
    asio::io_context io;
    std::weak_ptr<oizys::session> weak;
    {
        auto const pair = TestType::make(io);
        weak = pair.a;
        pair.a->set_onmessage([s = pair.a](std::string const& message) { s->send(message); });
        pair.a->set_onclose([s = pair.a](error_code) { CHECK(!s->is_open()); });
        pair.b->set_onmessage([](std::string const&) {});
    } // b is dropped and closes
    CHECK(run_until(io, [&] { return weak.expired(); }));
}

TEST_CASE("a session that its own handlers own is gone with its loop, even if a weak reference stays")
{
    std::weak_ptr<oizys::session> weak; // outlives the loop: the address sanitizer watches
    {
        asio::io_context io;
        auto const pair = over_sockets::make(io);
        weak = pair.a;
        pair.a->set_onmessage([s = pair.a](std::string const& message) { s->send(message); });
        pair.a->set_onclose([s = pair.a](error_code) {});
        settle(io);
        CHECK(pair.a->is_open());
    }
    CHECK(weak.expired());
}

TEST_CASE("a weak reference does not keep the socket of a session that was dropped")
{
    asio::io_context io;
    raw_end raw{io};
    auto s = raw.connect(io);
    std::weak_ptr<oizys::session> const weak = s;
    auto const token = std::make_shared<int>();
    s->set_onmessage([token](std::string const&) {});
    s.reset();
    settle(io);
    CHECK(weak.expired());
    CHECK(token.use_count() == 1);
    CHECK(raw.at_eof());
}

TEST_CASE("no handler keeps the loop running after both ends are closed")
{
    asio::io_context io;
    auto const pair = over_sockets::make(io);
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    pair.a->send("message");
    pair.a->close();
    io.run_for(10s);
    CHECK(io.stopped());
    CHECK(b.messages == texts{"message"});
    CHECK(a.closed_with({}));
    CHECK(b.closed_with(asio::error::eof));
}
