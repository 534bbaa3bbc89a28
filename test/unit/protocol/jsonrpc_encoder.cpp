// SPDX-License-Identifier: BSL-1.0
//
// Proves the bytes of the JSON-RPC envelopes that are sent, for ordinary names and for names and messages that
// JSON cannot hold.
#include "protocol/jsonrpc.hpp"

#include <oizys/rpc/codec/convert.hpp>

#include <catch2/catch.hpp>

#include <limits>
#include <string>

namespace
{

using namespace oizys::rpc;
using detail::jsonrpc;

std::string request(std::uint32_t id, std::string_view method)
{
    std::string out;
    if (!jsonrpc::begin_request(out, id, method))
        return "refused";
    out += "[1]";
    jsonrpc::end_request(out);
    return out;
}

std::string error_answer(std::string_view id, error_object const& e)
{
    std::string out;
    jsonrpc::write_error(out, id, e);
    return out;
}

struct line
{
    char const* id;
    error_object sent;
    char const* bytes;
};

void check(std::initializer_list<line> lines)
{
    for (auto const& [id, sent, bytes] : lines)
        CHECK(error_answer(id, sent) == bytes);
}

value nested(std::size_t depth)
{
    value v = 1;
    for (std::size_t i = 0; i < depth; ++i)
        v = array{std::move(v)};
    return v;
}

} // namespace

TEST_CASE("a JSON-RPC request has these bytes")
{
    std::string const plain = R"({"jsonrpc":"2.0","id":0,"method":"add","params":[1]})";
    CHECK(request(0, "add") == plain);
    std::string const escaped = R"({"jsonrpc":"2.0","id":4294967295,"method":"a\"\né","params":[1]})";
    CHECK(request(4294967295, "a\"\n\xc3\xa9") == escaped);
}

TEST_CASE("a JSON-RPC notification has these bytes")
{
    std::string out;
    CHECK(jsonrpc::begin_notification(out, "update"));
    out += "{}";
    jsonrpc::end_request(out);
    std::string const expected = R"({"jsonrpc":"2.0","method":"update","params":{}})";
    CHECK(out == expected);
}

TEST_CASE("a method whose name is not UTF-8 has no form in JSON")
{
    CHECK(request(1, "\xff") == "refused");
    std::string out;
    CHECK(!jsonrpc::begin_notification(out, "\xc3"));
}

TEST_CASE("a JSON-RPC result has these bytes, with the id as it came")
{
    for (std::string const id : {"1", "\"a\\u00e9\"", "1e2", "null"})
    {
        std::string out;
        jsonrpc::begin_result(out, id);
        out += "[2]";
        jsonrpc::end_result(out, id);
        auto const expected = R"({"jsonrpc":"2.0","result":[2],"id":)" + id + "}";
        CHECK(out == expected);
    }
}

TEST_CASE("a JSON-RPC error has these bytes")
{
    check({
        {"1",
         {-32601, "Method not found"},
         R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1})"},
        {"",
         {-32700, "Parse error"},
         R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})"},
        {"\"x\"",
         {1, "a\"b", object{{"why", array{1, nullptr}}}},
         R"({"jsonrpc":"2.0","error":{"code":1,"message":"a\"b","data":{"why":[1,null]}},"id":"x"})"},
        {"1",
         {std::numeric_limits<std::int64_t>::min(), ""},
         R"({"jsonrpc":"2.0","error":{"code":-9223372036854775808,"message":""},"id":1})"},
    });
}

TEST_CASE("an error is sent without what JSON cannot hold of it")
{
    auto const without_data = R"({"jsonrpc":"2.0","error":{"code":5,"message":"m"},"id":1})";
    auto const without_message =
        R"-({"jsonrpc":"2.0","error":{"code":5,"message":"(the message is not UTF-8)"},"id":1})-";
    check({
        {"1", {5, "\xff"}, without_message},
        {"1", {5, "m", array{1, std::numeric_limits<double>::quiet_NaN()}}, without_data},
        {"1", {5, "m", extension{1, {}}}, without_data},
        {"1", {5, "m", nested(100)}, without_data},
    });
}

TEST_CASE("the data of an error may be as deep as the other end can read, in a batch too")
{
    std::size_t deepest = 0;
    for (std::size_t depth = 1; depth < 80; ++depth)
    {
        auto const batch = '[' + error_answer("1", {5, "m", nested(depth)}) + ']';
        CHECK(jsonrpc::decoder{batch, {}, true}.is_well_formed());
        if (batch.find("data") != std::string::npos)
            deepest = depth;
    }
    CHECK(deepest == codec_limits{}.max_depth - 3);
}

TEST_CASE("what can be parameters is an array or an object")
{
    for (char const* const good : {"[]", "[1]", "{}", "{\"a\":1}"})
        CHECK(jsonrpc::is_params(good));
    for (char const* const bad : {"", "1", "null", "\"x\"", "true"})
        CHECK(!jsonrpc::is_params(bad));
}
