// SPDX-License-Identifier: BSL-1.0
//
// Proves where a JSON text ends, with and without delimiters, at every split; that what cannot be a text
// is handed over up to the end of its line; and, against a scanner that remembers everything, that random
// texts and random garbage are delimited the same.
#include "feed.hpp"

#include <oizys/error.hpp>

#include <random>

namespace
{

using oizys::errc;
using oizys::framing;
using oizys::test::feed;
using oizys::test::feed_all_ways;
using oizys::test::framed;

using texts = std::vector<std::string>;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The rules once more, plainly: each text from its beginning, all brackets on a stack.
framed delimit(std::string_view input, std::size_t max_message)
{
    framed result;
    for (;;)
    {
        while (!input.empty() && is_space(input.front()))
            input.remove_prefix(1);
        result.rest = input;
        if (input.empty())
            return result;
        bool broken = input.front() != '{' && input.front() != '[';
        bool in_string = false;
        std::string open;
        std::size_t end = 0;
        for (std::size_t i = 0; i < input.size() && end == 0; ++i)
        {
            if (i == max_message)
            {
                result.error = errc::message_too_large;
                return result;
            }
            char const c = input[i];
            if (c == '\n' && (broken || in_string))
                end = i;
            else if (!broken && in_string && c == '\\')
                i += i + 1 < input.size() && i + 1 < max_message && input[i + 1] != '\n' ? 1u : 0u;
            else if (!broken && c == '"')
                in_string = !in_string;
            else if (!broken && !in_string && (c == '{' || c == '['))
                open += c;
            else if (!broken && !in_string && (c == '}' || c == ']'))
            {
                broken = open.back() != (c == '}' ? '{' : '[');
                if (!broken)
                    open.pop_back();
                if (open.empty())
                    end = i + 1;
            }
        }
        if (end == 0)
            return result;
        result.messages.emplace_back(input.substr(0, end));
        input.remove_prefix(end);
    }
}

std::string nested(std::size_t depth, char open, char close)
{
    return std::string(depth, open) + std::string(depth, close);
}

} // namespace

TEST_CASE("JSON texts are found with a line feed between them, with spaces, and with nothing")
{
    for (std::string const between : {"\n", "", " ", "\r\n", " \t\r\n\n "})
    {
        auto const result = feed_all_ways(framing::json_text, R"({"a":[1,{}]})" + between + "[]" + between +
                                                                  R"([ "x" ])" + between);
        CHECK(result.messages == texts{R"({"a":[1,{}]})", "[]", R"([ "x" ])"});
        CHECK(!result.error);
        CHECK(result.rest.empty());
    }
}

TEST_CASE("brackets and quotes within strings do not count")
{
    for (std::string const text : {R"({"a":"}"})", R"(["]"])", R"(["\"]"])", R"(["\\"])", R"(["\\\"]"])",
                                   R"({"\\":"[{","b":"\u005d"})"})
        CHECK(feed_all_ways(framing::json_text, text + text).messages == texts{text, text});
}

TEST_CASE("a line feed between tokens belongs to the text")
{
    std::string const text = "{\n  \"a\": [\n1\n]\n}";
    CHECK(feed_all_ways(framing::json_text, text + "\n" + text).messages == texts{text, text});
}

TEST_CASE("what is no text ends with its line, and the next line is a new beginning")
{
    struct example
    {
        std::string wire;
        texts messages;
    };
    for (auto const& [wire, messages] :
         {example{"hello\n[1]", {"hello", "[1]"}}, example{"42 {}\n{}", {"42 {}", "{}"}},
          example{"[}\n[]", {"[}", "[]"}}, example{"{\"a\":1]]]{\n{}", {"{\"a\":1]]]{", "{}"}},
          example{"[\"a\n[2]", {"[\"a", "[2]"}}, example{"[\"a\\\n[2]", {"[\"a\\", "[2]"}},
          example{"\"x\\\"\n[]", {"\"x\\\"", "[]"}}, example{"]\r\n[]", {"]\r", "[]"}},
          example{"\x80\xff\n[]\n", {"\x80\xff", "[]"}}})
    {
        auto const result = feed_all_ways(framing::json_text, wire);
        CHECK(result.messages == messages);
        CHECK(!result.error);
    }
}

TEST_CASE("nothing of an unfinished text is handed over")
{
    for (std::string const text : {"[", "{\"a\":", "[\"", "[\"\\", "[1,[2]", "garbage", "[}", ""})
    {
        auto const result = feed_all_ways(framing::json_text, "[] " + text);
        CHECK(result.messages == texts{"[]"});
        CHECK(result.rest == text);
        CHECK(!result.error);
    }
}

TEST_CASE("texts of every depth are delimited")
{
    for (std::size_t const depth : {1u, 2u, 63u, 64u, 65u, 66u, 127u, 128u, 129u, 1000u})
    {
        INFO("depth " << depth);
        auto const arrays = nested(depth, '[', ']');
        auto const objects = nested(depth, '{', '}');
        // An object outside, however deep the inside is, and mixed kinds.
        auto const outside = "{\"a\":" + arrays + "}";
        auto const mixed = "[{\"a\":[" + objects + "," + arrays + "]},{}]";
        bool const found =
            feed(framing::json_text, 1u << 20, {arrays + objects + outside + mixed}).messages ==
            texts{arrays, objects, outside, mixed};
        CHECK(found);
    }
    auto const deep = "{\"a\":" + nested(80, '[', ']') + ",\"b\":" + nested(70, '{', '}') + "}";
    bool const found = feed_all_ways(framing::json_text, deep + deep).messages == texts{deep, deep};
    CHECK(found);
}

TEST_CASE("a mismatch in the outer 64 levels is noticed after deeper ones were closed")
{
    auto const text = "{\"a\":" + nested(100, '[', ']');
    CHECK(feed_all_ways(framing::json_text, text + "]\n[]").messages == texts{text + "]", "[]"});
}

TEST_CASE("a million open brackets cost no memory and no time")
{
    std::string const open(1u << 20, '[');
    CHECK(feed(framing::json_text, 1u << 21, {open}).rest.size() == open.size());
    CHECK(feed(framing::json_text, 1u << 19, {open}).error == errc::message_too_large);
}

TEST_CASE("a text may be as long as the limit and no longer")
{
    std::string const text = R"(["123456"])";
    CHECK(feed_all_ways(framing::json_text, text + text, text.size()).messages == texts{text, text});
    CHECK(feed_all_ways(framing::json_text, "[] " + text, text.size() - 1).error == errc::message_too_large);
    CHECK(feed_all_ways(framing::json_text, "garbage without end", 10).error == errc::message_too_large);
    // White space between texts is no part of any.
    CHECK(feed_all_ways(framing::json_text, std::string(100, ' ') + "[1]", 3).messages == texts{"[1]"});
}

TEST_CASE("the work is linear in the bytes when they come one by one")
{
    // Scanning from the beginning for each byte would take minutes.
    std::string const text = "[\"" + std::string(1u << 20, 'x') + "\"]";
    oizys::wire::framer f{framing::json_text, 1u << 21};
    std::size_t steps = 0;
    for (std::size_t n = 1; n < text.size(); ++n, ++steps)
        if (f.next(std::string_view{text}.substr(0, n)).what != oizys::wire::frame_step::status::need_more)
            break;
    CHECK(steps == text.size() - 1);
    CHECK(f.next(text).what == oizys::wire::frame_step::status::frame);
}

TEST_CASE("random texts and garbage are delimited as by a scanner that remembers everything")
{
    std::mt19937 random{20240601};
    std::string_view const alphabet = "[[[]]]{{}}\"\"\\\n \ta1,:";
    for (int round = 0; round < 3000; ++round)
    {
        std::string input;
        auto const size = random() % 40;
        while (input.size() < size)
            input += alphabet[random() % alphabet.size()];
        auto const max = round % 4 == 0 ? 1 + random() % 20 : 1000;
        INFO("input " << Catch::Detail::stringify(input) << " max " << max);
        REQUIRE(feed_all_ways(framing::json_text, input, max) == delimit(input, max));
    }
}
