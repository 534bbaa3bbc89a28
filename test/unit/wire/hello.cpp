// SPDX-License-Identifier: BSL-1.0
//
// The hello of the negotiated mode: bytes, every split of a conversation, refusals, and what is no hello.
#include "wire/hello.hpp"

#include <oizys/wire/header24.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace oizys;
using namespace oizys::wire;
using namespace std::string_literals;

namespace
{

using role = hello_exchange::role;

constexpr offer everything{
    .zstd = true, .parts = true, .descriptors = true, .shared_memory = true, .max_message = 1u << 30};

negotiation_options asking(serializer asked)
{
    negotiation_options options;
    options.asked = asked;
    return options;
}

negotiation_options accepting(serializer_set accepted)
{
    negotiation_options options;
    options.accepted = accepted;
    return options;
}

std::string text(std::array<char, hello_size> const& bytes) { return {bytes.begin(), bytes.end()}; }

/// Feeds all of `bytes`, `step` at a time, as a session does; returns what was not used.
std::string feed(hello_exchange& end, std::string_view bytes, std::size_t step, boost::system::error_code& ec)
{
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size() && !ec; at += step)
    {
        waiting += bytes.substr(at, step);
        while (!end.done() && !ec)
        {
            auto const used = end.feed(waiting, ec);
            if (used == 0)
                break;
            waiting.erase(0, used);
        }
    }
    return waiting;
}

} // namespace

TEST_CASE("a hello tells the frame length as a power of two and the serializer")
{
    CHECK(text(encode_hello({.length = 15, .serializer = 1})) == "\x7f\xf1\0\0"s);
    CHECK(text(encode_refusal(refusal::serializer_unsupported)) == "\x7f\x10\0\0"s);
    CHECK(text(encode_refusal(refusal::too_many_connections)) == "\x7f\x40\0\0"s);
    CHECK(frame_limit(0) == 512);
    CHECK(frame_limit(14) == 8388608);
    CHECK(frame_limit(15) == 16777215); // 2^24 does not fit into 24 bits
}

TEST_CASE("the announced length promises no more than is received, but for the least there is")
{
    CHECK(length_for(0) == 0);
    CHECK(length_for(511) == 0);
    CHECK(length_for(512) == 0);
    CHECK(length_for(1023) == 0);
    CHECK(length_for(1024) == 1);
    CHECK(length_for(16777214) == 14);
    CHECK(length_for(16777215) == 15);
    CHECK(length_for(std::size_t{1} << 40) == 15);
    for (std::uint8_t l = 0; l <= 15; ++l)
        CHECK(length_for(frame_limit(l)) == l);
}

TEST_CASE("an offer is read back as it was written, and what a later version adds is ignored")
{
    auto const frame = encode_offer(everything);
    CHECK(frame == "\x03\0\0\x0a\x0f\0\0\0\0\x40\0\0\0\x10"s);
    auto const payload = frame.substr(4);
    CHECK(decode_offer(payload) == everything);
    CHECK(decode_offer("\xff" + payload.substr(1) + "more") == everything);
    CHECK(decode_offer(payload.substr(0, 8)) == std::nullopt);
    CHECK(decode_offer(payload.substr(0, 9)) == everything); // as an end that tells nothing about descriptors
    offer const plain{.max_message = 7, .max_descriptors = 250};
    CHECK(decode_offer(encode_offer(plain).substr(4)) == plain);
}

TEST_CASE("two oizys ends agree whatever pieces their bytes arrive in")
{
    for (std::size_t step = 1; step <= 20; ++step)
    {
        offer const small{.parts = true, .max_message = 1024};
        hello_exchange client{role::connecting, {}, small};
        hello_exchange server{role::accepting, {}, everything};
        boost::system::error_code ec;

        auto bytes = client.take_output();
        CHECK(bytes == "\x7f\x1f\0\0"s);
        CHECK(feed(server, bytes, step, ec) == "");
        CHECK_FALSE(server.done());
        bytes = server.take_output();
        CHECK(bytes == "\x7f\xff\0\0"s + encode_offer(everything));
        CHECK(feed(client, bytes + "next", step, ec).substr(0, 1) == "n");
        REQUIRE(client.done());
        bytes = client.take_output();
        CHECK(bytes == encode_offer(small));
        CHECK(feed(server, bytes, step, ec) == "");
        REQUIRE(server.done());
        CHECK(!ec);

        CHECK(client.result().serializer == serializer::oizys);
        CHECK(client.result().max_frame_sent == 16777215);
        CHECK(client.result().max_frame_received == 1024);
        CHECK(client.result().theirs == everything);
        CHECK(server.result().max_frame_sent == 1024);
        CHECK(server.result().theirs == small);
        CHECK(server.take_output() == "");
    }
}

TEST_CASE("with a serializer of WAMP there is no offer, and nothing of ours is agreed on")
{
    hello_exchange client{role::connecting, asking(serializer::msgpack), everything};
    hello_exchange server{role::accepting, accepting(serializer::json | serializer::msgpack), everything};
    boost::system::error_code ec;
    CHECK(server.feed(client.take_output(), ec) == 4);
    REQUIRE(server.done());
    CHECK(client.feed(server.take_output(), ec) == 4);
    REQUIRE(client.done());
    CHECK(client.take_output() == "");
    CHECK(client.result().serializer == serializer::msgpack);
    CHECK(client.result().theirs == offer{.max_message = 16777215});
    CHECK(server.result().theirs == offer{.max_message = 16777215});
}

TEST_CASE("a hello that cannot be agreed to is refused with its reason")
{
    struct row
    {
        std::string hello;
        std::string answer;
        errc error;
    };
    auto const [hello, answer, error] = GENERATE(values<row>({
        {"\x7f\xf2\0\0"s, "\x7f\x10\0\0"s, errc::serializer_unsupported},
        {"\x7f\xf0\0\0"s, "\x7f\x10\0\0"s, errc::serializer_unsupported},
        {"\x7f\xf1\0\x01"s, "\x7f\x30\0\0"s, errc::hello_malformed},
        {"\x7f\xf1\x80\0"s, "\x7f\x30\0\0"s, errc::hello_malformed},
    }));
    hello_exchange server{role::accepting, accepting(serializer::json), everything};
    boost::system::error_code ec;
    server.feed(hello, ec);
    CHECK(ec == error);
    CHECK(server.take_output() == answer);
    CHECK_FALSE(server.done());
}

TEST_CASE("a refusal is told to who asked")
{
    auto const [answer, error] = GENERATE(table<std::string, errc>({
        {"\x7f\x10\0\0"s, errc::serializer_unsupported},
        {"\x7f\x20\0\0"s, errc::frame_length_unacceptable},
        {"\x7f\x30\0\0"s, errc::hello_malformed},
        {"\x7f\x40\0\0"s, errc::too_many_connections},
        {"\x7f\x50\0\0"s, errc::hello_malformed},
        {"\x7f\x00\0\0"s, errc::hello_malformed},
        {"\x7f\xf2\0\0"s, errc::hello_malformed}, // another serializer than was asked for
        {"\x7f\xf1\0\x01"s, errc::hello_malformed},
        {"{\"js"s, errc::hello_malformed},
    }));
    hello_exchange client{role::connecting, asking(serializer::json), everything};
    boost::system::error_code ec;
    client.feed(answer, ec);
    CHECK(ec == error);
    CHECK_FALSE(client.done());
}

TEST_CASE("what is no hello is known by its first byte, and what is no offer by its header")
{
    hello_exchange client{role::connecting, {}, everything};
    boost::system::error_code ec;
    CHECK(client.feed("", ec) == 0);
    CHECK(!ec);
    CHECK(client.feed("H", ec) == 0);
    CHECK(ec == errc::hello_malformed);

    auto const offered = GENERATE("\0\0\0\x09"s, "\x03\0\x02\0"s, "\x03\0\0\x02xx"s);
    hello_exchange other{role::connecting, {}, everything};
    CHECK(other.feed("\x7f\xff\0\0"s, ec) == 4);
    CHECK(!ec);
    other.feed(offered, ec);
    CHECK(ec == errc::hello_malformed);
    CHECK_FALSE(other.done());
}
