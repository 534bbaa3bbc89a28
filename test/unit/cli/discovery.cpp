// SPDX-License-Identifier: BSL-1.0
//
// Proves how an OpenRPC document reads, and that one that is none does no harm.
#include "discovery.hpp"

#include <oizys/rpc/codec/json.hpp>

#include <catch2/catch.hpp>

using namespace oizys::cli;
namespace rpc = oizys::rpc;

namespace
{

rpc::value json(std::string_view text) { return rpc::from_json<rpc::value>(text).value(); }

constexpr auto document = R"({
  "openrpc": "1.3.2", "info": {"title": "calculator", "version": "1"},
  "methods": [
    {"name": "add", "summary": "Adds two numbers", "description": "Adds two numbers",
     "params": [{"name": "a", "required": true, "schema": {"type": "integer"}},
                {"name": "b", "description": "two if absent", "schema": {"type": "integer", "default": 2}}],
     "result": {"name": "sum", "schema": {"type": "integer"}},
     "errors": [{"code": 2, "message": "overflow"}]},
    {"name": "move", "params": [{"name": "to", "schema": {"$ref": "#/components/schemas/Point"}}]}
  ]})";

} // namespace

TEST_CASE("a document reads as one line for each method, and what is said about it")
{
    CHECK(describe(json(document)) == "add(a: integer, b: integer = 2) -> integer\n"
                                      "    Adds two numbers\n"
                                      "    b: two if absent\n"
                                      "    errors: 2 overflow\n"
                                      "move(to?: Point)\n");
    CHECK(describe(json(document), "move") == "move(to?: Point)\n");
    CHECK(describe(json(document), "nothing") == std::nullopt);
}

TEST_CASE("schemas are a few words")
{
    auto const [schema, words] = GENERATE(table<std::string, std::string>({
        {R"({"type":"string"})", "string"},
        {R"({"type":["string","null"]})", "string | null"},
        {R"({"type":"array","items":{"type":"number"}})", "[number]"},
        {R"({"type":"array"})", "[any]"},
        {R"({"type":"object","properties":{"a":{"type":"integer"},"b":{}},"required":["a"]})",
         "{a: integer, b?: any}"},
        {R"({"type":"object"})", "object"},
        {R"({"enum":["red","blue"]})", R"("red" | "blue")"},
        {R"({"anyOf":[{"type":"null"},{"$ref":"#/x/Y"}]})", "null | Y"},
        {"true", "any"},
        {"{}", "any"},
    }));
    CHECK(describe_schema(json(schema)) == words);
}

TEST_CASE("the names of methods come from a list or from a document")
{
    CHECK(method_names(json(R"(["a","b",3])")) == std::vector<std::string>{"a", "b"});
    CHECK(method_names(json(document)) == std::vector<std::string>{"add", "move"});
    CHECK(method_names(json("3")) == std::nullopt);
    CHECK(method_names(json(R"({"methods":3})")) == std::nullopt);
}

TEST_CASE("what is no document, or a hostile one, does no harm")
{
    CHECK(describe(json("3")) == std::nullopt);
    CHECK(describe(json(R"({"methods":{}})")) == std::nullopt);
    CHECK(describe(json(R"({"methods":[]})")) == "");
    CHECK(describe(json(R"({"methods":[3,{"name":"a\nb\u001b","params":[1],"result":2}]})")) ==
          "()\na\\nb\\x1b(?: any) -> any\n");
}
