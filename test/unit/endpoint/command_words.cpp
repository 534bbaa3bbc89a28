// SPDX-License-Identifier: BSL-1.0
//
// How a command line is split into words, and that the words are joined into a text that splits the same.
#include "command_words.hpp"

#include <catch2/catch.hpp>

#include <random>

using oizys::detail::join_command;
using oizys::detail::split_command;
using words = std::vector<std::string>;

TEST_CASE("a command line is split as a shell splits it")
{
    std::pair<std::string, words> const rows[] = {
        {"", {}},
        {" \t\r\n ", {}},
        {"one", {"one"}},
        {"  one\ttwo \n three\r\n", {"one", "two", "three"}},
        {"'one two' \"three four\"", {"one two", "three four"}},
        {"a'b c'\"d e\"f\\ g", {"ab cd ef g"}},
        {"'' \"\"", {"", ""}},
        {R"('a\b"c' "a'b")", {R"(a\b"c)", "a'b"}},
        {R"("a\"b\\c\d\e")", {R"(a"b\c\d\e)"}},
        {R"(\'a\" \\ \a)", {R"('a")", R"(\)", "a"}},
        {"\\\n", {"\n"}},
        {"$HOME *.txt `ls` a|b;c&d>e ~ #x", {"$HOME", "*.txt", "`ls`", "a|b;c&d>e", "~", "#x"}},
        {"\xc3\xbc \xff", {"\xc3\xbc", "\xff"}},
    };
    for (auto const& [text, expected] : rows)
    {
        CAPTURE(text);
        CHECK(split_command(text) == expected);
    }
}

TEST_CASE("a quote or a backslash that is left open is no command")
{
    for (std::string const text : {"'", "\"", "\\", "a '", "a \"b", "a 'b' 'c", "\"a\\\"", "a\\", "'a\\''"})
    {
        CAPTURE(text);
        CHECK(!split_command(text));
    }
}

TEST_CASE("words are joined with no more quotes than they need")
{
    CHECK(join_command({"clangd", "--log=error", "$x"}) == "clangd --log=error $x");
    CHECK(join_command({"a b", "", "it's", R"(a\b)", "\""}) == R"('a b' '' 'it'\''s' 'a\b' '"')");
    CHECK(join_command({}).empty());
}

TEST_CASE("words that are joined and split are the same")
{
    std::mt19937 random{1};
    for (int round = 0; round < 2000; ++round)
    {
        words expected(random() % 4);
        for (auto& word : expected)
            for (auto n = random() % 6; n-- > 0;)
                word += " \t\n\r'\"\\ab$"[random() % 10];
        auto const text = join_command(expected);
        CAPTURE(text);
        REQUIRE(split_command(text) == expected);
    }
}
