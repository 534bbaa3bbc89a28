// SPDX-License-Identifier: BSL-1.0
//
// Two links joined without a session: what one makes of a message the other makes a message of again.
#include "link_frames.hpp"

#include "wire/frame_type.hpp"

#include <algorithm>
#include <utility>

using namespace oizys;
using namespace oizys::test;
using namespace std::string_literals;
using wire::frame_type;

namespace
{

struct line
{
    negotiated_link from;
    negotiated_link to{everything(), {}, max_message, false};
    wire::send_queue queue{framing::negotiated};
    std::vector<frame> sent{};

    explicit line(negotiated_link l) : from{std::move(l)} {}

    /// Moves everything; returns the messages that arrive, with how many descriptors each.
    std::vector<std::pair<std::string, std::size_t>> move_all()
    {
        std::vector<std::pair<std::string, std::size_t>> arrived;
        descriptor_queue descriptors;
        do
        {
            for (auto& f : frames_of(queue, descriptors))
            {
                received_message message;
                boost::system::error_code ec;
                if (to.on_frame(f.type, f.payload, descriptors, message, ec) ==
                    negotiated_link::arrival::message)
                    arrived.emplace_back(message.view, message.descriptors.size());
                REQUIRE(!ec);
                sent.push_back(std::move(f));
            }
        } while (from.next_part(queue));
        REQUIRE(descriptors.size() == 0);
        return arrived;
    }
};

std::string noise(std::size_t size)
{
    std::string text(size, '\0');
    std::uint32_t state = 7;
    for (auto& c : text)
    {
        state = state * 1664525u + 1013904223u;
        c = static_cast<char>(state >> 24);
    }
    return text;
}

} // namespace

TEST_CASE("a short message is one ordinary frame, as RawSocket has it")
{
    line l{negotiated_link{everything(), {}, max_message, true}};
    l.from.send("Hi", {}, l.queue);
    CHECK(l.move_all() == std::vector{std::pair{"Hi"s, std::size_t{0}}});
    REQUIRE(l.sent.size() == 1);
    CHECK(l.sent[0].type == 0);
    CHECK(l.sent[0].payload == "Hi");
}

TEST_CASE("long messages travel in parts, between which short ones pass")
{
    auto options = without_shared_memory();
    options.part_size = 4096;
    line l{negotiated_link{everything(), options, max_message, false}};
    auto const large = noise(10000);
    l.from.send(large, {}, l.queue);
    CHECK(l.from.waiting_messages() == 1);
    CHECK(l.from.waiting_bytes() == large.size());
    REQUIRE(l.from.next_part(l.queue));
    CHECK(l.from.waiting_bytes() == large.size() - 4096);
    l.from.send("short", {}, l.queue);
    l.from.send(noise(4097), {}, l.queue);
    auto const arrived = l.move_all();
    REQUIRE(arrived.size() == 3);
    CHECK(arrived[0].first == "short");
    CHECK((arrived[1].first == large));
    CHECK((arrived[2].first == noise(4097)));
    CHECK(l.from.waiting_messages() == 0);
    CHECK(l.from.waiting_bytes() == 0);
    CHECK(l.sent[0].type == static_cast<std::uint8_t>(frame_type::part));
    CHECK(l.sent[0].payload.size() == 4096);
}

TEST_CASE("parts are no longer than the other end's frames")
{
    line l{negotiated_link{everything(512), without_shared_memory(), max_message, false}};
    l.from.send(noise(5000), {}, l.queue);
    CHECK((l.move_all().at(0).first == noise(5000)));
    for (auto const& f : l.sent)
        CHECK(f.payload.size() <= 512);
}

TEST_CASE("what can be compressed is, from the threshold on, where both ends want it")
{
    std::string const text(100000, 'a');
    auto const options = without_shared_memory();
    line l{negotiated_link{everything(), options, max_message, true}};
    l.from.send(text, {}, l.queue);
    l.from.send(noise(100000), {}, l.queue);
    l.from.send(std::string(4095, 'a'), {}, l.queue);
    auto const arrived = l.move_all();
    REQUIRE(arrived.size() == 3);
    CHECK((arrived[0].first == text));
    CHECK((arrived[1].first == noise(100000)));
    CHECK(l.sent[0].type == wire::flag_compressed);
    CHECK(l.sent[0].payload.size() < 1000);
    CHECK(l.sent[1].type == 0); // noise is sent as it is
    CHECK(l.sent[2].type == 0);

    line plain{negotiated_link{everything(), options, max_message, false}};
    plain.from.send(text, {}, plain.queue);
    CHECK((plain.move_all().at(0).first == text));
    CHECK(plain.sent[0].type == 0);
}

TEST_CASE("compressed messages may be longer than a part")
{
    auto options = without_shared_memory();
    options.part_size = 4096;
    line l{negotiated_link{everything(), options, max_message, true}};
    auto const text = noise(20000) + std::string(20000, 'x');
    l.from.send(text, {}, l.queue);
    CHECK((l.move_all().at(0).first == text));
    CHECK(l.sent.back().type == (static_cast<std::uint8_t>(frame_type::last_part) | wire::flag_compressed));
}

TEST_CASE("descriptors stay with their message")
{
    auto options = without_shared_memory();
    options.part_size = 4096;
    line l{negotiated_link{everything(), options, max_message, true}};
    auto const two = [] {
        std::vector<unique_fd> d;
        d.push_back(some_file());
        d.push_back(some_file());
        return d;
    };
    l.from.send("none", {}, l.queue);
    l.from.send("two", two(), l.queue);
    l.from.send(noise(9000), two(), l.queue);
    l.from.send(std::string(9000, 'a'), two(), l.queue);
    using arrived = std::vector<std::pair<std::string, std::size_t>>;
    CHECK((l.move_all() == arrived{{"none", 0}, {"two", 2}, {std::string(9000, 'a'), 2}, {noise(9000), 2}}));
    CHECK(l.sent[1].payload == "\x02two");
}

TEST_CASE("messages from the threshold on travel in sealed memory")
{
    line l{negotiated_link{everything(), {}, max_message, true}};
    auto const large = noise(262144);
    l.from.send(large, {}, l.queue);
    std::vector<unique_fd> one;
    one.push_back(some_file());
    l.from.send(large, std::move(one), l.queue);
    auto const arrived = l.move_all();
    REQUIRE(arrived.size() == 2);
    CHECK((arrived[0].first == large));
    CHECK(arrived[0].second == 0);
    CHECK((arrived[1].first == large));
    CHECK(arrived[1].second == 1);
    CHECK(l.sent[0].type == (wire::flag_shared | wire::flag_descriptors));
    CHECK(l.sent[0].payload == "\x01\0\0\0\0\0\x04\0\0"s);
}

TEST_CASE("an end that is not oizys is sent nothing of ours")
{
    wire::agreement const wamp{.serializer = serializer::json,
                               .max_frame_sent = 65536,
                               .max_frame_received = 65536,
                               .theirs = {.max_message = 65536}};
    negotiated_link from{wamp, {}, max_message, true};
    CHECK(from.max_message_sent() == 65536);
    CHECK_FALSE(from.passes_descriptors());
    wire::send_queue queue{framing::negotiated};
    from.send(std::string(65536, 'a'), {}, queue);
    descriptor_queue none;
    auto const sent = frames_of(queue, none);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].type == 0);

    for (std::uint8_t type = 3; type != 0; ++type)
        CHECK(error_of({type, "x"}, none, wamp) == errc::bad_frame);
}

TEST_CASE("a pong returns the ping's payload, and tells the round trip")
{
    negotiated_link l{everything(), {}, max_message, false};
    CHECK_FALSE(l.round_trip());
    wire::send_queue queue{framing::negotiated};
    negotiated_link::clock::time_point const sent_at{std::chrono::hours{5}};
    l.ping(sent_at, queue);
    descriptor_queue none;
    auto const ping = frames_of(queue, none).at(0);
    CHECK(ping.type == 1);

    received_message message;
    boost::system::error_code ec;
    negotiated_link other{everything(), {}, max_message, false};
    CHECK(other.on_frame(ping.type, ping.payload, none, message, ec) == negotiated_link::arrival::ping);
    negotiated_link::pong(ping.payload, queue);
    auto const pong = frames_of(queue, none).at(0);
    CHECK(pong.type == 2);
    CHECK(pong.payload == ping.payload);
    CHECK(l.on_frame(pong.type, pong.payload, none, message, ec) == negotiated_link::arrival::pong);
    l.on_pong(pong.payload, sent_at + std::chrono::microseconds{70});
    CHECK(l.round_trip() == std::chrono::microseconds{70});
    l.on_pong("of somebody else", sent_at);
    l.on_pong(std::string(8, '\xff'), sent_at); // from the future
    CHECK(l.round_trip() == std::chrono::microseconds{70});
    CHECK(!ec);
}
