// SPDX-License-Identifier: BSL-1.0
//
// Proves the examples of the JSON-RPC 2.0 specification, section 7, against a server on a Unix socket: over
// header24 frames, over lines of JSON text and over JSON texts one behind the other. The examples stand here,
// and once more in a file that was transcribed by somebody else.
#include "integration/rpc/raw_client.hpp"
#include "support/shared_file.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <functional>

using namespace oizys;
using namespace oizys::test;

namespace
{

namespace json = boost::json;

struct example
{
    std::string name;
    std::string send;
    std::string expect;     ///< empty: nothing is answered
    bool any_order = false; ///< of the elements
};

std::vector<example> examples()
{
    std::string const parse_error =
        R"({"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null})";
    std::string const invalid =
        R"({"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null})";
    return {
        {"positional parameters", R"({"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1})",
         R"({"jsonrpc": "2.0", "result": 19, "id": 1})"},
        {"positional parameters the other way round",
         R"({"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2})",
         R"({"jsonrpc": "2.0", "result": -19, "id": 2})"},
        {"named parameters",
         R"({"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3})",
         R"({"jsonrpc": "2.0", "result": 19, "id": 3})"},
        {"named parameters in another order",
         R"({"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4})",
         R"({"jsonrpc": "2.0", "result": 19, "id": 4})"},
        {"a notification", R"({"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]})", ""},
        {"a notification of nothing", R"({"jsonrpc": "2.0", "method": "foobar"})", ""},
        {"a method that does not exist", R"({"jsonrpc": "2.0", "method": "foobar", "id": "1"})",
         R"({"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"})"},
        {"invalid JSON", R"({"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz])", parse_error},
        {"an invalid request", R"({"jsonrpc": "2.0", "method": 1, "params": "bar"})", invalid},
        {"a batch of invalid JSON",
         R"([{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method"])",
         parse_error},
        {"an empty array", "[]", invalid},
        {"an invalid batch of one", "[1]", '[' + invalid + ']'},
        {"an invalid batch of three", "[1,2,3]", '[' + invalid + ',' + invalid + ',' + invalid + ']'},
        {"a batch",
         R"([{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},)"
         R"( {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},)"
         R"( {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},)"
         R"( {"foo": "boo"},)"
         R"( {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},)"
         R"( {"jsonrpc": "2.0", "method": "get_data", "id": "9"}])",
         R"([{"jsonrpc": "2.0", "result": 7, "id": "1"}, {"jsonrpc": "2.0", "result": 19, "id": "2"},)" +
             invalid +
             R"(,{"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},)"
             R"({"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}])",
         true},
        {"a batch of notifications",
         R"([{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},)"
         R"({"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}])",
         ""},
    };
}

std::vector<example> transcribed(std::string const& file)
{
    std::vector<example> all;
    auto const document = json::parse(file);
    for (auto const& one : document.at("cases").as_array())
    {
        bool const any_order = one.as_object().contains("expect_any_order");
        auto const& expect = one.at(any_order ? "expect_any_order" : "expect");
        all.push_back({std::string{one.at("name").as_string()}, std::string{one.at("send").as_string()},
                       expect.is_null() ? "" : json::serialize(expect), any_order});
    }
    return all;
}

/// The methods that the specification's server has.
struct spec_service
{
    spec_service()
    {
        auto const sum_of = [](rpc::rest<int> const& numbers) {
            int sum = 0;
            for (int const n : numbers)
                sum += n;
            return sum;
        };
        service.method("subtract", {"minuend", "subtrahend"}, [](int a, int b) { return a - b; });
        service.method("sum", sum_of);
        service.method("get_data", [] { return std::tuple{"hello", 5}; });
        service.method("update",
                       [this](rpc::rest<int> const& n) { notified += "update" + std::to_string(n.size()); });
        service.method("notify_hello", [this](int n) { notified += "hello" + std::to_string(n); });
        service.method("notify_sum", [this, sum_of](rpc::rest<int> const& n) {
            notified += "sum" + std::to_string(sum_of(n));
        });
    }

    rpc::service service;
    std::string notified;
};

using framing_function = std::function<std::string(std::string const&)>;

/// Sends the example and behind it a request of our own; returns what came before that one's answer.
std::vector<std::string> answers_to(raw_client& client, std::string const& text,
                                    framing_function const& frame, framing_function const& unframe)
{
    client.send(frame(text) + frame(R"({"jsonrpc":"2.0","method":"subtract","params":[1,1],"id":"end"})"));
    std::vector<std::string> answers;
    for (;;)
    {
        auto const answer = unframe({});
        if (answer == R"({"jsonrpc":"2.0","result":0,"id":"end"})")
            return answers;
        answers.push_back(answer);
    }
}

bool is_permutation(json::array const& a, json::array const& b)
{
    return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin());
}

void check(std::vector<example> const& all, std::function<framing_function(raw_client&)> const& reader,
           framing_function const& frame)
{
    spec_service spec;
    raw_server server{spec.service};
    raw_client client{server};
    auto const unframe = reader(client);
    for (auto const& [name, send, expect, any_order] : all)
    {
        INFO(name);
        auto const answers = answers_to(client, send, frame, unframe);
        if (expect.empty())
        {
            CHECK(answers.empty());
            continue;
        }
        REQUIRE(answers.size() == 1);
        auto const got = json::parse(answers[0]);
        auto const wanted = json::parse(expect);
        INFO(answers[0]);
        if (any_order)
            CHECK(is_permutation(got.as_array(), wanted.as_array()));
        else
            CHECK((got == wanted));
    }
    CHECK(spec.notified == "update5hello7sum7hello7");
}

framing_function read_frame(raw_client& client)
{
    return [&](std::string const&) {
        auto const header = client.receive(4);
        std::size_t size = 0;
        for (char const c : header)
            size = size << 8 | static_cast<unsigned char>(c);
        return client.receive(size);
    };
}

framing_function read_line(raw_client& client)
{
    return [&](std::string const&) {
        std::string line;
        for (;;)
        {
            auto const c = client.receive(1);
            if (c == "\n" || c.empty())
                return line;
            line += c;
        }
    };
}

// A text that is no JSON has no end but that of its line.
std::string concatenated(std::string const& text)
{
    json::error_code ec;
    json::parse(text, ec);
    return ec ? text + '\n' : text;
}

void check_all(std::vector<example> const& all)
{
    SECTION("over header24") { check(all, read_frame, framed); }
    SECTION("by lines")
    {
        check(all, read_line, [](std::string const& text) { return text + '\n'; });
    }
    SECTION("one behind the other") { check(all, read_line, concatenated); }
}

} // namespace

TEST_CASE("the examples of the JSON-RPC 2.0 specification are answered as it says") { check_all(examples()); }

TEST_CASE("the transcribed examples of the JSON-RPC 2.0 specification are answered as they say")
{
    auto const file = shared_file("vectors/jsonrpc/spec-section-7.json");
    if (!file)
        return;
    auto const all = transcribed(*file);
    CHECK(all.size() == examples().size());
    check_all(all);
}
