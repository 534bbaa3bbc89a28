// SPDX-License-Identifier: BSL-1.0
//
// Proves that a line is a message however its bytes arrive, that empty lines are none, and that a line that is
// too long is known before it ends.
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

// The rules once more, plainly.
framed delimit(std::string_view input, std::size_t max_message)
{
    framed result;
    for (;;)
    {
        auto const end = input.find('\n');
        auto line = input.substr(0, end);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.size() > max_message)
            result.error = errc::message_too_large;
        result.rest = input;
        if (result.error || end == input.npos)
            return result;
        if (!line.empty())
            result.messages.emplace_back(line);
        input.remove_prefix(end + 1);
    }
}

} // namespace

TEST_CASE("each line is a message")
{
    auto const result = feed_all_ways(framing::newline, "one\ntwo words\n{\"three\": 3}\n");
    CHECK(result.messages == texts{"one", "two words", "{\"three\": 3}"});
    CHECK(!result.error);
    CHECK(result.rest.empty());
}

TEST_CASE("a carriage return in front of a line feed belongs to neither message")
{
    auto const result = feed_all_ways(framing::newline, "one\r\ntwo\r\r\nth\rree\r\n\rfour\n");
    CHECK(result.messages == texts{"one", "two\r", "th\rree", "\rfour"});
}

TEST_CASE("empty lines are no messages")
{
    auto const result = feed_all_ways(framing::newline, "\n\r\n\none\n\n\r\n\r\ntwo\n\n");
    CHECK(result.messages == texts{"one", "two"});
    CHECK(result.rest.empty());
}

TEST_CASE("a line without an end is no message yet")
{
    auto const result = feed_all_ways(framing::newline, "one\ntw\r");
    CHECK(result.messages == texts{"one"});
    CHECK(result.rest == "tw\r");
}

TEST_CASE("a line may hold any bytes but a line feed")
{
    std::string line;
    for (int c = 0; c < 256; ++c)
        if (c != '\n')
            line += static_cast<char>(c);
    CHECK(feed_all_ways(framing::newline, line + '\n' + line + "\r\n").messages == texts{line, line});
}

TEST_CASE("a line may be as long as the limit, without its end, and no longer")
{
    for (std::string const end : {"\n", "\r\n"})
    {
        CHECK(feed_all_ways(framing::newline, "12345" + end + "1" + end, 5).messages == texts{"12345", "1"});
        auto const too_long = feed_all_ways(framing::newline, "1" + end + "123456" + end, 5);
        CHECK(too_long.messages == texts{"1"});
        CHECK(too_long.error == errc::message_too_large);
    }
    CHECK(feed_all_ways(framing::newline, "12345\r\r\n", 5).error == errc::message_too_large);
    CHECK(feed_all_ways(framing::newline, "1\n", 1).messages == texts{"1"});
}

TEST_CASE("a line that is too long is refused before it ends")
{
    CHECK(framer{framing::newline, 5}.next("12345").what == frame_step::status::need_more);
    CHECK(framer{framing::newline, 5}.next("12345\r").what == frame_step::status::need_more);
    CHECK(framer{framing::newline, 5}.next("12345\rx").error == errc::message_too_large);
    CHECK(framer{framing::newline, 5}.next("123456").error == errc::message_too_large);
}

TEST_CASE("random bytes are cut into lines as a model cuts them")
{
    std::mt19937 random{1};
    for (int round = 0; round < 2000; ++round)
    {
        std::string input;
        for (auto n = random() % 40; n-- > 0;)
            input += "\n\n\r\rab"[random() % 6];
        auto const limit = 1 + random() % 6;
        INFO("input " << Catch::Detail::stringify(input) << " limit " << limit);
        REQUIRE(feed_all_ways(framing::newline, input, limit) == delimit(input, limit));
    }
}
