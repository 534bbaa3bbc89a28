// SPDX-License-Identifier: BSL-1.0
//
// Proves what a peer answers to single JSON-RPC messages: results, every standard error, ids byte for byte,
// members in any order, and silence where the protocol wants it.
#include "rpc_test.hpp"

using namespace oizys;
using namespace oizys::test;

TEST_CASE("a request is answered with its result and its id")
{
    conversation with{plain_service()};
    check(with,
          {
              {R"({"jsonrpc":"2.0","method":"add","params":[2,3],"id":1})",
               R"({"jsonrpc":"2.0","result":5,"id":1})"},
              {R"({"jsonrpc":"2.0","method":"nothing","id":2})", R"({"jsonrpc":"2.0","result":null,"id":2})"},
              {R"({"jsonrpc":"2.0","method":"nothing","params":[],"id":3})",
               R"({"jsonrpc":"2.0","result":null,"id":3})"},
              {R"({"jsonrpc":"2.0","method":"nothing","params":{},"id":4})",
               R"({"jsonrpc":"2.0","result":null,"id":4})"},
              {R"({"jsonrpc":"2.0","method":"echo","params":[{"a":[1,2.5,null,"é"]}],"id":5})",
               R"({"jsonrpc":"2.0","result":{"a":[1,2.5,null,"é"]},"id":5})"},
          });
}

TEST_CASE("an id comes back byte for byte, from results and from errors")
{
    conversation with{plain_service()};
    for (std::string const id : {"0", "-7", "1.0", "1e2", "1E+2", "12345678901234567890123", "-0.0", "null",
                                 R"("")", R"("7")", R"("\u0041\"\\\/\ud83d\ude00 é")", "\"a\x7f\""})
    {
        INFO(id);
        auto const result = R"({"jsonrpc":"2.0","result":5,"id":)" + id + "}";
        CHECK(with.ask_one(R"({"jsonrpc":"2.0","method":"add","params":[2,3],"id":)" + id + "}") == result);
        auto const error =
            R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":)" + id + "}";
        CHECK(with.ask_one(R"({"id": )" + id + R"( ,"method":"nope","jsonrpc":"2.0"})") == error);
    }
}

TEST_CASE("each standard error has its code and its message")
{
    conversation with{plain_service()};
    check(
        with,
        {
            {"{", R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})"},
            {"nonsense", R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})"},
            {"\xff", R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})"},
            {"1", R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":null})"},
            {R"({"jsonrpc":"2.0","method":1,"id":9})",
             R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":9})"},
            {R"({"jsonrpc":"2.0","method":"nope","id":9})",
             R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":9})"},
            {R"({"jsonrpc":"2.0","method":"add","params":[1],"id":9})",
             R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params: parameter 2 (b) is missing"},"id":9})"},
            {R"({"jsonrpc":"2.0","method":"fail","params":["secret"],"id":9})",
             R"({"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"},"id":9})"},
            {R"({"jsonrpc":"2.0","method":"refuse","id":9})",
             R"({"jsonrpc":"2.0","error":{"code":17,"message":"no","data":[1,"x"]},"id":9})"},
        });
}

TEST_CASE("a peer without a service finds no method, and says so")
{
    asio::io_context io;
    auto pair = memory_pair(io.get_executor());
    rpc::peer const peer{pair.second};
    texts heard;
    pair.first->set_onmessage([&](std::string const& m) { heard.push_back(m); });
    pair.first->send(R"({"jsonrpc":"2.0","method":"add","params":[1,2],"id":1})");
    settle(io);
    CHECK(heard == texts{R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1})"});
}

TEST_CASE("what() of an exception is told only where the options allow it")
{
    conversation with{plain_service(), {.protocol = rpc::protocol::json, .expose_exceptions = true}};
    check(with, {{R"({"jsonrpc":"2.0","method":"fail","params":["for you"],"id":9})",
                  R"({"jsonrpc":"2.0","error":{"code":-32603,"message":"for you"},"id":9})"}});
}

TEST_CASE("a notification is carried out and never answered, whatever happens")
{
    int updates = 0;
    auto service = plain_service();
    service.method("update", [&](int by) { updates += by; });
    conversation with{service};
    check(with, {
                    {R"({"jsonrpc":"2.0","method":"update","params":[5]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"update","params":["x"]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"update","params":[1,2]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"nope","params":[5]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"fail","params":["x"]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"refuse"})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"add","params":[1,2]})", nullptr},
                });
    CHECK(updates == 5);
    CHECK(with.peer.is_open());
}

TEST_CASE("the version may be absent only where the options allow it")
{
    auto const bare = R"({"method":"add","params":[2,3],"id":1})";
    conversation strict{plain_service()};
    check(strict,
          {{bare, R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":1})"}});
    conversation lenient{plain_service(), {.protocol = rpc::protocol::json, .version_required = false}};
    check(lenient, {{bare, R"({"jsonrpc":"2.0","result":5,"id":1})"},
                    {R"({"jsonrpc":"2.0","method":"add","params":[2,3],"id":2})",
                     R"({"jsonrpc":"2.0","result":5,"id":2})"},
                    {R"({"jsonrpc":"3.0","method":"add","params":[2,3],"id":3})",
                     R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":3})"}});
}

TEST_CASE("a response that nobody waits for is not answered, so that two peers never quarrel")
{
    conversation with{plain_service()};
    check(with,
          {
              {R"({"jsonrpc":"2.0","result":1,"id":0})", nullptr},
              {R"({"jsonrpc":"2.0","result":1,"id":"x"})", nullptr},
              {R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})", nullptr},
              {R"([{"jsonrpc":"2.0","result":1,"id":0},{"jsonrpc":"2.0","error":"x","id":1}])", nullptr},
          });
}

TEST_CASE("a result that JSON has no form for is an error of its own")
{
    rpc::service service;
    service.method("nan", [] { return std::numeric_limits<double>::quiet_NaN(); });
    service.method("latin", [] { return std::string{"\xe9"}; });
    service.method("half", [] { return std::vector{1.0, std::numeric_limits<double>::infinity()}; });
    service.method("handle", [] { return value{rpc::extension{1, {}}}; });
    conversation with{service};
    for (std::string const method : {"nan", "latin", "half", "handle"})
    {
        INFO(method);
        auto const error =
            R"({"jsonrpc":"2.0","error":{"code":-32002,"message":"the result has no form in this protocol"},"id":1})";
        CHECK(with.ask_one(R"({"jsonrpc":"2.0","method":")" + method + R"(","id":1})") == error);
    }
}

TEST_CASE("a header24 session keeps the protocol of its first message")
{
    conversation with{plain_service(), {.protocol = rpc::protocol::detect}};
    CHECK(with.peer.protocol() == rpc::protocol::detect);
    check(with,
          {{R"({"jsonrpc":"2.0","method":"nothing","id":1})", R"({"jsonrpc":"2.0","result":null,"id":1})"}});
    CHECK(with.peer.protocol() == rpc::protocol::json);
    check(with, {{"\x93\x02\xa1x\x90",
                  R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})"}});
}
