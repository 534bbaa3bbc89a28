// SPDX-License-Identifier: BSL-1.0
//
// Proves the ways that messages take in the negotiated mode over a real socket: long ones beside short ones,
// compressed ones, and those in shared memory; and the limits that hold for all of them.
#include "agreed.hpp"

#include <algorithm>

using namespace oizys::test;
using namespace std::chrono_literals;
using oizys::errc;

TEST_CASE("messages of every size arrive whole over a negotiated session, by every way")
{
    asio::io_context io;
    auto options = negotiating();
    options.max_message = 20u << 20;
    options.max_queued_bytes = 100u << 20;
    options.negotiation.compress = GENERATE(false, true);
    options.negotiation.shared_from = GENERATE(as<std::size_t>{}, 0, 262144);
    agreed_pair const pair{io, options, options};
    std::mt19937 random{3};
    std::vector<std::string> sent;
    for (std::size_t const size :
         {1u, 2u, 4095u, 4096u, 65535u, 65536u, 262143u, 262144u, 262145u, 1000000u, 17000000u})
    {
        auto text = random_text(random, size);
        std::fill_n(text.begin(), size / 2, 'a'); // half of it can be compressed
        sent.push_back(text);
        error_code ec;
        switch (sent.size() % 3)
        {
        case 0: pair.connected->send(text, ec); break;
        case 1: pair.connected->send_owned(text, ec); break;
        default: pair.connected->begin_message() += text; pair.connected->end_message(ec);
        }
        REQUIRE(!ec);
    }
    REQUIRE(run_until(
        io, [&] { return pair.at_accepted.messages.size() == sent.size(); }, 60s));
    auto arrived = pair.at_accepted.messages; // long ones may have been overtaken
    std::ranges::sort(arrived);
    std::ranges::sort(sent);
    CHECK((arrived == sent));
    CHECK(pair.connected->queued_bytes() == 0);
    CHECK(pair.connected->queued_messages() == 0);
    CHECK(pair.connected->counters().messages_sent == sent.size());
    CHECK(pair.accepted->counters().messages_received == sent.size());
}

TEST_CASE("a long message does not hold up a short one")
{
    asio::io_context io;
    auto options = negotiating();
    options.max_message = 100u << 20;
    options.max_queued_bytes = 200u << 20;
    options.negotiation.shared_from = 0;
    agreed_pair const pair{io, options, options};
    std::string const large(50u << 20, 'x');
    pair.connected->send(large);
    for (int i = 0; i < 5; ++i)
        io.poll_one();
    pair.connected->send("short");
    REQUIRE(run_until(
        io, [&] { return pair.at_accepted.messages.size() == 2; }, 60s));
    CHECK(pair.at_accepted.messages[0] == "short");
    CHECK((pair.at_accepted.messages[1] == large));
}

TEST_CASE("the queue's limit counts what waits for its turn, too")
{
    asio::io_context io;
    auto options = negotiating();
    options.max_queued_bytes = 1u << 20;
    options.negotiation.shared_from = 0;
    agreed_pair const pair{io, options, options};
    pair.connected->send(std::string(1000000, 'x'));
    CHECK(pair.connected->queued_bytes() >= 1000000);
    CHECK(pair.connected->queued_messages() == 1);
    CHECK(error_of_send(*pair.connected, std::string(100000, 'x')) == errc::queue_full);
    CHECK(pair.connected->counters().messages_refused == 1);
    REQUIRE(run_until(io, [&] { return pair.at_accepted.messages.size() == 1; }));
}

TEST_CASE("the limit of a message holds for the whole of its parts")
{
    asio::io_context io;
    auto sends_more = negotiating();
    sends_more.max_message = 3000000;
    sends_more.negotiation.shared_from = 0;
    auto takes_less = sends_more;
    takes_less.max_message = 1000000;
    agreed_pair const pair{io, sends_more, takes_less};
    CHECK(pair.connected->max_message() == 1000000);
    CHECK(error_of_send(*pair.connected, std::string(1000001, 'x')) == errc::message_too_large);
    pair.connected->send(std::string(1000000, 'x'));
    REQUIRE(run_until(io, [&] { return pair.at_accepted.messages.size() == 1; }));
    CHECK(pair.accepted->max_message() == 1000000); // its own bound holds for what it sends
}

TEST_CASE("compressed messages take fewer bytes, and only where it is wanted")
{
    asio::io_context io;
    auto options = negotiating();
    std::string const text(100000, 'a');
    SECTION("not over a Unix socket by default")
    {
        agreed_pair const pair{io, options, options};
        pair.connected->send(text);
        REQUIRE(run_until(io, [&] { return pair.at_accepted.messages == texts{text}; }));
        CHECK(pair.connected->counters().bytes_sent > text.size());
    }
    SECTION("on demand")
    {
        options.negotiation.compress = true;
        agreed_pair const pair{io, options, negotiating()};
        pair.connected->send(text);
        REQUIRE(run_until(io, [&] { return pair.at_accepted.messages == texts{text}; }));
        CHECK(pair.connected->counters().bytes_sent < 1000);
        CHECK(pair.accepted->counters().bytes_received < 1000);
    }
}

TEST_CASE("a large message arrives in shared memory, and is gone with its handler")
{
    asio::io_context io;
    agreed_pair const pair{io};
    auto const before = open_descriptors();
    std::mt19937 random{11};
    auto const text = random_text(random, 1u << 20);
    pair.connected->send(text);
    REQUIRE(run_until(io, [&] { return !pair.at_accepted.messages.empty(); }));
    CHECK((pair.at_accepted.messages[0] == text));
    CHECK(pair.connected->counters().bytes_sent < 1000); // of the socket
    CHECK(open_descriptors() == before);
}

TEST_CASE("who was held back by a long answer reads on when its last part is written")
{
    asio::io_context io;
    auto asking = negotiating();
    asking.negotiation.part_size = 4096;
    asking.negotiation.shared_from = 0;
    auto answering = asking;
    answering.pause_reading_above = 20000;
    asio::local::stream_protocol::socket first{io};
    asio::local::stream_protocol::socket second{io};
    asio::local::connect_pair(first, second);
    opening client;
    client.open(std::move(first), asking);
    auto const accepted = session_of(std::move(second), answering);
    // More parts than one turn writes, and each of them fits into the socket: nothing ever waits for that.
    accepted->set_onmessage([&](std::string const&) { accepted->send(std::string(100000, 'x')); });
    REQUIRE(run_until(io, [&] { return client.calls != 0; }));
    witness w;
    w.watch(*client.session);
    for (int i = 0; i < 5; ++i)
        client.session->send("request");
    CHECK(run_until(io, [&] { return w.messages.size() == 5; }));
}

TEST_CASE("shared memory counts for the queue's limit, and what is under way is bounded by it as well")
{
    asio::io_context io;
    auto options = negotiating();
    options.max_queued_bytes = 4000000;
    agreed_pair pair{io, options};
    pair.accepted->pause_reading();
    std::string const message(1000000, 'x');
    int accepted = 0;
    error_code ec;
    for (int i = 0; i < 30 && !ec; ++i)
    {
        pair.connected->send(message, ec);
        accepted += !ec;
        settle(io);
    }
    CHECK(ec == errc::queue_full);
    CHECK(accepted <= 4 + 4 + 1); // the other end holds one that it had begun to read
    CHECK(pair.connected->queued_bytes() <= 4000000);

    pair.accepted->resume_reading();
    CHECK(run_until(io,
                    [&] { return pair.at_accepted.messages.size() == static_cast<std::size_t>(accepted); }));
    CHECK(pair.connected->queued_bytes() == 0);
    auto const before = pair.connected->counters().bytes_sent;
    pair.connected->send(message);
    settle(io);
    CHECK(pair.connected->counters().bytes_sent < before + 100); // there is room again
}
