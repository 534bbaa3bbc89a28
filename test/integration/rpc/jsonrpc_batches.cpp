// SPDX-License-Identifier: BSL-1.0
//
// Proves batches: one message back with an answer per request, in whatever order the answers come, and none
// at all where there is nothing to answer.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

#include <map>

using namespace oizys;
using namespace oizys::test;

namespace
{

/// A service whose method "later" keeps its replies until they are asked for, by the name that was given.
struct keeping_service
{
    keeping_service()
    {
        service.method("later", [this](rpc::reply<std::string> r, std::string name) {
            kept.emplace(std::move(name), std::move(r));
        });
    }

    void answer(std::string const& name)
    {
        auto node = kept.extract(name);
        REQUIRE(!node.empty());
        std::move(node.mapped())("answer to " + name);
    }

    rpc::service service = plain_service();
    std::map<std::string, rpc::reply<std::string>> kept;
};

} // namespace

TEST_CASE("a batch is answered with one message that has an answer for each request")
{
    conversation with{plain_service()};
    check(with, {
                    {R"([{"jsonrpc":"2.0","method":"add","params":[1,2],"id":1},)"
                     R"({"jsonrpc":"2.0","method":"add","params":[3,4],"id":"b"}])",
                     R"([{"jsonrpc":"2.0","result":3,"id":1},{"jsonrpc":"2.0","result":7,"id":"b"}])"},
                    {R"([{"jsonrpc":"2.0","method":"nothing","id":null}])",
                     R"([{"jsonrpc":"2.0","result":null,"id":null}])"},
                });
}

TEST_CASE("an empty batch is one error, and what is no request in a batch is an error in its place")
{
    conversation with{plain_service()};
    auto const invalid = R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":null})";
    CHECK(with.ask_one("[]") == invalid);
    auto const in_batch = '[' + std::string{invalid} + ']';
    for (char const* const one :
         {"[1]", "[null]", "[[]]", "[{}]", R"(["x"])", R"([[{"jsonrpc":"2.0","method":"nothing","id":1}]])"})
        CHECK(with.ask_one(one) == in_batch);
    auto const two = '[' + std::string{invalid} + ',' + invalid + ']';
    CHECK(with.ask_one("[1,2]") == two);
}

TEST_CASE("a batch of nothing but notifications is not answered")
{
    int sum = 0;
    auto service = plain_service();
    service.method("update", [&](int by) { sum += by; });
    conversation with{service};
    check(with, {{R"([{"jsonrpc":"2.0","method":"update","params":[1]},{"jsonrpc":"2.0","method":"nope"},)"
                  R"({"jsonrpc":"2.0","method":"update","params":["x"]},)"
                  R"({"jsonrpc":"2.0","method":"update","params":[2]}])",
                  nullptr}});
    CHECK(sum == 3);
}

TEST_CASE("each element of a batch is answered for itself, whatever happens to its neighbours")
{
    conversation with{plain_service()};
    check(
        with,
        {{R"([{"jsonrpc":"2.0","method":"add","params":["x",2],"id":1},)"
          R"({"jsonrpc":"2.0","method":"add","params":[1,2],"id":2},)"
          R"({"jsonrpc":"2.0","method":"add","params":{"a":1,"b":"x"},"id":3},)"
          R"({"jsonrpc":"2.0","method":"fail","params":["x"],"id":4},)"
          R"({"foo":"boo"},)"
          R"({"jsonrpc":"2.0","method":"add","params":[5,6]},)"
          R"({"jsonrpc":"2.0","method":"nope","id":5},)"
          R"({"jsonrpc":"2.0","method":"add","params":{"b":3,"a":4},"id":6}])",
          R"([{"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params: parameter 1 (a): expected an integer, got a string"},"id":1},)"
          R"({"jsonrpc":"2.0","result":3,"id":2},)"
          R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid params: parameter 2 (b): expected an integer, got a string"},"id":3},)"
          R"({"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"},"id":4},)"
          R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":null},)"
          R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":5},)"
          R"({"jsonrpc":"2.0","result":7,"id":6}])"}});
}

TEST_CASE("a batch is answered when the last of its answers is there, in the order in which they came")
{
    keeping_service keeping;
    conversation with{keeping.service};
    CHECK(with.ask(R"([{"jsonrpc":"2.0","method":"later","params":["a"],"id":1},)"
                   R"({"jsonrpc":"2.0","method":"nothing","id":2},)"
                   R"({"jsonrpc":"2.0","method":"later","params":["b"],"id":3},)"
                   R"({"jsonrpc":"2.0","method":"later","params":["c"]}])")
              .empty());
    keeping.answer("b");
    keeping.answer("c"); // a notification: nobody waits for this
    CHECK(with.listen().empty());
    // Another message is not held up.
    auto const other = R"({"jsonrpc":"2.0","result":null,"id":9})";
    CHECK(with.ask_one(R"({"jsonrpc":"2.0","method":"nothing","id":9})") == other);
    keeping.answer("a");
    CHECK(with.listen() == texts{R"([{"jsonrpc":"2.0","result":null,"id":2},)"
                                 R"({"jsonrpc":"2.0","result":"answer to b","id":3},)"
                                 R"({"jsonrpc":"2.0","result":"answer to a","id":1}])"});
    CHECK(with.listen().empty());
}

TEST_CASE("a reply that is dropped completes its batch with an error")
{
    keeping_service keeping;
    conversation with{keeping.service};
    CHECK(with.ask(R"([{"jsonrpc":"2.0","method":"later","params":["a"],"id":1}])").empty());
    keeping.kept.clear();
    auto const error =
        R"([{"jsonrpc":"2.0","error":{"code":-32603,"message":"the handler did not answer"},"id":1}])";
    CHECK(with.listen() == texts{error});
}

TEST_CASE("replies to a batch whose connection has ended do nothing")
{
    keeping_service keeping;
    {
        conversation with{keeping.service};
        CHECK(with.ask(R"([{"jsonrpc":"2.0","method":"later","params":["a"],"id":1},)"
                       R"({"jsonrpc":"2.0","method":"later","params":["b"],"id":2}])")
                  .empty());
        with.other->close();
        settle(with.io);
        keeping.answer("a");
        settle(with.io);
    }
    keeping.answer("b"); // the peer and its loop are gone
}

TEST_CASE("a batch with more elements than max_batch is refused as a whole, and nothing of it is carried out")
{
    int updates = 0;
    auto service = plain_service();
    service.method("update", [&] { return ++updates; });
    conversation with{service, {.protocol = rpc::protocol::json, .max_batch = 2}};
    std::string const update = R"({"jsonrpc":"2.0","method":"update","id":1})";
    auto const invalid = R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":null})";
    CHECK(with.ask_one('[' + update + ',' + update + ',' + update + ']') == invalid);
    CHECK(updates == 0);
    auto const both = R"([{"jsonrpc":"2.0","result":1,"id":1},{"jsonrpc":"2.0","result":2,"id":1}])";
    CHECK(with.ask_one('[' + update + ',' + update + ']') == both);
}

TEST_CASE("a batch that closes the connection is answered so far and not carried out any further")
{
    int updates = 0;
    rpc::service service;
    service.method("update", [&] { ++updates; });
    service.method("close", [](rpc::call_context& call) { call.caller().close(); });
    conversation with{service};
    CHECK(with.ask(R"([{"jsonrpc":"2.0","method":"update","id":1},{"jsonrpc":"2.0","method":"close","id":2},)"
                   R"({"jsonrpc":"2.0","method":"update","id":3}])") ==
          texts{R"([{"jsonrpc":"2.0","result":null,"id":1},{"jsonrpc":"2.0","result":null,"id":2}])"});
    CHECK(updates == 1);
    CHECK(with.closed_with({}));
}

TEST_CASE("answers may arrive as a batch")
{
    conversation with{plain_service()};
    call_result<int> first, second;
    with.peer.async_call<int>("x", std::tuple{}, first.handler());
    with.peer.async_call<int>("y", std::tuple{}, second.handler());
    auto const sent = with.listen();
    REQUIRE(sent.size() == 2);
    auto const id_of = [](std::string const& request) {
        return rpc::to_json(rpc::from_json<value>(request).value()["id"]);
    };
    auto const answers = R"([{"jsonrpc":"2.0","result":2,"id":)" + id_of(sent[1]) +
                         R"(},{"jsonrpc":"2.0","result":"not a number","id":)" + id_of(sent[0]) + "}]";
    CHECK(with.ask(answers).empty());
    CHECK(second.answered_with(2));
    CHECK(first.failed_with(rpc::errc::bad_result));
}

TEST_CASE("answers to a batch that would be too long together become errors, each with its id")
{
    int calls = 0;
    rpc::service service;
    service.method("long", [&] { return std::string(static_cast<std::size_t>(++calls) * 400, 'x'); });
    conversation with{service, {.protocol = rpc::protocol::json}, {.second = {.max_message = 1024}}};
    std::string const one = R"({"jsonrpc":"2.0","method":"long","id":)";
    auto const answers =
        rpc::from_json<rpc::array>(with.ask_one('[' + one + "1}," + one + "\"two\"}]")).value();
    REQUIRE(answers.size() == 2);
    CHECK(answers[0]["result"] == value{std::string(400, 'x')});
    CHECK(answers[1]["error"]["code"] == value{-32001});
    CHECK(answers[1]["id"] == value{"two"});
}

TEST_CASE("a batch whose answers are longer than a message may be is answered with one error")
{
    rpc::service service;
    service.method("long", [] { return std::string(60, 'x'); });
    conversation with{service, {.protocol = rpc::protocol::json}, {.second = {.max_message = 150}}};
    std::string const one = R"({"jsonrpc":"2.0","method":"long","id":1})";
    CHECK(with.ask_one('[' + one + "]").size() < 150);
    auto const error =
        R"({"jsonrpc":"2.0","error":{"code":-32001,"message":"the answer is longer than a message may be"},"id":null})";
    CHECK(with.ask_one('[' + one + ',' + one + "]") == error);
}
