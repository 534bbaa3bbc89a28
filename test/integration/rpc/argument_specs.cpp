// SPDX-License-Identifier: BSL-1.0
//
// Proves what may be said about a method's parameters when it is registered: defaults, arguments that are ignored,
// all arguments as one; and that a mismatch says which parameter, what was expected and what came.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

#include <boost/describe/class.hpp>

using namespace oizys;
using namespace oizys::test;
using rpc::arg;

namespace
{

/// The result as JSON, or the code and the message of the error, in either protocol.
std::string call(rpc::service const& service, rpc::protocol protocol, char const* method,
                 char const* arguments)
{
    two_peers peers{protocol, {}, service};
    call_result<value> result;
    peers.a.async_call(method, rpc::from_json<value>(arguments).value(), result.handler());
    settle(peers.io);
    REQUIRE(result.count == 1);
    REQUIRE(!result.ec);
    if (result.answer.has_value())
        return rpc::to_json(*result.answer);
    return std::to_string(result.answer.error().code) + ' ' + result.answer.error().message;
}

struct line
{
    char const* method;
    char const* arguments;
    char const* result;
};

/// Positional arguments go over both protocols, named ones over JSON-RPC, which alone has them.
void check(rpc::service const& service, std::initializer_list<line> lines)
{
    for (auto const& [method, arguments, result] : lines)
        for (auto const protocol : {rpc::protocol::json, rpc::protocol::msgpack})
        {
            if (protocol == rpc::protocol::msgpack && *arguments == '{')
                continue;
            INFO(method << arguments << (protocol == rpc::protocol::json ? " in JSON" : " in msgpack"));
            CHECK(call(service, protocol, method, arguments) == result);
        }
}

struct point
{
    int x = 0;
    std::optional<int> y{};
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

int sum_of(point const& p) { return p.x + p.y.value_or(100); }

} // namespace

TEST_CASE("a parameter with a default may be left out, by position and by name")
{
    rpc::service service;
    service.method("f", {"a", arg("b") = 2, arg("c") = "x"},
                   [](int a, int b, std::string_view c) { return std::to_string(a + b) + std::string{c}; });
    service.method("g", {arg("a") = 1, "b"}, [](int a, int b) { return a * 10 + b; });
    service.method("h", {arg("p") = point{1, 2}, arg("list") = std::vector<int>{3}},
                   [](point const& p, std::vector<int> const& list) { return sum_of(p) + list.front(); });
    service.method("o", {arg("a") = 5}, [](std::optional<int> a) { return a.value_or(0); });
    check(service,
          {
              {"f", "[1]", R"("3x")"},
              {"f", "[1,5]", R"("6x")"},
              {"f", R"([1,5,"y"])", R"("6y")"},
              {"f", R"({"a":1,"c":"z"})", R"("3z")"},
              {"f", "{}", "-32602 Invalid params: parameter 1 (a) is missing"},
              {"f", "[]", "-32602 Invalid params: parameter 1 (a) is missing"},
              {"f", "[1,null]", "-32602 Invalid params: parameter 2 (b): expected an integer, got null"},
              {"g", R"({"b":2})", "12"},
              {"g", "[3]", "-32602 Invalid params: parameter 2 (b) is missing"},
              {"h", "[]", "6"},
              {"h", R"({"p":{"x":10,"y":20}})", "33"},
              {"o", "[]", "5"},
              {"o", "[null]", "0"},
          });
}

TEST_CASE("arguments that a function has no parameter for are ignored where that was asked for")
{
    rpc::service service;
    service.method("named", {"a", "b"}, [](int a, int b) { return a - b; }, {.extra_arguments = true});
    service.method("none", [] { return 0; }, {.extra_arguments = true});
    check(service, {
                       {"named", "[5,3,1,[2]]", "2"},
                       {"named", R"({"a":5,"x":{"y":1},"b":3,"z":null})", "2"},
                       {"named", R"({"a":5,"x":{"y":1},"b":"3"})",
                        "-32602 Invalid params: parameter 2 (b): expected an integer, got a string"},
                       {"named", "[5]", "-32602 Invalid params: parameter 2 (b) is missing"},
                       {"none", R"({"x":1})", "0"},
                       {"none", "[1,2]", "0"},
                   });
}

TEST_CASE("a struct, a map or a value that is the only parameter takes all named arguments")
{
    rpc::service service;
    service.method("sum", sum_of);
    service.method("size", [](std::map<std::string, int> const& all) { return all.size(); });
    service.method("echo", [](value const& all) { return all; });
    service.method("maybe", [](std::optional<point> const& p) { return p ? sum_of(*p) : 0; });
    service.method("named", {"p"}, sum_of);
    service.method("two", [](point const& p, int n) { return sum_of(p) + n; });
    check(service,
          {
              {"sum", R"({"x":1,"y":2})", "3"},
              {"sum", R"({"x":1})", "101"},
              {"sum", R"([{"x":1,"y":2}])", "3"},
              {"sum", "[[1,2]]", "3"},
              {"sum", R"({"y":2})", R"(-32602 Invalid params: parameter 1: member "x" is missing)"},
              {"sum", R"({"x":1,"y":"2"})",
               "-32602 Invalid params: parameter 1: member \"y\": a value has another "
               "type than the one expected, got a string"},
              {"sum", R"([{"x":1,"y":"2"}])",
               "-32602 Invalid params: parameter 1: member \"y\": a value has another "
               "type than the one expected, got a string"},
              {"sum", "[5]",
               "-32602 Invalid params: parameter 1: expected an array or an object, got an integer"},
              {"size", R"({"a":1,"b":2})", "2"},
              {"echo", R"({"a":1,"b":[2]})", R"({"a":1,"b":[2]})"},
              {"echo", "[7]", "7"},
              {"maybe", R"({"x":1,"y":2})", "3"},
              {"maybe", "[]", "0"},
              {"named", R"({"p":{"x":1,"y":2}})", "3"},
              {"named", R"({"x":1})", "-32602 Invalid params: there is no parameter of the name \"x\""},
              {"two", R"({"x":1})", "-32602 Invalid params: this method takes its parameters by position"},
          });
}

TEST_CASE("all<T> takes the arguments as they came")
{
    rpc::service service;
    service.method("echo", [](rpc::all<value> const& arguments) { return arguments.value; });
    service.method("sizes",
                   [](rpc::all<std::vector<std::string>> const& words) { return words.value.size(); });
    check(service,
          {
              {"echo", R"([1,"x",[]])", R"([1,"x",[]])"},
              {"echo", R"({"a":{"b":1}})", R"({"a":{"b":1}})"},
              {"echo", "[]", "[]"},
              {"sizes", R"(["a","b"])", "2"},
              {"sizes", R"({"a":1})", "-32602 Invalid params: parameter 1: expected an array, got an object"},
          });
    conversation with{service};
    auto const nothing = R"({"jsonrpc":"2.0","result":null,"id":1})";
    CHECK(with.ask_one(R"({"jsonrpc":"2.0","method":"echo","id":1})") == nothing);
}

TEST_CASE("a mismatch says what was expected and what came")
{
    rpc::service service;
    service.method("int8", [](std::int8_t n) { return n; });
    service.method("uint64", [](std::uint64_t n) { return n; });
    service.method("number", [](double n) { return n; });
    service.method("flag", [](bool b) { return b; });
    service.method("list", [](std::vector<int> const& list) { return list.size(); });
    service.method("maybe", [](std::optional<int> n) { return n; });
    std::string const refused = "-32602 Invalid params: parameter 1: ";
    for (auto const& [method, arguments, why] : {
             line{"int8", "[-129]", "expected an integer from -128 to 127, got -129"},
             {"int8", "[128]", "expected an integer from -128 to 127, got 128"},
             {"uint64", "[-1]", "expected an integer from 0 to 18446744073709551615, got -1"},
             {"number", "[true]", "expected a number, got a boolean"},
             {"flag", "[0]", "expected a boolean, got an integer"},
             {"list", "[7]", "expected an array, got an integer"},
             {"list", R"([[1,"x"]])", "a value has another type than the one expected"},
             {"maybe", R"(["x"])", "expected an integer, got a string"},
         })
        check(service, {{method, arguments, (refused + why).c_str()}});
}
