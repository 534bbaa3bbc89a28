// SPDX-License-Identifier: BSL-1.0
//
// Proves that answers find their requests, in both directions and protocols, and what a line says.
#include "conversation.hpp"

#include "failure.hpp"
#include "message_filter.hpp"

#include <oizys/rpc/codec/msgpack.hpp>
#include <oizys/rpc/codec/value.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <ctime>

using namespace oizys::cli;
using namespace std::chrono_literals;
namespace rpc = oizys::rpc;

namespace
{

constexpr auto up = direction::to_server;
constexpr auto down = direction::to_client;

moment at(std::chrono::microseconds since) { return moment{since}; }

std::string lines(std::vector<sighting> const& seen, std::size_t limit = 1000)
{
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    std::string out;
    for (auto const& one : seen)
        out += to_line(one, palette{}, limit) + '\n';
    return out;
}

} // namespace

TEST_CASE("an answer names what it answers and how long that took")
{
    conversation watched{3};
    CHECK(lines(watched.on_message(up, R"({"method":"add","params":[2,3],"id":1})", at(1500ms))) ==
          "00:00:01.500 #3 -> request add [2,3] id 1\n");
    CHECK(lines(watched.on_message(up, R"({"method":"div","params":[1,0],"id":"1"})", at(1501ms))) ==
          "00:00:01.501 #3 -> request div [1,0] id \"1\"\n");
    CHECK(lines(watched.on_message(down, R"({"result":5,"id":1})", at(1502ms + 250us))) ==
          "00:00:01.502 #3 <- result 5 id 1 (add, 2.250 ms)\n");
    CHECK(lines(watched.on_message(down, R"({"error":{"code":1},"id":"1"})", at(1502ms))) ==
          "00:00:01.502 #3 <- error {\"code\":1} id \"1\" (div, 1.000 ms)\n");
    CHECK(watched.remembered() == 0);
    CHECK(lines(watched.on_message(down, R"({"result":5,"id":1})", at(2s))) ==
          "00:00:02.000 #3 <- result 5 id 1\n");
}

TEST_CASE("both ends may ask with the same id")
{
    conversation watched{1};
    watched.on_message(up, R"({"method":"there","id":1})", at(0s));
    watched.on_message(down, R"({"method":"back","id":1})", at(0s));
    CHECK(watched.on_message(up, R"({"result":0,"id":1})", at(1s))[0].call.method == "back");
    CHECK(watched.on_message(down, R"({"result":0,"id":1})", at(1s))[0].call.method == "there");
}

TEST_CASE("MessagePack-RPC and other messages have lines as well")
{
    conversation watched{1};
    CHECK(lines(watched.on_message(up, rpc::to_msgpack(rpc::value{rpc::array{2, "tick", rpc::array{1}}}),
                                   at(0s))) == "00:00:00.000 #1 -> notification tick [1]\n");
    CHECK(lines(watched.on_message(down, "[1]", at(0s))) == "00:00:00.000 #1 <- message [1]\n");
    CHECK(lines(watched.on_message(down, "Hi", at(0s))) == "00:00:00.000 #1 <- text \"Hi\"\n");
    CHECK(lines(watched.on_message(down, "\xff\x01", at(0s))) == "00:00:00.000 #1 <- bytes ff 01\n");
    CHECK(lines(watched.on_message(up, R"([{"method":"a"},{"method":"b"}])", at(0s))) ==
          "00:00:00.000 #1 -> notification a\n00:00:00.000 #1 -> notification b\n");
}

TEST_CASE("a line is short, and is one line")
{
    conversation watched{1};
    CHECK(lines(watched.on_message(up, R"({"method":"a\nb\u001b","params":["xxxxxxxxxxxxxxxx"]})", at(0s)),
                10) == "00:00:00.000 #1 -> notification a\\nb\\x1b [\"xxxxxxxx... (10 more bytes)\n");
}

TEST_CASE("for scripts each line is an object")
{
    conversation watched{2};
    auto const request = watched.on_message(up, R"({"method":"add","params":[1],"id":7})", at(500ms));
    CHECK(
        to_json_line(request[0]) ==
        R"({"time":0.5,"connection":2,"direction":"to-server","kind":"request","method":"add","id":7,"body":[1]})");
    auto const answer = watched.on_message(down, R"({"result":5,"id":7})", at(501ms));
    CHECK(
        to_json_line(answer[0]) ==
        R"({"time":0.501,"connection":2,"direction":"to-client","kind":"result","method":"add","id":7,"milliseconds":1.0,"body":5})");
    CHECK(to_json_line(watched.on_message(up, "Hi", at(0s))[0]) ==
          R"({"time":0.0,"connection":2,"direction":"to-server","kind":"other","text":"Hi"})");
    CHECK(to_json_line(watched.on_message(up, "\xff\x01", at(0s))[0]) ==
          R"({"time":0.0,"connection":2,"direction":"to-server","kind":"other","hex":"ff 01"})");
}

TEST_CASE("requests that nobody answers are remembered up to a bound")
{
    conversation watched{1};
    for (std::size_t i = 0; i < conversation::max_remembered + 2; ++i)
        watched.on_message(up, R"({"method":"a","id":)" + std::to_string(i) + '}', at(0s));
    CHECK(watched.remembered() == conversation::max_remembered);
}

TEST_CASE("a filter lets pass what meets all its conditions")
{
    conversation watched{1};
    auto const request = watched.on_message(up, R"({"method":"text.add","id":1})", at(0s))[0];
    auto const answer = watched.on_message(down, R"({"result":5,"id":1})", at(0s))[0];
    CHECK(message_filter{}.passes(request));
    message_filter const by_method{{"method=text.*"}};
    CHECK(by_method.passes(request));
    CHECK(by_method.passes(answer));
    CHECK_FALSE(message_filter{{"method=add"}}.passes(request));
    message_filter const answers{{"direction=to-client", "kind=result"}};
    CHECK(answers.passes(answer));
    CHECK_FALSE(answers.passes(request));
    CHECK_FALSE(message_filter{{"kind=result", "direction=to-server"}}.passes(answer));
}

TEST_CASE("a filter that is none is a mistake")
{
    auto const text =
        GENERATE(as<std::string>{}, "", "method", "method=", "kind=answer", "direction=up", "colour=red");
    CAPTURE(text);
    CHECK_THROWS_AS(message_filter{{text}}, failure);
}
