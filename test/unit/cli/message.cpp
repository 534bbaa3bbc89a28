// SPDX-License-Identifier: BSL-1.0
//
// Proves what bytes are taken for, and that nothing that arrives ends more than its own line.
#include "message.hpp"

#include "print_value.hpp"

#include <oizys/rpc/codec/msgpack.hpp>

#include <catch2/catch.hpp>

using namespace oizys::cli;
namespace rpc = oizys::rpc;

namespace
{

/// Each call in a message: `request add [1] id 7`.
std::string calls(std::string_view bytes)
{
    std::string out;
    for (auto const& call : calls_in(decode(bytes)))
    {
        out += out.empty() ? "" : "; ";
        out += std::string{to_string(call.part)} + ' ' + call.method + ' ' + compact(call.body) + " id " +
               compact(call.id);
    }
    return out;
}

std::string packed(rpc::value const& v) { return rpc::to_msgpack(v); }

} // namespace

TEST_CASE("a message is JSON, msgpack, text, or just bytes")
{
    CHECK(decode(R"({"a":1})").form == message_form::json);
    CHECK(decode(" [1]").form == message_form::json);
    CHECK(decode("17").form == message_form::json);
    CHECK(decode("\x93\x01\x02\x03").form == message_form::msgpack);
    CHECK(decode("\x81\xa1"
                 "a\x01")
              .form == message_form::msgpack);
    CHECK(decode("hello\n").form == message_form::text);
    CHECK(decode("{not json").form == message_form::text);
    CHECK(decode("\xc3\xbc").form == message_form::text); // and no msgpack
    CHECK(decode("\x93\x01").form == message_form::bytes);
    CHECK(decode("\x1b[2J").form == message_form::bytes);
    CHECK(decode("").form == message_form::bytes);
}

TEST_CASE("the calls of JSON-RPC are recognised")
{
    CHECK(calls(R"({"jsonrpc":"2.0","method":"add","params":[1],"id":7})") == "request add [1] id 7");
    CHECK(calls(R"({"method":"add","id":null})") == "request add null id null");
    CHECK(calls(R"({"method":"add","params":{"a":1}})") == R"(notification add {"a":1} id null)");
    CHECK(calls(R"({"result":5,"id":"x"})") == R"(result  5 id "x")");
    CHECK(calls(R"({"result":null,"error":null,"id":1})") == "result  null id 1");
    CHECK(calls(R"({"error":{"code":1},"id":null})") == R"(error  {"code":1} id null)");
    CHECK(calls(R"([{"method":"a"},{"result":1,"id":2}])") == "notification a null id null; result  1 id 2");
}

TEST_CASE("the calls of MessagePack-RPC are recognised")
{
    using rpc::array;
    CHECK(calls(packed(array{0, 7, "add", array{1}})) == "request add [1] id 7");
    CHECK(calls(packed(array{1, 7, nullptr, 5})) == "result  5 id 7");
    CHECK(calls(packed(array{1, 7, "bad", nullptr})) == R"(error  "bad" id 7)");
    CHECK(calls(packed(array{2, "add", array{1}})) == "notification add [1] id null");
}

TEST_CASE("what is no call is shown whole")
{
    auto const text = GENERATE(as<std::string>{}, "[]", "[1,2]", R"([{"method":"a"},1])", "{}",
                               R"({"method":1,"id":2})", R"({"id":1})", "3", R"([0,7,"add",[1]])");
    CAPTURE(text);
    CHECK(calls(text) == "other  " + text + " id null");
    CHECK(calls(packed(rpc::array{3, 7, "add", rpc::array{}})) == R"(other  [3,7,"add",[]] id null)");
    CHECK(calls(packed(rpc::array{0, 7, 8, rpc::array{}})) == "other  [0,7,8,[]] id null");
    CHECK(calls(packed(rpc::array{})) == "other  [] id null");
}

TEST_CASE("bytes are shown in hexadecimal, the first ones")
{
    CHECK(hexadecimal({"\x00\xff\x10", 3}, 3) == "00 ff 10");
    CHECK(hexadecimal({"\x00\xff\x10", 3}, 2) == "00 ff ... (1 more bytes)");
    CHECK(hexadecimal("", 5).empty());
}
