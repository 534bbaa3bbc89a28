// SPDX-License-Identifier: BSL-1.0
//
// Proves that a handler may do to its session whatever it likes: close it, abort it, drop it, throw, send,
// pause. The handler stays alive while it runs, the rest of what has arrived is not handed over to a
// session that has ended, and the loop never sees an exception.
#include "transports.hpp"

#include <functional>

namespace
{

using namespace oizys::test;
using oizys::errc;

// Sends three messages that arrive together; `handler` is b's and sees how many came before.
struct three_messages
{
    explicit three_messages(session_pair pair_) : pair{std::move(pair_)} {}

    void run(asio::io_context& io, std::function<void(int)> handler)
    {
        a.watch(*pair.a);
        b.watch_close(*pair.b);
        pair.b->set_onmessage([this, handler = std::move(handler), own = std::string(100, 'x')](auto const&) {
            handler(calls++);
            // What the handler captured must still be there.
            intact = intact && own == std::string(100, 'x');
        });
        for (int i = 0; i < 3; ++i)
            pair.a->send("message");
        REQUIRE(run_until(io, [&] { return a.closed(); }));
        settle(io);
        CHECK(intact);
    }

    session_pair pair;
    witness a;
    witness b;
    int calls = 0;
    bool intact = true;
};

} // namespace

TEMPLATE_LIST_TEST_CASE("a message handler may close its session", "", every_transport_of_text)
{
    asio::io_context io;
    three_messages t{TestType::make(io)};
    t.run(io, [&](int) {
        t.pair.b->close();
        CHECK(!t.b.closed());
        CHECK(error_of_send(*t.pair.b, "late") == errc::session_closed);
    });
    CHECK(t.calls == 1);
    CHECK(t.b.closed_with({}));
}

TEMPLATE_LIST_TEST_CASE("what a handler sent before it closed the session arrives", "",
                        every_transport_of_text)
{
    asio::io_context io;
    three_messages t{TestType::make(io)};
    t.run(io, [&](int) {
        t.pair.b->send("goodbye");
        t.pair.b->close();
    });
    CHECK(t.calls == 1);
    CHECK(t.a.messages == texts{"goodbye"});
}

TEMPLATE_LIST_TEST_CASE("a message handler may abort its session", "", every_transport_of_text)
{
    asio::io_context io;
    three_messages t{TestType::make(io)};
    t.run(io, [&](int) {
        t.pair.b->send("discarded");
        t.pair.b->abort();
        CHECK(!t.b.closed());
    });
    CHECK(t.calls == 1);
    CHECK(t.b.closed_with({}));
    CHECK(t.a.messages.empty());
}

TEMPLATE_LIST_TEST_CASE("a message handler that closed its session and runs the loop itself stays alive", "",
                        wide_transports_of_text)
{
    asio::io_context io;
    for (bool const abort : {false, true})
    {
        three_messages t{TestType::make(io)};
        t.run(io, [&](int) {
            abort ? t.pair.b->abort() : t.pair.b->close();
            io.poll();
            CHECK(t.b.closed_with({}));
        });
        CHECK(t.calls == 1);
    }
}

TEMPLATE_LIST_TEST_CASE("a message handler may drop the last reference", "", every_transport_of_text)
{
    asio::io_context io;
    three_messages t{TestType::make(io)};
    std::weak_ptr<oizys::session> const weak = t.pair.b;
    t.run(io, [&](int) {
        t.pair.b->send("goodbye");
        t.pair.b.reset();
    });
    CHECK(t.calls == 1);
    CHECK(!t.b.closed()); // nobody is told any more
    CHECK(t.a.messages == texts{"goodbye"});
    CHECK(weak.expired());
}

TEMPLATE_LIST_TEST_CASE("a message handler that throws ends its session and not the loop", "",
                        every_transport_of_text)
{
    asio::io_context io;
    SECTION("an exception")
    {
        three_messages t{TestType::make(io)};
        t.run(io, [&](int) { throw std::runtime_error{"deliberate"}; });
        CHECK(t.calls == 1);
        CHECK(t.b.closed_with(errc::handler_failed));
    }
    SECTION("something that is no exception")
    {
        three_messages t{TestType::make(io)};
        t.run(io, [&](int) { throw 42; });
        CHECK(t.b.closed_with(errc::handler_failed));
    }
    SECTION("after it closed the session")
    {
        three_messages t{TestType::make(io)};
        t.run(io, [&](int) {
            t.pair.b->close();
            throw std::runtime_error{"deliberate"};
        });
        CHECK(t.b.closes.size() == 1);
    }
    SECTION("after it aborted the session")
    {
        three_messages t{TestType::make(io)};
        t.run(io, [&](int) {
            t.pair.b->abort();
            throw std::runtime_error{"deliberate"};
        });
        CHECK(t.b.closes.size() == 1);
    }
    SECTION("after it dropped the last reference")
    {
        three_messages t{TestType::make(io)};
        t.run(io, [&](int) {
            t.pair.b.reset();
            throw std::runtime_error{"deliberate"};
        });
        CHECK(!t.b.closed());
    }
}

TEMPLATE_LIST_TEST_CASE("a throwing send that nobody catches ends the session", "", wide_transports_of_text)
{
    asio::io_context io;
    three_messages t{TestType::make(io)};
    t.run(io, [&](int) { t.pair.b->send(""); });
    CHECK(t.calls == 1);
    CHECK(t.b.closed_with(errc::handler_failed));
}

TEMPLATE_LIST_TEST_CASE("answers to the messages before a failure are sent", "", every_transport_of_text)
{
    asio::io_context io;
    three_messages t{TestType::make(io)};
    t.run(io, [&](int n) {
        if (n == 2)
            throw std::runtime_error{"deliberate"};
        t.pair.b->send(std::to_string(n));
    });
    CHECK(t.b.closed_with(errc::handler_failed));
    CHECK(t.a.messages == texts{"0", "1"});
}

TEMPLATE_LIST_TEST_CASE("a message handler may pause its session and others resume it", "",
                        every_transport_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    texts seen;
    pair.b->set_onmessage([&](std::string const& message) {
        seen.push_back(message);
        pair.b->pause_reading();
    });
    for (char const c : {'a', 'b', 'c'})
        pair.a->send(std::string(1, c));
    for (std::size_t count = 1; count <= 3; ++count)
    {
        REQUIRE(run_until(io, [&] { return seen.size() == count; }));
        settle(io);
        CHECK(seen.size() == count);
        pair.b->resume_reading();
        CHECK(seen.size() == count); // not inside resume_reading()
    }
    CHECK(seen == texts{"a", "b", "c"});
}

TEMPLATE_LIST_TEST_CASE("handlers cannot be set again from within themselves", "", wide_transports_of_text)
{
    asio::io_context io;
    three_messages t{TestType::make(io)};
    t.run(io, [&](int n) {
        CHECK_THROWS_AS(t.pair.b->set_onmessage([](auto const&) {}), std::logic_error);
        CHECK_THROWS_AS(t.pair.b->set_onreceive([](auto&) {}), std::logic_error);
        if (n == 2)
            t.pair.b->close();
    });
    CHECK(t.calls == 3);
    CHECK(t.b.closed_with({}));
}

TEMPLATE_LIST_TEST_CASE("a close handler may use the session and drop it", "", wide_transports_of_text)
{
    asio::io_context io;
    auto pair = TestType::make(io);
    int closes = 0;
    pair.b->set_onclose([&](error_code why) {
        ++closes;
        CHECK(why == asio::error::eof);
        CHECK(error_of_send(*pair.b, "late") == errc::session_closed);
        CHECK_THROWS_AS(pair.b->set_onclose([](error_code) {}), std::logic_error);
        pair.b->close();
        pair.b->abort();
        pair.b->pause_reading();
        pair.b->resume_reading();
        CHECK(pair.b->queued_messages() == 0);
        pair.b.reset();
    });
    pair.b->set_onmessage([](auto const&) {});
    pair.a->close();
    CHECK(run_until(io, [&] { return closes == 1; }));
    settle(io);
    CHECK(closes == 1);
}

TEMPLATE_LIST_TEST_CASE("a close handler that throws does not reach the loop", "", wide_transports_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    bool called = false;
    pair.b->set_onclose([&](error_code) {
        called = true;
        throw std::runtime_error{"deliberate"};
    });
    pair.b->set_onmessage([](auto const&) {});
    pair.a->close();
    CHECK(run_until(io, [&] { return called; }));
}

TEMPLATE_LIST_TEST_CASE("a drain handler may send, close, drop, throw and replace itself", "",
                        every_transport_of_text)
{
    asio::io_context io;
    auto pair = TestType::make(io);
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    int drains = 0;

    SECTION("send")
    {
        pair.a->set_ondrain([&] {
            if (++drains < 5)
                pair.a->send(std::to_string(drains));
        });
        pair.a->send("0");
        CHECK(run_until(io, [&] { return drains == 5 && b.messages.size() == 5; }));
        CHECK(b.messages == texts{"0", "1", "2", "3", "4"});
    }
    SECTION("close")
    {
        pair.a->set_ondrain([&] {
            ++drains;
            pair.a->close();
        });
        pair.a->send("0");
        CHECK(run_until(io, [&] { return a.closed() && b.closed(); }));
        CHECK(drains == 1);
        CHECK(a.closed_with({}));
        CHECK(b.messages == texts{"0"});
    }
    SECTION("drop")
    {
        pair.a->set_ondrain([&] {
            ++drains;
            pair.a.reset();
        });
        pair.a->send("0");
        CHECK(run_until(io, [&] { return b.closed(); }));
        CHECK(drains == 1);
        CHECK(!a.closed());
    }
    SECTION("throw")
    {
        pair.a->set_ondrain([&] {
            ++drains;
            throw std::runtime_error{"deliberate"};
        });
        pair.a->send("0");
        CHECK(run_until(io, [&] { return a.closed(); }));
        CHECK(drains == 1);
        CHECK(a.closed_with(errc::handler_failed));
    }
    SECTION("replace itself")
    {
        pair.a->set_ondrain([&] { pair.a->set_ondrain([&] { ++drains; }); });
        pair.a->send("0");
        CHECK(run_until(io, [&] { return b.messages.size() == 1; }));
        settle(io);
        CHECK(drains == 0);
        pair.a->send("1");
        CHECK(run_until(io, [&] { return drains == 1; }));
    }
}
