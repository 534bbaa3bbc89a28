// SPDX-License-Identifier: BSL-1.0
//
// Proves which names a pattern is like.
#include <oizys/rpc/interceptor.hpp>

#include <catch2/catch.hpp>

#include <string>

using oizys::rpc::detail::matches;

TEST_CASE("a star stands for any text, everything else for itself")
{
    struct
    {
        char const* pattern;
        char const* name;
        bool expected;
    } const all[] = {
        {"*", "", true},
        {"*", "add", true},
        {"", "", true},
        {"", "a", false},
        {"add", "add", true},
        {"add", "adds", false},
        {"add", "ad", false},
        {"admin.*", "admin.", true},
        {"admin.*", "admin.x.y", true},
        {"admin.*", "admin", false},
        {"*.stop", "a.b.stop", true},
        {"*.stop", "stop", false},
        {"a*b*c", "abc", true},
        {"a*b*c", "aXbXbYc", true},
        {"a*b*c", "aXcXb", false},
        {"**", "x", true},
        {"*a", "aba", true},
        {"*ab", "aab", true},
        {"a?", "ab", false},
        {"[ab]", "a", false},
    };
    for (auto const& [pattern, name, expected] : all)
    {
        INFO(pattern << ' ' << name);
        CHECK(matches(pattern, name) == expected);
    }
}

TEST_CASE("a pattern of many stars takes no longer than the lengths of both multiplied")
{
    std::string pattern;
    for (int i = 0; i < 200; ++i)
        pattern += "a*";
    CHECK(!matches(pattern + 'b', std::string(20000, 'a')));
}
