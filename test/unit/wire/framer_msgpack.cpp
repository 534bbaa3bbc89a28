// SPDX-License-Identifier: BSL-1.0
//
// Proves where a msgpack object ends: for every first byte, for random objects and for random bytes,
// against a scanner written recursively from the specification; at every split; within the limit.
#include "feed.hpp"

#include <oizys/error.hpp>

#include <random>

namespace
{

using oizys::errc;
using oizys::framing;
using oizys::test::bytes;
using oizys::test::feed;
using oizys::test::feed_all_ways;
using oizys::test::framed;
using oizys::wire::frame_step;
using oizys::wire::framer;

using texts = std::vector<std::string>;

constexpr std::size_t no_limit = std::size_t{1} << 60;

enum class found
{
    whole,
    incomplete,
    invalid,
};

std::uint64_t number(std::string_view input, std::size_t at, std::size_t width)
{
    std::uint64_t n = 0;
    for (std::size_t i = 0; i < width; ++i)
        n = n * 256 + static_cast<std::uint8_t>(input[at + i]);
    return n;
}

// The specification's table, one row at a time. Moves `at` behind the object.
found scan(std::string_view input, std::size_t& at)
{
    if (at >= input.size())
        return found::incomplete;
    auto const first = static_cast<std::uint8_t>(input[at++]);

    auto const body = [&](std::uint64_t n) {
        if (input.size() < at || input.size() - at < n)
            return found::incomplete;
        at += n;
        return found::whole;
    };
    auto const sized = [&](std::size_t width, std::uint64_t extra) {
        if (input.size() - at < width)
            return found::incomplete;
        auto const n = number(input, at, width);
        at += width;
        return body(n + extra);
    };
    auto const children = [&](std::uint64_t n) {
        for (std::uint64_t i = 0; i < n; ++i)
            if (auto const child = scan(input, at); child != found::whole)
                return child;
        return found::whole;
    };
    auto const counted = [&](std::size_t width, std::uint64_t each) {
        if (input.size() - at < width)
            return found::incomplete;
        auto const n = number(input, at, width);
        at += width;
        return children(n * each);
    };

    if (first <= 0x7f || first >= 0xe0)
        return found::whole;
    if (first <= 0x8f)
        return children(2 * (first - 0x80u));
    if (first <= 0x9f)
        return children(first - 0x90u);
    if (first <= 0xbf)
        return body(first - 0xa0u);
    switch (first)
    {
    case 0xc0:
    case 0xc2:
    case 0xc3: return found::whole;
    case 0xc4:
    case 0xd9: return sized(1, 0);
    case 0xc5:
    case 0xda: return sized(2, 0);
    case 0xc6:
    case 0xdb: return sized(4, 0);
    case 0xc7: return sized(1, 1);
    case 0xc8: return sized(2, 1);
    case 0xc9: return sized(4, 1);
    case 0xca: return body(4);
    case 0xcb: return body(8);
    case 0xcc:
    case 0xd0: return body(1);
    case 0xcd:
    case 0xd1: return body(2);
    case 0xce:
    case 0xd2: return body(4);
    case 0xcf:
    case 0xd3: return body(8);
    case 0xd4: return body(2);
    case 0xd5: return body(3);
    case 0xd6: return body(5);
    case 0xd7: return body(9);
    case 0xd8: return body(17);
    case 0xdc: return counted(2, 1);
    case 0xdd: return counted(4, 1);
    case 0xde: return counted(2, 2);
    case 0xdf: return counted(4, 2);
    default: return found::invalid; // c1
    }
}

framed delimit(std::string_view input)
{
    framed result;
    for (std::size_t at = 0;;)
    {
        auto const begin = at;
        auto const what = scan(input, at);
        if (what == found::invalid)
            result.error = errc::malformed_message;
        if (what != found::whole)
        {
            result.rest = input.substr(begin);
            return result;
        }
        result.messages.emplace_back(input.substr(begin, at - begin));
    }
}

// An object that begins with `first`; its bytes behind that are `fill`, as many as it takes.
std::string object_with(std::uint8_t first, char fill)
{
    std::string object(1, static_cast<char>(first));
    for (std::size_t at = 0; scan(object, at) == found::incomplete; at = 0)
        object += fill;
    return object;
}

} // namespace

TEST_CASE("an object of every first byte is delimited at every split")
{
    for (int first = 0; first < 256; ++first)
        for (char const fill : {'\0', '\1', '\3'})
        {
            INFO("first byte " << first << ", then " << int{fill});
            if (first == 0xc1)
            {
                CHECK(feed_all_ways(framing::msgpack_object, "\xc1").error == errc::malformed_message);
                continue;
            }
            if ((first == 0xdd || first == 0xdf || first == 0xc6 || first == 0xc9 || first == 0xdb) &&
                fill != '\0')
                continue; // millions of bytes: below, with counts that are chosen
            auto const object = object_with(static_cast<std::uint8_t>(first), fill);
            if (object.size() > 600)
                continue;
            auto const result = feed_all_ways(framing::msgpack_object, object + object + "\x01");
            REQUIRE(result.messages == texts{object, object, "\x01"});
            REQUIRE(result.rest.empty());
            REQUIRE(!result.error);
        }
}

TEST_CASE("long heads take their length from all of their bytes")
{
    std::string const body(0x0102, 'x');
    for (auto const& object :
         {bytes("\xc5\x01\x02") + body, bytes("\xc6\0\0\x01\x02") + body, bytes("\xc8\x01\x02t") + body,
          bytes("\xc9\0\0\x01\x02t") + body, bytes("\xda\x01\x02") + body, bytes("\xdb\0\0\x01\x02") + body,
          bytes("\xdc\x01\x02") + body, bytes("\xdd\0\0\x01\x02") + body, bytes("\xde\0\x81") + body,
          bytes("\xdf\0\0\0\x81") + body})
        CHECK(feed_all_ways(framing::msgpack_object, object + object).messages == texts{object, object});

    std::string const large(0x010203, '\x05');
    for (auto const& object : {bytes("\xc6\0\x01\x02\x03") + large, bytes("\xdd\0\x01\x02\x03") + large})
        CHECK(feed(framing::msgpack_object, no_limit, {object, object}).messages == texts{object, object});
}

TEST_CASE("random objects are delimited as by the recursive scanner")
{
    std::mt19937 random{7};
    // A random object of at most `budget` levels.
    std::function<std::string(int)> const make = [&](int budget) -> std::string {
        auto first = static_cast<std::uint8_t>(random());
        bool const container = (first >= 0x80 && first <= 0x9f) || first >= 0xdc;
        if (first == 0xc1 || (container && first < 0xe0 && budget == 0))
            first = 0xc0;
        std::string object(1, static_cast<char>(first));
        auto const append = [&](std::size_t width, std::uint64_t n) {
            while (width-- > 0)
                object += static_cast<char>(n >> (8 * width));
        };
        auto const children = [&](std::uint64_t n) {
            while (n-- > 0)
                object += make(budget - 1);
        };
        if (first >= 0x80 && first <= 0x8f)
            children(2 * (first & 0x0fu));
        else if (first >= 0x90 && first <= 0x9f)
            children(first & 0x0fu);
        else if (first == 0xdc || first == 0xdd)
        {
            auto const n = random() % 5;
            append(first == 0xdc ? 2 : 4, n);
            children(n);
        }
        else if (first == 0xde || first == 0xdf)
        {
            auto const n = random() % 5;
            append(first == 0xde ? 2 : 4, n);
            children(2 * n);
        }
        else if (first >= 0xc4 && first <= 0xc9)
        {
            auto const n = random() % 20;
            append(std::size_t{1} << (first - 0xc4) % 3, n);
            object.append(n + (first >= 0xc7), 'b');
        }
        else if (first >= 0xd9 && first <= 0xdb)
        {
            auto const n = random() % 20;
            append(std::size_t{1} << (first - 0xd9), n);
            object.append(n, 's');
        }
        else
            object = object_with(first, 'f');
        return object;
    };
    for (int round = 0; round < 300; ++round)
    {
        texts objects;
        std::string wire;
        for (auto n = random() % 4; n-- > 0; wire += objects.back())
            objects.push_back(make(2));
        if (wire.size() > 500)
            continue;
        auto const result = feed_all_ways(framing::msgpack_object, wire, no_limit);
        REQUIRE(result.messages == objects);
        REQUIRE(result == delimit(wire));
    }
}

TEST_CASE("random bytes are delimited as by the recursive scanner")
{
    std::mt19937 random{11};
    std::string_view const likely = "\x01\x81\x82\x91\x92\x93\xa1\xa3\xc0\xc1\xc4\xc7\xcc\xd4\xd9\xdc\xde";
    for (int round = 0; round < 4000; ++round)
    {
        std::string input;
        for (auto n = random() % 30; n-- > 0;)
            input += random() % 3 == 0 ? static_cast<char>(random()) : likely[random() % likely.size()];
        INFO("input " << Catch::Detail::stringify(input));
        REQUIRE(feed_all_ways(framing::msgpack_object, input, no_limit) == delimit(input));
    }
}

TEST_CASE("an object may be as long as the limit and no longer")
{
    auto const object = bytes("\x93\x02\xa5hello\x90"); // nine bytes
    REQUIRE(object.size() == 9);
    CHECK(feed_all_ways(framing::msgpack_object, object + object, 9).messages == texts{object, object});
    CHECK(feed_all_ways(framing::msgpack_object, "\x01" + object, 8).error == errc::message_too_large);
}

TEST_CASE("lengths and counts beyond the limit are refused before what they announce is there")
{
    for (auto const& head :
         {bytes("\xc6\xff\xff\xff\xff"), bytes("\xc9\xff\xff\xff\xff"), bytes("\xdb\xff\xff\xff\xff"),
          bytes("\xdd\xff\xff\xff\xff"), bytes("\xdf\xff\xff\xff\xff"), bytes("\xdd\x01\0\0\0"),
          bytes("\xdf\0\x80\0\0"), bytes("\x92\xdd\0\xff\xff\xff"), bytes("\xc6\0\xff\xff\xfb")})
        CHECK(feed_all_ways(framing::msgpack_object, head).error == errc::message_too_large);
    CHECK(!feed_all_ways(framing::msgpack_object, bytes("\xc6\0\xff\xff\xfa")).error);
}

TEST_CASE("the sum of nested counts is within the limit")
{
    // Each array announces less than the limit, all together announce more.
    std::string wire;
    for (int i = 0; i < 300; ++i)
        wire += bytes("\xdc\xff\xff");
    CHECK(feed(framing::msgpack_object, 16777215, {wire}).error == errc::message_too_large);
    CHECK(!feed(framing::msgpack_object, 65535 * 301, {wire}).error);
}

TEST_CASE("a million nested arrays take no stack")
{
    std::string wire(1000000, '\x91');
    CHECK(feed(framing::msgpack_object, no_limit, {wire}).rest.size() == wire.size());
    CHECK(feed(framing::msgpack_object, no_limit, {wire + "\xc0"}).messages.size() == 1);
}

TEST_CASE("the whole size of an object that ends with a long string is known before it is there")
{
    framer f{framing::msgpack_object, no_limit};
    auto const step = f.next(bytes("\x92\x01\xdb\0\x10\0\0"));
    CHECK(step.what == frame_step::status::need_more);
    CHECK(step.exact);
    CHECK(step.size == 7 + 0x100000);
}
