// SPDX-License-Identifier: BSL-1.0
//
// Proves that sessions through shared memory carry messages of every size whole and in order, stop when
// the other end does not read, and end as other sessions do.
#include "shm_test.hpp"

namespace
{

using namespace oizys::test;
using oizys::errc;
using std::chrono::microseconds;

shm_options const variants[] = {
    {.capacity = 4096},
    {.capacity = 262144},
    {.capacity = 1}, // as little as is allowed
    {.capacity = 4096, .spin = microseconds{100}},
    {.capacity = 65536, .spin = microseconds{100}},
};

void echo(oizys::session& s)
{
    s.set_onreceive([&s](oizys::incoming& message) {
        error_code ec;
        s.send(message.view(), ec);
    });
}

} // namespace

TEST_CASE("messages of every size come back from the other end of the shared memory")
{
    for (auto const& options : variants)
    {
        asio::io_context io;
        auto const pair = shm_pair(io, options);
        echo(*pair.b);
        witness w;
        w.watch(*pair.a);
        std::mt19937 random{1};
        texts sent;
        for (std::size_t size = 1; size < 300; size += 7)
            sent.push_back(random_text(random, size));
        for (std::size_t const size :
             {4091u, 4092u, 4093u, 8192u, 65535u, 262140u, 262144u, 1000000u, 5u << 20})
            sent.push_back(random_text(random, size));
        for (auto const& text : sent)
            pair.a->send(text);
        REQUIRE(run_until(io, [&] { return w.messages.size() == sent.size() || w.closed(); }));
        CHECK((w.messages == sent));
    }
}

TEST_CASE("one message at a time goes back and forth, many times")
{
    for (auto const& options : variants)
    {
        asio::io_context io;
        auto const pair = shm_pair(io, options);
        echo(*pair.b);
        int rounds = 0;
        pair.a->set_onmessage([&](std::string const& message) {
            CHECK(message == "ping " + std::to_string(rounds));
            ++rounds;
            pair.a->send("ping " + std::to_string(rounds));
        });
        pair.a->send("ping 0");
        REQUIRE(run_until(io, [&] { return rounds == 3000; }));
    }
}

TEST_CASE("both ends flood each other at once through a small ring")
{
    asio::io_context io;
    auto const pair = shm_pair(io, {.capacity = 4096});
    std::mt19937 random{2};
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    texts from_a;
    texts from_b;
    for (int i = 0; i < 500; ++i)
    {
        from_a.push_back(random_text(random, 1 + random() % 3000));
        from_b.push_back(random_text(random, 1 + random() % 30000));
        pair.a->send(from_a.back());
        pair.b->send(from_b.back());
    }
    REQUIRE(run_until(io, [&] { return a.messages.size() == 500 && b.messages.size() == 500; }));
    CHECK((a.messages == from_b));
    CHECK((b.messages == from_a));
}

TEST_CASE("a session that closes sends what it has queued, and the other end reads all of it before the end")
{
    for (std::size_t const size : {1u, 5000u, 1000000u})
        for (bool const client_closes : {true, false})
        {
            asio::io_context io;
            auto pair = shm_pair(io, {.capacity = 4096});
            if (!client_closes)
                std::swap(pair.a, pair.b);
            witness a;
            witness b;
            a.watch(*pair.a);
            b.watch(*pair.b);
            pair.a->send(std::string(size, 'x'));
            pair.a->send("last");
            pair.a->close();
            REQUIRE(run_until(io, [&] { return a.closed() && b.closed(); }));
            CHECK(a.closed_with({}));
            CHECK(b.closed_with(asio::error::eof));
            CHECK((b.messages == texts{std::string(size, 'x'), "last"}));
        }
}

TEST_CASE("an end that closes during the handshake is reported as any that closes")
{
    for (std::size_t turns = 0; turns < 6; ++turns)
    {
        asio::io_context io;
        auto const pair = shm_pair(io);
        witness a;
        witness b;
        a.watch(*pair.a);
        b.watch(*pair.b);
        for (std::size_t i = 0; i < turns; ++i)
            io.poll_one();
        pair.a->close();
        REQUIRE(run_until(io, [&] { return a.closed() && b.closed(); }));
        CHECK(a.closed_with({}));
        CHECK(b.closed_with(asio::error::eof));
    }
}

TEST_CASE("dropping the handle closes, and what was queued still arrives")
{
    asio::io_context io;
    auto pair = shm_pair(io, {.capacity = 4096});
    witness b;
    b.watch(*pair.b);
    pair.a->send(std::string(100000, 'x'));
    pair.a.reset();
    REQUIRE(run_until(io, [&] { return b.closed(); }));
    CHECK((b.messages == texts{std::string(100000, 'x')}));
    CHECK(b.closed_with(asio::error::eof));
}

TEST_CASE("an aborted session ends at once, and the other end with it")
{
    asio::io_context io;
    auto const pair = shm_pair(io);
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    pair.a->send("Hi");
    REQUIRE(run_until(io, [&] { return b.messages.size() == 1; }));
    pair.a->send(std::string(10000000, 'x'));
    pair.a->abort();
    REQUIRE(run_until(io, [&] { return a.closed() && b.closed(); }));
    CHECK(a.closed_with({}));
    CHECK(b.closed_with(asio::error::eof));
    CHECK(b.messages == texts{"Hi"});
}

TEST_CASE("a reader that pauses stops the writer, and gets everything when it goes on")
{
    asio::io_context io;
    auto const pair = shm_pair(io, {.capacity = 65536});
    witness b;
    b.watch(*pair.b);
    pair.a->send("first");
    REQUIRE(run_until(io, [&] { return b.messages.size() == 1; }));
    pair.b->pause_reading();
    texts expected{"first"};
    for (int i = 0; i < 100; ++i)
    {
        expected.emplace_back(10000, static_cast<char>('a' + i % 26));
        pair.a->send(expected.back());
    }
    settle(io);
    // What is in the ring and in one read was taken, and no more.
    CHECK(pair.a->queued_bytes() > 700000);
    pair.b->resume_reading();
    REQUIRE(run_until(io, [&] { return b.messages.size() == expected.size(); }));
    CHECK((b.messages == expected));
    CHECK(pair.a->queued_bytes() == 0);
}

TEST_CASE("what lies in the ring when the other end is seen to be gone is still received")
{
    asio::io_context io;
    auto const pair = shm_pair(io, {.capacity = 65536});
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    pair.a->send("first");
    REQUIRE(run_until(io, [&] { return b.messages.size() == 1; }));
    pair.b->pause_reading();
    pair.a->send("what completes the read that is pending");
    settle(io);
    texts expected{"first", "what completes the read that is pending"};
    for (int i = 0; i < 50; ++i)
    {
        expected.push_back(std::string(1000, 'x') + std::to_string(i));
        pair.a->send(expected.back());
    }
    pair.a->close();
    REQUIRE(run_until(io, [&] { return a.closed(); }));
    settle(io);
    CHECK(a.closed_with({}));
    CHECK(!b.closed());
    pair.b->resume_reading();
    REQUIRE(run_until(io, [&] { return b.closed(); }));
    CHECK((b.messages == expected));
    CHECK(b.closed_with(asio::error::eof));
}

TEST_CASE("an end that never reads costs its peer no more than max_queued_bytes")
{
    asio::io_context io;
    auto const pair = shm_pair(io, {.capacity = 65536}, {.max_queued_bytes = 200000});
    witness a;
    a.watch(*pair.a);
    error_code ec;
    for (int i = 0; i < 1000 && !ec; ++i)
    {
        pair.a->send(std::string_view{std::string(1000, 'x')}, ec);
        settle(io);
    }
    CHECK(ec == errc::queue_full);
    CHECK(pair.a->queued_bytes() <= 200000);
    pair.a->close(); // what is queued cannot be sent
    REQUIRE(run_until(io, [&] { return a.closed(); }));
    CHECK(a.closed_with(errc::close_timeout));
}

TEST_CASE("the peer of a shared memory session is known by uid, gid and pid")
{
    asio::io_context io;
    auto const pair = shm_pair(io);
    for (auto const& s : {pair.a, pair.b})
    {
        CHECK(s->credentials().uid == ::getuid());
        CHECK(s->credentials().gid == ::getgid());
        CHECK(s->credentials().pid == ::getpid());
    }
    pair.a->abort();
    CHECK(!pair.a->credentials().uid);
}

TEST_CASE("a handler may close, abort or drop its session")
{
    for (int what = 0; what < 3; ++what)
        for (auto const& options : variants)
        {
            asio::io_context io;
            auto pair = shm_pair(io, options);
            witness a;
            a.watch_close(*pair.a);
            std::size_t received = 0;
            pair.b->set_onreceive([&](oizys::incoming&) {
                ++received;
                if (what == 0)
                    pair.b->close();
                else if (what == 1)
                    pair.b->abort();
                else
                    pair.b.reset();
            });
            pair.a->set_onmessage([](std::string const&) {});
            for (int i = 0; i < 10; ++i)
                pair.a->send("message");
            REQUIRE(run_until(io, [&] { return a.closed(); }));
            CHECK(received == 1);
            CHECK(a.closed_with(asio::error::eof));
        }
}

TEST_CASE("sessions that are gone leave no descriptor and no mapping")
{
    holdings const before;
    for (int round = 0; round < 3; ++round)
    {
        asio::io_context io;
        auto pair = shm_pair(io);
        echo(*pair.b);
        witness w;
        w.watch(*pair.a);
        pair.a->send("Hi");
        if (round != 0)
            REQUIRE(run_until(io, [&] { return w.messages.size() == 1; }));
        if (round == 1)
            pair.a->close();
        // Or the loop goes while both wait, with handlers that own their sessions.
        pair.b->set_ondrain([b = pair.b] {});
        if (round == 1)
            REQUIRE(run_until(io, [&] { return w.closed(); }));
    }
    CHECK(holdings{} == before);
}

TEST_CASE("many sessions run on one loop")
{
    asio::io_context io;
    std::vector<session_pair> pairs;
    std::size_t answers = 0;
    for (int i = 0; i < 100; ++i)
    {
        pairs.push_back(shm_pair(io));
        echo(*pairs.back().b);
        pairs.back().a->set_onmessage([&](std::string const&) { ++answers; });
        pairs.back().a->send("Hi " + std::to_string(i));
    }
    REQUIRE(run_until(io, [&] { return answers == 100; }));
}
