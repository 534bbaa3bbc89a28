// SPDX-License-Identifier: BSL-1.0
//
// Proves that the bytes of a WebSocket are given on frame by frame, wherever they are cut when they arrive.
#include "wire/websocket_input.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace
{

using namespace std::string_literals;
using oizys::wire::decode_websocket_header;
using oizys::wire::websocket_input;
using texts = std::vector<std::string>;

void receive(websocket_input& input, std::string_view bytes)
{
    while (!bytes.empty())
    {
        auto const room = input.prepare();
        auto const n = bytes.copy(room.data(), room.size());
        input.commit(n);
        bytes.remove_prefix(n);
    }
}

std::string take(websocket_input& input, std::size_t most = 1000)
{
    std::string room(most, '\0');
    room.resize(input.take(room));
    return room;
}

/// What is taken until nothing is left.
texts take_all(websocket_input& input)
{
    texts taken;
    for (auto next = take(input); !next.empty(); next = take(input))
        taken.push_back(next);
    return taken;
}

std::string const ping = "\x89\x00"s;
std::string const hello = "\x81\x05Hello";
std::string const masked = "\x82\x81\x01\x02\x03\x04y";
std::string const long_one = "\x82\x7e\x01\x00"s + std::string(256, 'l');

} // namespace

TEST_CASE("the header of a frame tells its size in three ways")
{
    struct
    {
        std::string bytes;
        bool is_final;
        unsigned opcode;
        std::uint64_t size;
    } const cases[] = {
        {"\x81\x05", true, 1, 5},
        {"\x01\x7d", false, 1, 125},
        {"\x82\x7e\x01\x02", true, 2, 0x102},
        {"\x80\x7f\x01\x02\x03\x04\x05\x06\x07\x08", true, 0, 0x102030405060708},
        {"\x89\x80\x01\x02\x03\x04", true, 9, 0},
        {"\xf2\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04", true, 0x72, 0xffffffffffffffff},
    };
    for (auto const& [bytes, is_final, opcode, size] : cases)
    {
        for (std::size_t n = 0; n < bytes.size(); ++n)
            REQUIRE(!decode_websocket_header(std::string_view{bytes}.substr(0, n)));
        auto const header = decode_websocket_header(bytes + "more");
        REQUIRE(header);
        CHECK(header->is_final == is_final);
        CHECK(header->opcode == opcode);
        CHECK(header->size == size);
        CHECK(header->own_size == bytes.size());
    }
}

TEST_CASE("no frame is given on with another, nor before its header is whole")
{
    auto const bytes = hello + ping + masked + long_one;
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
    {
        INFO(cut);
        websocket_input input{{}};
        input.begin_frames();
        receive(input, std::string_view{bytes}.substr(0, cut));
        auto const first = take_all(input);
        receive(input, std::string_view{bytes}.substr(cut));
        auto const second = take_all(input);
        std::string joined;
        for (auto const* part : {&first, &second})
            for (auto const& taken : *part)
            {
                // Each begins where a frame does, or in the middle of the one that was cut.
                auto const all = std::array{hello, ping, masked, long_one};
                bool const continues = part == &second && &taken == &second.front();
                CHECK((continues || std::ranges::any_of(all, [&](auto const& frame) {
                           return std::string_view{frame}.starts_with(taken) && taken.size() > 1;
                       })));
                joined += taken;
            }
        REQUIRE(joined == bytes);
    }
}

TEST_CASE("a frame is given on in as many pieces as its taker likes")
{
    websocket_input input{hello + masked};
    input.begin_frames();
    CHECK(take(input, 3) == "\x81\x05H");
    CHECK(take(input, 1) == "e");
    CHECK(take(input) == "llo");
    CHECK(take(input) == masked);
    CHECK(take(input).empty());
}

TEST_CASE("a message that is there in whole is known beforehand, if it has one frame")
{
    auto const next = [](std::string const& bytes) {
        websocket_input input{bytes};
        input.begin_frames();
        return input.whole_message();
    };
    CHECK(next(hello) == 5);
    CHECK(next(masked + "more") == 1);
    CHECK(next(long_one) == 256);
    CHECK(next("\x81\x00"s) == 0);
    CHECK(!next(""));
    CHECK(!next(hello.substr(0, 6)));
    CHECK(!next(ping));
    CHECK(!next("\x01\x05Hello")); // another fragment follows
    CHECK(!next("\x80\x05Hello")); // others went before
    CHECK(!next("\xc1\x05Hello")); // with a reserved bit
    CHECK(!next("\x83\x05Hello")); // of a kind that is not known
    CHECK(!next("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04"));

    websocket_input input{hello};
    CHECK(!input.whole_message()); // as long as it might be the head of an answer
    input.begin_frames();
    take(input, 1);
    CHECK(!input.whole_message());
    CHECK(input.frame().is_final);
    CHECK(input.frame().size == 5);
}

TEST_CASE("the head of an answer is given on without the frames behind it")
{
    auto const head = "HTTP/1.1 101 \r\r\nX: \r\n\r: 1\r\n\r\n"s;
    for (std::size_t cut = 0; cut <= head.size(); ++cut)
        for (std::size_t most : {1u, 3u, 1000u})
        {
            INFO(cut);
            websocket_input input{{}};
            std::string taken;
            auto const take_head = [&] {
                while (taken != head)
                {
                    auto const next = take(input, most);
                    if (next.empty())
                        break;
                    taken += next;
                }
            };
            receive(input, std::string_view{head}.substr(0, cut));
            take_head();
            receive(input, head.substr(cut) + hello);
            take_head();
            REQUIRE(taken == head);
            input.begin_frames();
            REQUIRE(take(input) == hello);
        }
}

TEST_CASE("what follows the head of an answer can be had as it is")
{
    websocket_input input{"HTTP/1.1 404 \r\n\r\nnot \r\n\r\nhere"};
    CHECK(take(input) == "HTTP/1.1 404 \r\n\r\n");
    CHECK(take(input) == "not \r\n\r\nhere");
}

TEST_CASE("the rest of a long payload is received past the buffer")
{
    websocket_input input{"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s + "x"};
    input.begin_frames();
    std::string room(8192, '\0');
    CHECK(!input.passes(room)); // something is there
    CHECK(take(input).size() == 11);
    CHECK(input.passes(room));
    CHECK(!input.passes(std::span{room}.first(websocket_input::direct_from - 1)));
    for (std::size_t left = 65535; left >= room.size(); left -= room.size())
        input.passed(room.size());
    CHECK(!input.passes(room)); // it would reach into the next frame
    receive(input, std::string(8191, 'x') + hello);
    CHECK(take(input, 10000).size() == 8191);
    CHECK(take(input) == hello);
}
