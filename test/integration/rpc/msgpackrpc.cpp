// SPDX-License-Identifier: BSL-1.0
//
// Proves MessagePack-RPC as another library would speak it: ids of any width, errors of any form, answers in any
// order, parameters that are no array, and garbage, which ends the connection.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

using namespace oizys;
using namespace oizys::test;

namespace
{

value call(int id, char const* method, value parameters)
{
    return array{0, id, method, std::move(parameters)};
}
value result(int id, value v) { return array{1, id, nullptr, std::move(v)}; }
value error(int id, std::int64_t code, std::string message)
{
    return array{1, id, object{{"code", code}, {"message", std::move(message)}}, nullptr};
}

using values = std::vector<value>;

} // namespace

TEST_CASE("a MessagePack-RPC request is answered with its result or with an error")
{
    packed_conversation with{plain_service()};
    CHECK(with.ask(call(1, "add", array{2, 3})) == values{result(1, 5)});
    CHECK(with.ask(call(2, "nothing", array{})) == values{result(2, nullptr)});
    auto const everything = array{1,
                                  -1,
                                  2.5,
                                  "é",
                                  nullptr,
                                  true,
                                  rpc::bytes{std::byte{1}},
                                  rpc::extension{5, {std::byte{2}}},
                                  object{{"a", array{}}}};
    CHECK(with.ask(call(3, "echo", array{everything})) == values{result(3, everything)});
    CHECK(with.ask(call(4, "nope", array{})) == values{error(4, -32601, "Method not found")});
    CHECK(with.ask(call(5, "add", array{1})) ==
          values{error(5, -32602, "Invalid params: parameter 2 (b) is missing")});
    CHECK(with.ask(call(6, "fail", array{"x"})) == values{error(6, -32603, "Internal error")});
    CHECK(with.ask(call(7, "refuse", array{})) ==
          values{array{1, 7, object{{"code", 17}, {"message", "no"}, {"data", array{1, "x"}}}, nullptr}});
}

TEST_CASE("a notification is carried out and never answered, whatever is wrong with it")
{
    int sum = 0;
    auto service = plain_service();
    service.method("update", [&](int by) { sum += by; });
    packed_conversation with{service};
    for (array const& notification :
         {array{2, "update", array{5}}, array{2, "update", array{"x"}}, array{2, "nope", array{}},
          array{2, "fail", array{"x"}}, array{2, "update", object{{"by", 1}}}, array{2, "update", nullptr}})
        CHECK(with.ask(notification).empty());
    CHECK(sum == 5);
    CHECK(with.peer.is_open());
}

TEST_CASE("a message id comes back byte for byte")
{
    conversation with{plain_service(), {.protocol = rpc::protocol::msgpack}};
    for (std::string const& id :
         {std::string{"\x00", 1}, std::string{"\x7f"}, std::string{"\xcc\x05"},
          std::string{"\xcd\x00\x05", 3}, std::string{"\xce\xff\xff\xff\xff"},
          std::string{"\xcf\x00\x00\x00\x00\xff\xff\xff\xff", 9}, std::string{"\xd0\x05"}})
    {
        auto const request = std::string{"\x94\x00", 2} + id +
                             "\xa3"
                             "add"
                             "\x92\x02\x03";
        CHECK(with.ask(request) == texts{"\x94\x01" + id + "\xc0\x05"});
        auto const refused = std::string{"\x94\x00", 2} + id +
                             "\xa6"
                             "refuse"
                             "\xc0";
        auto const answers = with.ask(refused);
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].starts_with("\x94\x01" + id + "\x82"));
    }
}

TEST_CASE("a request that is not as it should be is answered with an error")
{
    packed_conversation with{plain_service()};
    for (array const& request :
         {array{0, 7, "add", object{{"a", 1}, {"b", 2}}}, array{0, 7, "add", nullptr}, array{0, 7, "add", 5},
          array{0, 7, "add"}, array{0, 7}, array{0, 7, "add", array{1, 2}, nullptr}, array{0, 7, 5, array{}}})
    {
        INFO(request);
        CHECK(with.ask(request) == values{error(7, -32600, "Invalid Request")});
    }
    CHECK(with.peer.is_open());
}

TEST_CASE("what is no message of the protocol ends the connection")
{
    for (std::string const& garbage :
         {std::string{"\x01"}, std::string{"\xc0"}, std::string{"\x80"}, std::string{"\x90"},
          std::string{"\x91\x00", 2}, std::string{"{\"jsonrpc\":\"2.0\"}"}, std::string{"\x94\x00\x07", 3},
          std::string{"\xc1"}, std::string{"\x94\x03\x07\xc0\xc0"}, std::string{"\x93\x01\x07\xc0"},
          std::string{"\x94\x00\xff\xa1m\x90", 6},
          std::string{"\x94\x00\xcf\x00\x00\x00\x01\x00\x00\x00\x00\xa1m\x90", 14},
          std::string{"\x93\x02\x05\x90"}, std::string(1000000, '\x91'),
          std::string{"\x93\x02\xa1x\x90\x00", 6}})
    {
        conversation with{plain_service(), {.protocol = rpc::protocol::msgpack}};
        CHECK(with.ask(garbage).empty());
        CHECK(with.closed_with(rpc::errc::bad_message));
    }
}

TEST_CASE("a response that is not complete is never taken for a request")
{
    packed_conversation with{plain_service()};
    call_result<int> called;
    with.peer.async_call<int>("x", std::tuple{}, called.handler());
    CHECK(with.listen().size() == 1);
    CHECK(with.ask(array{1, 0, nullptr}).empty());
    CHECK(with.closed_with(rpc::errc::bad_message));
    CHECK(called.failed_with(rpc::errc::connection_lost));
}

TEST_CASE("answers may come in any order, and each ends its own call")
{
    packed_conversation with{plain_service()};
    std::vector<call_result<int>> results(5);
    for (int i = 0; i < 5; ++i)
        with.peer.async_call<int>("m", std::tuple{i}, results[static_cast<std::size_t>(i)].handler());
    auto const sent = with.listen();
    REQUIRE(sent.size() == 5);
    for (std::size_t const i : {3u, 0u, 4u, 2u, 1u})
        with.ask(array{1, sent[i][1], nullptr, sent[i][3][0].as<int>() * 10});
    for (int i = 0; i < 5; ++i)
        CHECK(results[static_cast<std::size_t>(i)].answered_with(i * 10));
}

TEST_CASE("errors of other libraries become error objects")
{
    packed_conversation with{plain_service()};
    struct
    {
        value sent;
        rpc::error_object read;
    } const all[] = {
        {"text", {rpc::internal_error, "text"}},
        {array{3, "vim"}, {3, "vim"}},
        {object{{"code", 4}, {"message", "m"}, {"data", 1}}, {4, "m", 1}},
        {true, {rpc::internal_error, "the other end answered with an error of its own form", true}},
        {rpc::extension{1, {}},
         {rpc::internal_error, "the other end answered with an error of its own form",
          rpc::extension{1, {}}}},
    };
    for (auto const& [sent, read] : all)
    {
        INFO(sent);
        call_result<int> called;
        with.peer.async_call<int>("m", std::tuple{}, called.handler());
        auto const request = with.listen().at(0);
        with.ask(array{1, request[1], sent, nullptr});
        CHECK(called.count == 1);
        REQUIRE(!called.answer.has_value());
        CHECK(called.answer.error() == read);
    }
}

TEST_CASE("an error beside a result is an error; nil and nil is a result")
{
    packed_conversation with{plain_service()};
    call_result<std::optional<int>> failed, nothing;
    with.peer.async_call<std::optional<int>>("m", std::tuple{}, failed.handler());
    with.ask(array{1, with.listen().at(0)[1], "no", 5});
    CHECK(failed.answered_with_error(rpc::internal_error));
    with.peer.async_call<std::optional<int>>("m", std::tuple{}, nothing.handler());
    with.ask(array{1, with.listen().at(0)[1], nullptr, nullptr});
    CHECK(nothing.answered_with(std::nullopt));
}

TEST_CASE("binary data written as an old raw string is read as binary data")
{
    rpc::service service;
    service.method("size", [](rpc::bytes const& b) { return b.size(); });
    service.method("text", [](std::string const& s) { return s.size(); });
    conversation with{service, {.protocol = rpc::protocol::msgpack}};
    using namespace std::string_literals;
    CHECK(with.ask("\x94\x00\x01\xa4size\x91\xa3\x00\xff\x01"s) == texts{"\x94\x01\x01\xc0\x03"s});
    CHECK(with.ask("\x94\x00\x01\xa4size\x91\xda\x00\x03\x00\xff\x01"s) == texts{"\x94\x01\x01\xc0\x03"s});
    CHECK(with.ask("\x94\x00\x01\xa4text\x91\xa3\xff\xfe\x01"s) == texts{"\x94\x01\x01\xc0\x03"s});
}

TEST_CASE("a header24 session may turn out to speak MessagePack-RPC")
{
    conversation with{plain_service(), {.protocol = rpc::protocol::detect}};
    using namespace std::string_literals;
    CHECK(with.ask("\xdc\x00\x04\x00\x01\xa3"
                   "add"
                   "\x92\x02\x03"s) == texts{"\x94\x01\x01\xc0\x05"s});
    CHECK(with.peer.protocol() == rpc::protocol::msgpack);
}

TEST_CASE("a deferred result that is too long is an error with its id, and the connection lives on")
{
    std::optional<rpc::reply<std::string>> kept;
    auto service = plain_service();
    service.method("later", [&](rpc::reply<std::string> r) { kept.emplace(std::move(r)); });
    service.method("now", [] { return std::string(1000, 'x'); });
    packed_conversation with{service, {}, {.second = {.max_message = 200}}};
    CHECK(with.ask(call(1, "later", array{})).empty());
    std::move (*kept)(std::string(1000, 'x'));
    CHECK(with.listen() == values{error(1, -32001, "the answer is longer than a message may be")});
    CHECK(with.ask(call(2, "now", array{})) ==
          values{error(2, -32001, "the result is longer than a message may be")});
    CHECK(with.ask(call(3, "add", array{1, 2})) == values{result(3, 3)});
}
