// SPDX-License-Identifier: BSL-1.0
//
// Proves how the parameters of a call become the arguments of a function: by position and by name, optional
// ones, the rest, the context, views, and the messages where they do not fit.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

#include <boost/describe/class.hpp>

#include <numeric>

using namespace oizys;
using namespace oizys::test;

namespace
{

/// The result as JSON, or the code and the message of the error.
std::string call(conversation& with, std::string const& method, std::string const& parameters)
{
    auto const answer = with.ask_one(R"({"jsonrpc":"2.0","method":")" + method + R"(","params":)" +
                                     parameters + R"(,"id":1})");
    auto const read = rpc::from_json<value>(answer);
    if (!read)
        return answer;
    if (auto const& error = (*read)["error"]; !error.is_null())
        return rpc::to_json(error["code"]) + ' ' + error["message"].as<std::string>();
    return rpc::to_json((*read)["result"]);
}

struct line
{
    char const* method;
    char const* parameters;
    std::string result;
};

void check(rpc::service const& service, std::initializer_list<line> lines)
{
    conversation with{service};
    for (auto const& [method, parameters, result] : lines)
    {
        INFO(method << parameters);
        CHECK(call(with, method, parameters) == result);
    }
}

struct point
{
    int x = 0;
    int y = 0;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

int sum_of(std::vector<int> const& numbers) { return std::accumulate(numbers.begin(), numbers.end(), 0); }

} // namespace

TEST_CASE("positional parameters must be as many, and of the types, that the function has")
{
    rpc::service service;
    service.method("subtract", [](int a, int b) { return a - b; });
    service.method("none", [] { return 0; });
    service.method("bytes", [](std::uint8_t b) { return b; });
    check(
        service,
        {
            {"subtract", "[5,3]", "2"},
            {"subtract", "[5]", "-32602 Invalid params: parameter 2 is missing"},
            {"subtract", "[]", "-32602 Invalid params: parameter 1 is missing"},
            {"subtract", "[5,3,1]", "-32602 Invalid params: at most 2 are expected"},
            {"subtract", R"([5,"3"])",
             "-32602 Invalid params: parameter 2: expected an integer, got a string"},
            {"subtract", "[5,null]", "-32602 Invalid params: parameter 2: expected an integer, got null"},
            {"subtract", "[5,2.5]",
             "-32602 Invalid params: parameter 2: expected an integer, got a floating-point number"},
            {"subtract", "[[5],3]", "-32602 Invalid params: parameter 1: expected an integer, got an array"},
            {"subtract", "[5,2147483648]",
             "-32602 Invalid params: parameter 2: expected an integer from -2147483648 to 2147483647, got 2147483648"},
            {"none", "[]", "0"},
            {"none", "{}", "0"},
            {"none", "[1]", "-32602 Invalid params: none are expected"},
            {"none", R"({"a":1})", "-32602 Invalid params: there is no parameter of the name \"a\""},
            {"bytes", "[255]", "255"},
            {"bytes", "[1,2]", "-32602 Invalid params: at most 1 is expected"},
            {"bytes", "[300]",
             "-32602 Invalid params: parameter 1: expected an integer from 0 to 255, got 300"},
            {"bytes", "[-1]",
             "-32602 Invalid params: parameter 1: expected an integer from 0 to 255, got -1"},
        });
}

TEST_CASE("named parameters may come in any order; missing, unknown and double ones are refused")
{
    rpc::service service;
    service.method("subtract", {"minuend", "subtrahend"}, [](int a, int b) { return a - b; });
    service.method("unnamed", [](int a) { return a; });
    check(
        service,
        {
            {"subtract", R"({"subtrahend":23,"minuend":42})", "19"},
            {"subtract", R"({"minuend":42,"subtrahend":23})", "19"},
            {"subtract", R"({"minu\u0065nd":42,"subtrahend":23})", "19"},
            {"subtract", "[42,23]", "19"},
            {"subtract", R"({"minuend":42})", "-32602 Invalid params: parameter 2 (subtrahend) is missing"},
            {"subtract", R"({"subtrahend":42})", "-32602 Invalid params: parameter 1 (minuend) is missing"},
            {"subtract", "{}", "-32602 Invalid params: parameter 1 (minuend) is missing"},
            {"subtract", R"({"minuend":1,"subtrahend":2,"x":3})",
             "-32602 Invalid params: there is no parameter of the name \"x\""},
            {"subtract", R"({"Minuend":1,"subtrahend":2})",
             "-32602 Invalid params: there is no parameter of the name \"Minuend\""},
            {"subtract", R"({"minuend":1,"minuend":2,"subtrahend":3})",
             "-32602 Invalid params: parameter 1 (minuend) is given twice"},
            {"subtract", R"({"minuend":"a","subtrahend":3})",
             "-32602 Invalid params: parameter 1 (minuend): expected an integer, got a string"},
            {"unnamed", R"({"a":1})", "-32602 Invalid params: this method takes its parameters by position"},
        });
}

TEST_CASE("a name in a message about parameters is not repeated at any length")
{
    rpc::service service;
    service.method("f", {"a"}, [](int a) { return a; });
    conversation with{service};
    CHECK(call(with, "f", "{\"" + std::string(100000, 'n') + "\":1}").size() < 200);
}

TEST_CASE("optional parameters may be absent or null")
{
    rpc::service service;
    service.method("f", {"a", "b"}, [](int a, std::optional<int> b) {
        return std::to_string(a) + (b ? std::to_string(*b) : "-");
    });
    service.method("g", {"a", "b"}, [](std::optional<int> a, int b) { return a.value_or(0) + b; });
    check(service, {
                       {"f", "[1,2]", "\"12\""},
                       {"f", "[1]", "\"1-\""},
                       {"f", "[1,null]", "\"1-\""},
                       {"f", R"({"a":1})", "\"1-\""},
                       {"f", R"({"a":1,"b":null})", "\"1-\""},
                       {"f", R"({"b":2,"a":1})", "\"12\""},
                       {"f", R"([1,"x"])",
                        "-32602 Invalid params: parameter 2 (b): expected an integer, got a string"},
                       {"f", "[1,2,3]", "-32602 Invalid params: at most 2 are expected"},
                       {"g", "[null,2]", "2"},
                       {"g", "[2]", "-32602 Invalid params: parameter 2 (b) is missing"},
                       {"g", R"({"b":2})", "2"},
                   });
}

TEST_CASE("rest<T> takes all positional parameters that are left, or an array by its name")
{
    rpc::service service;
    service.method("sum", {"numbers"}, [](rpc::rest<int> const& numbers) { return sum_of(numbers); });
    service.method("join", {"by", "words"}, [](std::string const& by, rpc::rest<std::string> words) {
        std::string all;
        for (auto const& word : words)
            all += (all.empty() ? "" : by) + word;
        return all;
    });
    check(service, {
                       {"sum", "[]", "0"},
                       {"sum", "[1]", "1"},
                       {"sum", "[1,2,3,4]", "10"},
                       {"sum", "{}", "0"},
                       {"sum", R"({"numbers":[1,2,3]})", "6"},
                       {"sum", R"({"numbers":[]})", "0"},
                       {"sum", R"({"numbers":4})",
                        "-32602 Invalid params: parameter 1 (numbers): expected an array, got an integer"},
                       {"sum", R"([1,"x"])",
                        "-32602 Invalid params: parameter 1 (numbers): expected an integer, got a string"},
                       {"sum", R"({"numbers":[1,"x"]})",
                        "-32602 Invalid params: parameter 1 (numbers): expected an integer, got a string"},
                       {"join", R"(["-","a","b"])", "\"a-b\""},
                       {"join", R"({"words":["a","b"],"by":"+"})", "\"a+b\""},
                       {"join", "[]", "-32602 Invalid params: parameter 1 (by) is missing"},
                   });
}

TEST_CASE("a first parameter call_context& tells who calls and what")
{
    texts seen;
    rpc::service service;
    service.method("who", [&](rpc::call_context& call, int n) {
        seen.push_back(std::string{call.method()} + (call.is_notification() ? " notified " : " called ") +
                       std::to_string(n));
        CHECK(call.caller().is_open());
        return seen.size();
    });
    conversation with{service};
    CHECK(call(with, "who", "[1]") == "1");
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"who","params":[2]})").empty());
    CHECK(seen == texts{"who called 1", "who notified 2"});
}

TEST_CASE("a call names its parameters with a described struct, a map or an object")
{
    rpc::service service;
    service.method("subtract", {"x", "y"}, [](int x, int y) { return x - y; });
    two_peers peers{rpc::protocol::json, {}, service};
    std::vector<call_result<int>> results(4);
    peers.a.async_call<int>("subtract", point{5, 3}, results[0].handler());
    peers.a.async_call<int>("subtract", std::map<std::string, int>{{"y", 3}, {"x", 5}}, results[1].handler());
    peers.a.async_call<int>("subtract", object{{"y", 3}, {"x", 5}}, results[2].handler());
    peers.a.async_call<int>("subtract", value{object{{"y", 3}, {"x", 5}}}, results[3].handler());
    settle(peers.io);
    for (auto const& result : results)
        CHECK(result.answered_with(2));
}

TEST_CASE("views are views into the message, with escapes resolved, until the handler returns")
{
    rpc::service service;
    service.method("join", [](std::string_view a, std::string_view b, std::vector<std::string_view> c) {
        return std::string{a} + '|' + std::string{b} + '|' + (c.empty() ? "" : std::string{c.back()});
    });
    check(service, {{"join", R"(["plain","\u0065\n\"",["x","y\\"]])", R"("plain|e\n\"|y\\")"}});
}

TEST_CASE("functions of every kind are methods")
{
    struct adder
    {
        int by;
        int operator()(int a) const { return a + by; }
    };
    struct counter
    {
        int count = 0;
        int operator()() { return ++count; }
    };
    auto owned = std::make_unique<int>(5);
    rpc::service service;
    service.method("function", sum_of);
    service.method("pointer", &sum_of);
    service.method("object", adder{10});
    service.method("mutable", counter{});
    service.method("owning",
                   [owned = std::make_shared<std::unique_ptr<int>>(std::move(owned))] { return **owned; });
    service.method("const view", [](std::vector<int> const& v) -> std::size_t { return v.size(); });
    service.method("moved in", [](std::vector<std::string>&& v) { return std::move(v); });
    check(service, {
                       {"function", "[[1,2]]", "3"},
                       {"pointer", "[[1,2,3]]", "6"},
                       {"object", "[5]", "15"},
                       {"mutable", "[]", "1"},
                       {"mutable", "[]", "2"},
                       {"owning", "[]", "5"},
                       {"const view", "[[1,2]]", "2"},
                       {"moved in", R"([["a"]])", R"(["a"])"},
                   });
}
