// SPDX-License-Identifier: BSL-1.0
//
// Proves back pressure: a paused session delivers nothing and loses nothing, a session whose peer does not
// read keeps what it has and goes on where it stopped, and the drain handler is told each time that all is
// written.
#include "transports.hpp"

#include <type_traits>

namespace
{

using namespace oizys::test;

} // namespace

TEMPLATE_LIST_TEST_CASE("a paused session delivers nothing and, once resumed, everything", "",
                        every_transport)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    witness b;
    b.watch(*pair.b);
    std::mt19937 random{5};
    std::size_t const largest = std::is_same_v<TestType, over_narrow_memory> ? 500 : 90000;
    texts sent;
    bool paused = false;
    for (int round = 0; round < 300; ++round)
    {
        for (auto n = random() % 4; n-- > 0;)
        {
            sent.push_back(random_text(random, 1 + random() % (random() % 10 == 0 ? largest : 50)));
            pair.a->send(sent.back());
        }
        auto const before = b.messages.size();
        io.restart();
        for (auto n = random() % 5; n-- > 0;)
            io.poll_one();
        if (paused)
            CHECK(b.messages.size() == before);
        paused = random() % 2 == 0;
        if (paused)
            pair.b->pause_reading();
        else
            pair.b->resume_reading();
    }
    pair.b->resume_reading();
    REQUIRE(run_until(
        io, [&] { return b.messages.size() == sent.size(); }, std::chrono::seconds{60}));
    CHECK((b.messages == sent));
    CHECK(!b.closed());
}

TEMPLATE_LIST_TEST_CASE("a session that is paused before its handler is set waits", "",
                        wide_transports_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    witness b;
    pair.b->pause_reading();
    b.watch(*pair.b);
    pair.a->send("message");
    settle(io);
    settle(io);
    CHECK(b.messages.empty());
    pair.b->resume_reading();
    CHECK(run_until(io, [&] { return b.messages == texts{"message"}; }));
}

TEMPLATE_LIST_TEST_CASE("pausing and resuming before a handler is set is nothing", "",
                        wide_transports_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    pair.b->resume_reading();
    pair.b->pause_reading();
    pair.b->resume_reading();
    pair.b->resume_reading();
    witness b;
    b.watch(*pair.b);
    pair.a->send("message");
    CHECK(run_until(io, [&] { return b.messages == texts{"message"}; }));
}

TEMPLATE_LIST_TEST_CASE("a paused session can be closed, aborted and dropped", "", wide_transports_of_text)
{
    asio::io_context io;
    for (int how = 0; how < 3; ++how)
    {
        auto pair = TestType::make(io);
        witness b;
        b.watch(*pair.b);
        pair.a->send("message");
        settle(io);
        pair.b->pause_reading();
        pair.b->resume_reading();
        pair.b->pause_reading();
        if (how == 0)
            pair.b->close();
        else if (how == 1)
            pair.b->abort();
        else
            pair.b.reset();
        if (how != 2)
            pair.b->resume_reading();
        io.restart();
        io.run_for(std::chrono::seconds{10});
        CHECK(b.closes == (how == 2 ? std::vector<error_code>{} : std::vector{error_code{}}));
    }
}

TEMPLATE_LIST_TEST_CASE("messages and the end that came while a session was paused are delivered after it",
                        "", every_transport_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    witness b;
    b.watch(*pair.b);
    pair.b->pause_reading();
    pair.a->send("one");
    pair.a->send(std::string(2000, '2'));
    pair.a->close();
    settle(io);
    CHECK(b.messages.empty());
    CHECK(!b.closed());
    pair.b->resume_reading();
    REQUIRE(run_until(io, [&] { return b.closed(); }));
    CHECK((b.messages == texts{"one", std::string(2000, '2')}));
    CHECK(b.closed_with(asio::error::eof));
}

TEMPLATE_LIST_TEST_CASE("the drain handler is called once each time that all is written", "",
                        wide_transports_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    int drains = 0;
    pair.a->set_ondrain([&] {
        ++drains;
        CHECK(pair.a->queued_bytes() == 0);
        CHECK(pair.a->queued_messages() == 0);
    });
    settle(io);
    CHECK(drains == 0);
    pair.a->send("one");
    pair.a->send("two");
    CHECK(drains == 0); // not inside send
    settle(io);
    CHECK(drains == 1);
    settle(io);
    CHECK(drains == 1);
    pair.a->send("three");
    settle(io);
    CHECK(drains == 2);
}

TEMPLATE_LIST_TEST_CASE("the drain handler is called for a large message that leaves at once", "",
                        wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    witness b;
    b.watch(*pair.b);
    int drains = 0;
    pair.a->set_ondrain([&] {
        // As a program does that sends a long file piece by piece.
        if (++drains < 10)
            pair.a->send(std::string(65536, 'x'));
    });
    pair.a->send(std::string(65536, 'x'));
    CHECK(drains == 0); // not inside send
    CHECK(run_until(io, [&] { return drains == 10; }));
    CHECK(run_until(io, [&] { return b.messages.size() == 10; }));
}

TEMPLATE_LIST_TEST_CASE("the drain handler waits for the slowest byte", "", wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    int drains = 0;
    pair.a->set_ondrain([&] { ++drains; });
    std::size_t const count = 40;
    for (std::size_t i = 0; i < count; ++i)
        pair.a->send(std::string(100000, 'x'));
    settle(io);
    CHECK(drains == 0);
    CHECK(pair.a->queued_bytes() > 0);
    witness b;
    b.watch(*pair.b);
    REQUIRE(run_until(io, [&] { return b.messages.size() == count && drains > 0; }));
    settle(io);
    CHECK(drains == 1);
}

TEST_CASE("a peer that does not read, then reads, gets every byte")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io);
    witness w;
    w.watch(*s);
    std::string wire;
    std::mt19937 random{9};
    for (int i = 0; i < 200; ++i)
    {
        auto const text = random_text(random, 1 + random() % 60000);
        s->send(text);
        wire += framed(text);
        settle(io);
    }
    CHECK(s->queued_bytes() > 0);
    CHECK(s->queued_bytes() < wire.size());
    CHECK(s->queued_messages() < 200);
    // What it sends meanwhile is received.
    raw.send(framed("meanwhile"));
    CHECK(run_until(io, [&] { return w.messages == texts{"meanwhile"}; }));

    REQUIRE(run_until(io, [&] { return raw.receive().size() == wire.size(); }));
    CHECK((raw.receive() == wire));
    settle(io);
    CHECK(s->queued_bytes() == 0);
    CHECK(s->queued_messages() == 0);
}

TEMPLATE_LIST_TEST_CASE("two ends that flood each other both finish", "", every_transport_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    std::size_t const count = 300;
    std::size_t const size = std::is_same_v<TestType, over_narrow_memory> ? 100 : 20000;
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    for (std::size_t i = 0; i < count; ++i)
    {
        pair.a->send(std::string(size, 'a'));
        pair.b->send(std::string(size, 'b'));
    }
    CHECK(run_until(io, [&] { return a.messages.size() == count && b.messages.size() == count; }));
}
