// SPDX-License-Identifier: BSL-1.0
//
// Who asks for more than a queue holds: pings whose answers are not read, and descriptors that wait to be sent.
#include "agreed.hpp"

namespace
{

using namespace oizys::test;
using namespace std::string_literals;
using oizys::errc;

/// A session that speaks WAMP's RawSocket with JSON, whose other end does not read, and whose queue is full.
struct full_session
{
    explicit full_session(asio::io_context& io) : other{io}
    {
        auto options = negotiating();
        options.framing = oizys::framing::detect;
        options.negotiation.accepted = oizys::serializer::json;
        options.max_queued_bytes = 100000;
        session = other.connect(io, options);
        w.watch(*session);
        other.send("\x7f\xf1\0\0"s);
        REQUIRE(run_until(io, [&] { return session->negotiated().has_value(); }));
        std::string const message(1000, 'm');
        error_code ec;
        do // until the socket takes nothing more, and the queue neither
        {
            do
                session->send(std::string_view{message}, ec);
            while (!ec);
            settle(io);
        } while (session->queued_bytes() + 1004 <= options.max_queued_bytes);
        REQUIRE(ec == errc::queue_full);
        REQUIRE(session->queued_bytes() + 1004 > options.max_queued_bytes);
    }

    void ping(std::string_view text)
    {
        auto frame = framed(text);
        frame.front() = '\1';
        other.send(frame);
    }

    raw_end other;
    std::shared_ptr<oizys::session> session;
    witness w;
};

} // namespace

TEST_CASE("a ping is answered though the queue of messages is full")
{
    asio::io_context io;
    full_session full{io};
    full.ping(std::string(2000, 'p'));
    settle(io);
    CHECK(full.session->is_open());
    auto const pong = "\2"s + framed(std::string(2000, 'p')).substr(1);
    REQUIRE(run_until(io, [&] { return full.other.receive().find(pong) != std::string::npos; }));
    CHECK(full.session->is_open());
}

TEST_CASE("who pings and does not read the answers has its session ended")
{
    asio::io_context io;
    full_session full{io};
    for (int i = 0; i < 33; ++i)
        full.ping(std::string(1996, 'p')); // 2000 bytes with the header, and 65536 are allowed
    REQUIRE(run_until(io, [&] { return full.w.closed(); }));
    CHECK(full.w.closed_with(errc::queue_full));
}

TEST_CASE("pongs that have been written are not counted any more")
{
    asio::io_context io;
    full_session full{io};
    for (int i = 0; i < 100; ++i)
    {
        full.ping(std::string(1996, 'p'));
        settle(io);
        full.other.receive();
        settle(io);
    }
    CHECK(full.session->is_open());
}

TEST_CASE("descriptors that wait to be sent are limited, those of one message always find room")
{
    asio::io_context io;
    auto options = negotiating();
    options.negotiation.max_descriptors = 4;
    options.negotiation.max_queued_descriptors = 2;
    agreed_pair pair{io, options, options};
    auto const send = [&](std::size_t count, std::size_t length) {
        std::vector<oizys::unique_fd> files;
        for (std::size_t i = 0; i < count; ++i)
            files.push_back(file_with("x"));
        error_code ec;
        pair.connected->send(std::string(length, 'm'), std::move(files), ec);
        return ec;
    };
    CHECK(send(3, 1) == error_code{});
    CHECK(send(2, 1) == errc::queue_full);
    CHECK(send(1, 1) == error_code{});
    CHECK(send(1, 1) == errc::queue_full);
    CHECK(send(0, 1) == error_code{});
    REQUIRE(run_until(io, [&] { return pair.descriptors.size() == 3; }));
    CHECK(send(3, 1 << 20) == error_code{});
    CHECK(send(2, 1) == errc::queue_full);
    REQUIRE(run_until(io, [&] { return pair.descriptors.size() == 4; }));
    CHECK(pair.descriptors.back().size() == 3);
    CHECK(send(4, 1) == error_code{});
    REQUIRE(run_until(io, [&] { return pair.descriptors.size() == 5; }));
    CHECK(pair.connected->is_open());
}

TEST_CASE("a message with more descriptors than the other end takes is refused here and not there")
{
    asio::io_context io;
    auto few = negotiating();
    few.negotiation.max_descriptors = 1;
    agreed_pair pair{io, negotiating(), few};
    auto const send = [&](std::size_t count, std::size_t length) {
        std::vector<oizys::unique_fd> files(count);
        for (auto& file : files)
            file = file_with("x");
        error_code ec;
        pair.connected->send(std::string(length, 'm'), std::move(files), ec);
        return ec;
    };
    CHECK(send(2, 1) == errc::bad_descriptors);
    CHECK(send(1, 1) == error_code{});
    CHECK(send(1, 1 << 20) == error_code{}); // which cannot travel in shared memory besides
    REQUIRE(run_until(io, [&] { return pair.descriptors.size() == 2; }));
    CHECK(pair.accepted->is_open());
}
