// SPDX-License-Identifier: BSL-1.0
//
// Proves which bytes are UTF-8 against a slow decoder: all sequences of two bytes, and the edges of the longer ones.
#include "wire/utf8.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

namespace
{

using oizys::wire::is_utf8;
using oizys::wire::looks_like_json;

std::string encode(std::uint32_t point)
{
    auto const c = [](std::uint32_t bits) { return static_cast<char>(bits); };
    if (point < 0x80)
        return {c(point)};
    if (point < 0x800)
        return {c(0xc0 | point >> 6), c(0x80 | (point & 63))};
    if (point < 0x10000)
        return {c(0xe0 | point >> 12), c(0x80 | (point >> 6 & 63)), c(0x80 | (point & 63))};
    return {c(0xf0 | point >> 18), c(0x80 | (point >> 12 & 63)), c(0x80 | (point >> 6 & 63)),
            c(0x80 | (point & 63))};
}

} // namespace

TEST_CASE("every character is UTF-8, and no surrogate is")
{
    bool all_right = true;
    for (std::uint32_t point = 0; point <= 0x110fff; ++point)
    {
        bool const is_character = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
        all_right = all_right && is_utf8(encode(point)) == is_character;
    }
    CHECK(all_right);
}

TEST_CASE("two bytes are UTF-8 if they are two characters of ASCII or one of two bytes")
{
    bool all_right = true;
    for (int a = 0; a < 256; ++a)
        for (int b = 0; b < 256; ++b)
        {
            std::string const text{static_cast<char>(a), static_cast<char>(b)};
            bool const expected = (a < 0x80 && b < 0x80) || (a >= 0xc2 && a < 0xe0 && b >= 0x80 && b < 0xc0);
            all_right = all_right && is_utf8(text) == expected;
        }
    CHECK(all_right);
}

TEST_CASE("overlong and cut sequences are not UTF-8, wherever they stand")
{
    for (std::string const bad :
         {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\x80", "\xbf", "\xfe", "\xff", "\xe2\x82", "\xf0\x9f\x98",
          "\xe2\x28\xa1", "\xf0\x9f\x28\x80"})
        for (std::size_t before = 0; before < 20; ++before)
            CHECK(!is_utf8(std::string(before, 'a') + bad + (before % 2 == 0 ? "" : "abcdefghij")));
}

TEST_CASE("text of all lengths is UTF-8")
{
    for (std::size_t size = 0; size < 40; ++size)
        for (std::size_t at = 0; at < size; ++at)
            CHECK(is_utf8(std::string(size, 'a').replace(at, 1, "\xf0\x9f\x98\x80")));
    CHECK(is_utf8(""));
}

TEST_CASE("what looks like JSON begins with a bracket and is text")
{
    CHECK(looks_like_json("{}"));
    CHECK(looks_like_json(" \t\r\n[\xc3\xa9]"));
    for (auto const* const other : {"", " ", "1", "\"{\"", "x{", "{\xff}", "\v{"})
        CHECK(!looks_like_json(other));
}
