// SPDX-License-Identifier: BSL-1.0
//
// Proves that every value has a form that is JSON, and how it looks on a terminal.
#include "print_value.hpp"

#include <oizys/rpc/codec/json.hpp>

#include <catch2/catch.hpp>

#include <limits>

using namespace oizys::cli;
namespace rpc = oizys::rpc;
using rpc::array;
using rpc::object;

TEST_CASE("every value has a compact form that is JSON")
{
    using limits = std::numeric_limits<double>;
    auto const [value, text] = GENERATE(table<rpc::value, std::string>({
        {nullptr, "null"},
        {array{1, -2, 2.0, true}, "[1,-2,2.0,true]"},
        {object{{"a", array{}}, {"b", object{}}}, R"({"a":[],"b":{}})"},
        {"x\"\n", R"("x\"\n")"},
        {rpc::bytes{std::byte{0xff}}, R"("/w==")"},
        {rpc::extension{.type = -1, .data = {std::byte{0xff}}}, R"({"type":-1,"data":"/w=="})"},
        {limits::quiet_NaN(), R"("NaN")"},
        {array{limits::infinity(), -limits::infinity()}, R"(["Infinity","-Infinity"])"},
        {"\xff", R"("/w==")"},
        {object{{"\xff", 1}}, R"({"/w==":1})"},
        {"\xc2\x9b", R"("\u009b")"},
    }));
    CHECK(compact(value) == text);
    CHECK(rpc::from_json<rpc::value>(text).has_value());
}

TEST_CASE("what fits stays on one line, what does not is broken and indented")
{
    palette const plain;
    CHECK(pretty(array{1, object{{"a", 2}}}, plain) == R"([1, {"a": 2}])");
    std::string const wide(70, 'x');
    CHECK(pretty(object{{"a", wide}, {"b", array{1, 2}}}, plain) ==
          "{\n  \"a\": \"" + wide + "\",\n  \"b\": [1, 2]\n}");
    CHECK(pretty(array{array{wide, 1}, 2}, plain) == "[\n  [\n    \"" + wide + "\",\n    1\n  ],\n  2\n]");
    CHECK(pretty(array{}, plain) == "[]");
}

TEST_CASE("colours are there only where they are wanted")
{
    CHECK(pretty(nullptr, palette{true}) == "\x1b[35mnull\x1b[0m");
    CHECK(pretty(object{{"a", 1}}, palette{true}) == "{\x1b[36m\"a\"\x1b[0m: \x1b[33m1\x1b[0m}");
    CHECK(pretty(object{{"a", 1}}, palette{false}) == R"({"a": 1})");
    CHECK_FALSE(palette_for(-1).is_on());
}
