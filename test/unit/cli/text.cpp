// SPDX-License-Identifier: BSL-1.0
//
// Proves that no text of a stranger moves the cursor or begins a line.
#include "text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace oizys::cli;

TEST_CASE("control characters and bytes that are no text are shown, text stays")
{
    CHECK(one_line("plain \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80") ==
          "plain \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80");
    CHECK(one_line("a\nb\rc\td") == "a\\nb\\rc\\td");
    CHECK(one_line("\x1b[31m") == "\\x1b[31m");
    CHECK(one_line("\x7f\xc2\x9b") == "\\x7f\\xc2\\x9b"); // U+009B begins a command of some terminals
    CHECK(one_line("\xff\xc3") == "\\xff\\xc3");
    CHECK(one_line({"\0", 1}) == "\\x00");
}

TEST_CASE("of any two bytes, no line has a control character")
{
    for (int first = 0; first < 256; ++first)
    {
        for (int second = 0; second < 256; ++second)
        {
            std::string const text{static_cast<char>(first), static_cast<char>(second)};
            auto const line = one_line(text);
            bool const clean =
                std::none_of(line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
            if (!clean || !is_utf8(line))
                FAIL(first << ' ' << second);
        }
    }
}

TEST_CASE("JSON keeps its meaning without the control characters that it may hold")
{
    CHECK(without_controls("\"a\x7f\xc2\x9b\xc2\xa0\"") == "\"a\\u007f\\u009b\xc2\xa0\"");
}

TEST_CASE("long text is cut between characters")
{
    CHECK(shortened("abc", 3) == "abc");
    CHECK(shortened("abcd", 3) == "abc... (1 more bytes)");
    CHECK(shortened("a\xe2\x82\xac", 3) == "a... (3 more bytes)");
}
