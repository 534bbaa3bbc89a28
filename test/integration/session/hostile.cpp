// SPDX-License-Identifier: BSL-1.0
//
// Proves what a session makes of peers that break the protocol, vanish in the middle, or reset: it ends
// once, with an error that says what happened, after everything that came before was delivered.
#include "transports.hpp"

namespace
{

using namespace oizys::test;
using oizys::errc;

std::string bytes(std::initializer_list<int> values)
{
    std::string result;
    for (int const value : values)
        result += static_cast<char>(value);
    return result;
}

} // namespace

TEST_CASE("bytes that are no frame end the session behind the frames that are")
{
    struct example
    {
        std::string wire;
        error_code why;
    };
    for (auto const& [wire, why] :
         {example{bytes({0, 0, 0, 0}), errc::bad_frame}, example{bytes({1, 0, 0, 1, 'x'}), errc::bad_frame},
          example{bytes({0x80, 0, 0, 1, 'x'}), errc::bad_frame},
          example{"GET / HTTP/1.1\r\n\r\n", errc::bad_frame}, example{bytes({0x7f}), errc::bad_frame},
          example{bytes({0, 0, 4, 1}), errc::message_too_large},
          example{bytes({0, 0xff, 0xff, 0xff}), errc::message_too_large}})
    {
        asio::io_context io;
        raw_end raw{io};
        auto const s = raw.connect(io, {.max_message = 1024});
        s->set_onmessage([&](std::string const& message) { s->send(message + "!"); });
        witness w;
        w.watch_close(*s);
        raw.send(framed("good") + wire + "more");
        REQUIRE(run_until(io, [&] { return w.closed(); }));
        settle(io);
        CHECK(w.closed_with(why));
        CHECK(!s->is_open());
        // The answer to what was good was sent.
        CHECK(raw.receive() == framed("good!"));
    }
}

TEST_CASE("a bad frame equals EBADMSG")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io);
    witness w;
    w.watch(*s);
    raw.send(bytes({0, 0, 0, 0}));
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closes.front() == boost::system::errc::bad_message);
}

TEST_CASE("a peer that closes in the middle of a frame is told apart by nothing but the end")
{
    for (auto const& half :
         {bytes({0}), bytes({0, 0, 0}), bytes({0, 0, 0, 9}), framed("123456789").substr(0, 9),
          framed(std::string(100000, 'x')).substr(0, 50000)})
    {
        asio::io_context io;
        raw_end raw{io};
        auto const s = raw.connect(io);
        witness w;
        w.watch(*s);
        raw.send(framed("whole") + half);
        raw.close();
        REQUIRE(run_until(io, [&] { return w.closed(); }));
        CHECK(w.messages == texts{"whole"});
        CHECK(w.closed_with(asio::error::eof));
    }
}

TEST_CASE("a peer that only shuts down its sending side still gets the answers")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io);
    s->set_onmessage([&](std::string const& message) { s->send(message + "!"); });
    witness w;
    w.watch_close(*s);
    raw.send(framed("question"));
    raw.shutdown_send();
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(raw.receive() == framed("question!"));
    CHECK(w.closed_with(asio::error::eof));
}

TEST_CASE("a peer that resets is reported once")
{
    asio::io_context io;
    raw_end raw{io};
    auto const s = raw.connect(io);
    witness w;
    w.watch(*s);
    raw.send(framed("before"));
    s->send("which it never reads");
    settle(io);
    raw.close(); // with unread bytes: the kernel makes this a reset
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    settle(io);
    CHECK(w.messages == texts{"before"});
    CHECK(w.closed_with(asio::error::connection_reset));
}

TEST_CASE("messages that came before the peer closed are delivered, though writing to it fails")
{
    for (std::size_t const size : {10u, 100000u})
    {
        asio::io_context io;
        raw_end raw{io};
        auto const s = raw.connect(io);
        raw.send(framed("one") + framed(std::string(2000, '2')) + framed("three"));
        raw.close();
        witness w;
        w.watch_close(*s);
        s->send(std::string(size, 'x')); // fails before anything is read
        settle(io);
        w.listen(*s);
        REQUIRE(run_until(io, [&] { return w.closed(); }));
        settle(io);
        CHECK(w.closes.size() == 1);
        CHECK(w.closes.front().failed());
        // It listened too late: the failed write had ended the session.
        CHECK(w.messages.empty());
        CHECK(error_of_send(*s, "late") == errc::session_closed);
    }
    for (std::size_t const size : {10u, 100000u})
    {
        asio::io_context io;
        raw_end raw{io};
        auto const s = raw.connect(io);
        witness w;
        w.watch(*s);
        s->send(std::string(size, 'x'));
        raw.send(framed("one") + framed(std::string(2000, '2')) + framed("three"));
        raw.close();
        REQUIRE(run_until(io, [&] { return w.closed(); }));
        settle(io);
        CHECK((w.messages == texts{"one", std::string(2000, '2'), "three"}));
        CHECK(w.closes.size() == 1);
        CHECK(w.closes.front().failed());
    }
}

TEMPLATE_LIST_TEST_CASE("a session that answers while its peer closes reports one error", "",
                        every_transport_of_text)
{
    asio::io_context io;
    auto pair = TestType::make(io);
    std::size_t received = 0;
    error_code refused;
    witness b;
    b.watch_close(*pair.b);
    pair.b->set_onreceive([&](oizys::incoming& message) {
        ++received;
        pair.b->send(message.view(), refused);
    });
    for (int i = 0; i < 100; ++i)
        pair.a->send("question " + std::to_string(i));
    pair.a.reset(); // what it sent is still sent; nobody reads the answers
    REQUIRE(run_until(io, [&] { return b.closed(); }));
    settle(io);
    CHECK(received == 100);
    CHECK(b.closes.size() == 1);
    CHECK(b.closes.front().failed());
    CHECK((!refused || refused == errc::session_closed));
}

TEST_CASE("a close after a failed write reports the failure, for messages were lost")
{
    asio::io_context io;
    auto const pair = oizys::memory_pair(io.get_executor(), {.fail_after = 1});
    witness first;
    first.watch(*pair.first); // its read is operation 0
    pair.first->send("lost");
    io.restart();
    REQUIRE(io.poll_one() == 1); // the write
    CHECK(!pair.first->is_open());
    CHECK(error_of_send(*pair.first, "late") == errc::session_closed);
    pair.first->close();
    REQUIRE(run_until(io, [&] { return first.closed(); }));
    CHECK(first.closed_with(asio::error::connection_reset));
}

TEST_CASE("random bytes end a session or wait, and never more")
{
    std::mt19937 random{3};
    for (int round = 0; round < 500; ++round)
    {
        asio::io_context io;
        raw_end raw{io};
        constexpr oizys::framing kinds[] = {oizys::framing::header24,       oizys::framing::json_text,
                                            oizys::framing::newline,        oizys::framing::content_length,
                                            oizys::framing::msgpack_object, oizys::framing::message,
                                            oizys::framing::detect};
        auto const s = raw.connect(
            io, {.framing = kinds[static_cast<std::size_t>(round) % std::size(kinds)], .max_message = 500});
        s->set_onreceive([&](oizys::incoming& message) {
            error_code ec;
            s->send(message.view(), ec);
        });
        witness w;
        w.watch_close(*s);
        auto text = random_text(random, random() % 2000 + 1);
        if (round % 3 == 0)
            for (auto& c : text)
                c = "\0\0\1[]{}\"\n\x92\x93"[static_cast<std::uint8_t>(c) % 11];
        raw.send(text);
        raw.shutdown_send();
        REQUIRE(run_until(io, [&] { return w.closed(); }));
        settle(io);
        CHECK(w.closes.size() == 1);
    }
}
