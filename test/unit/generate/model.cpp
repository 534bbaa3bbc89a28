// SPDX-License-Identifier: BSL-1.0
//
// OpenRPC documents of this implementation, of others, and texts that are none.
#include "generate/model.hpp"

#include <oizys/rpc/codec/json.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace oizys;
using generate::model;
using generate::type;
using form = generate::type::form;

namespace
{

model read(std::string_view text) { return generate::read_model(rpc::from_json<rpc::value>(text).value()); }

/// The type of a result with that schema.
type type_of(std::string const& schema, std::string const& components = "{}")
{
    return read(R"({"openrpc":"1.3.2","methods":[{"name":"m","params":[],"result":{"name":"r","schema":)" +
                schema + R"(}}],"components":{"schemas":)" + components + "}}")
        .methods.at(0)
        .result;
}

std::string refusal(std::string_view text)
{
    try
    {
        read(text);
    }
    catch (std::invalid_argument const& e)
    {
        return e.what();
    }
    return {};
}

} // namespace

TEST_CASE("a document's methods, parameters and errors are found", "[generate]")
{
    auto const m = read(R"({"openrpc":"1.3.2","info":{"title":"t","version":"1","description":"d"},"methods":[
        {"name":"a.b","summary":"s","params":[{"name":"x","description":"dx","required":true,"schema":{"type":"boolean"}},
         {"name":"y","schema":{"type":"string"}}],"errors":[{"code":5,"message":"five"}]}]})");
    CHECK((m.title == "t" && m.version == "1" && m.description == "d"));
    auto const& method = m.methods.at(0);
    CHECK((method.name == "a.b" && method.description == "s"));
    CHECK(method.parameters.at(0).name == "x");
    CHECK(method.parameters.at(0).description == "dx");
    CHECK(method.parameters.at(0).required);
    CHECK(method.parameters.at(0).type == type{.is = form::boolean});
    CHECK(!method.parameters.at(1).required);
    CHECK(method.errors.at(0).code == 5);
    CHECK(method.result == type{.is = form::null}); // a notification
}

TEST_CASE("schemas become types", "[generate]")
{
    CHECK(type_of("{}") == type{});
    CHECK(type_of("true") == type{});
    CHECK(type_of(R"({"type":"number"})") == type{.is = form::number});
    CHECK(type_of(R"({"type":"integer","minimum":0,"maximum":255})") ==
          type{.is = form::integer, .minimum = 0, .maximum = 255});
    CHECK(type_of(R"({"type":"integer","minimum":0})") ==
          type{.is = form::integer, .minimum = 0, .maximum = UINT64_MAX});
    CHECK(type_of(R"({"type":"string","contentEncoding":"base64"})") == type{.is = form::binary});
    CHECK(type_of(R"({"type":"string","format":"date-time"})") == type{.is = form::time});
    CHECK(type_of(R"({"type":"array"})") == type{.is = form::array, .parts = {{}}});
    CHECK(type_of(R"({"type":"array","items":{"type":"null"},"minItems":2,"maxItems":2})") ==
          type{.is = form::array, .parts = {{.is = form::null}}, .size = 2});
    CHECK(type_of(R"({"type":"array","items":[{},{"type":"null"}],"minItems":2,"maxItems":2})") ==
          type{.is = form::tuple, .parts = {{}, {.is = form::null}}});
    CHECK(type_of(R"({"type":"object"})") == type{.is = form::object});
    CHECK(type_of(R"({"type":"object","additionalProperties":{"type":"null"}})") ==
          type{.is = form::map, .parts = {{.is = form::null}}});
    CHECK(type_of(R"({"type":["string","null"]})") ==
          type{.is = form::optional, .parts = {{.is = form::text}}});
    CHECK(type_of(R"({"anyOf":[{"type":"null"},{"type":"string"},{"type":"boolean"},{"type":"string"}]})") ==
          type{.is = form::optional,
               .parts = {{.is = form::choice, .parts = {{.is = form::text}, {.is = form::boolean}}}}});
    CHECK(type_of(R"({"oneOf":[{"type":"string"},{}]})") == type{});
    CHECK(type_of(R"({"allOf":[{"type":"string"}],"description":"x"})") == type{.is = form::text});
}

TEST_CASE("what is nested in a schema gets a name of its own", "[generate]")
{
    auto const m =
        read(R"({"openrpc":"1.3.2","components":{"schemas":{"m_result":{"type":"string"}}},"methods":[
        {"name":"m","params":[],"result":{"name":"r","schema":{"type":"object","required":["b"],"properties":{
         "a":{"type":"object","properties":{"c":{}}},"b":{"enum":["x","y"]}}}}}]})");
    CHECK(m.methods[0].result == type{.is = form::named, .name = "m_result_2"});
    auto const* outer = m.find("m_result_2");
    REQUIRE(outer != nullptr);
    CHECK(outer->members.at(0).type == type{.is = form::named, .name = "m_result_2_a"});
    CHECK(!outer->members.at(0).required);
    CHECK(outer->members.at(1).required);
    REQUIRE(m.find("m_result_2_b") != nullptr);
    CHECK(m.find("m_result_2_b")->is == generate::declaration::form::names);
    CHECK(m.find("m_result")->is == generate::declaration::form::alias);
}

TEST_CASE("choices between constants with titles are enumerations", "[generate]")
{
    auto const numbers =
        R"({"e":{"type":"integer","oneOf":[{"const":0,"title":"red"},{"const":-7,"title":"green"}]}})";
    CHECK(type_of(R"({"$ref":"#/components/schemas/e"})", numbers) == type{.is = form::named, .name = "e"});
    auto const m =
        read(std::string{R"({"openrpc":"1.3.2","methods":[],"components":{"schemas":)"} + numbers + "}}");
    auto const& e = m.declarations.at(0);
    CHECK(e.is == generate::declaration::form::numbers);
    CHECK(e.enumerators.at(1).name == "green");
    CHECK(e.enumerators.at(1).number == -7);
}

TEST_CASE("parameters that must be given by name are a struct of their own", "[generate]")
{
    auto const m = read(R"({"openrpc":"1.3.2","methods":[{"name":"m","paramStructure":"by-name","params":[
        {"name":"x","schema":{}},{"name":"y","required":true,"schema":{}}]}]})");
    REQUIRE(m.find(m.methods[0].arguments) != nullptr);
    CHECK(m.find("m_arguments")->members.size() == 2);
    CHECK(!m.methods[0].parameters[0].required);
}

TEST_CASE("by position nothing can be left out before what is needed", "[generate]")
{
    auto const m = read(R"({"openrpc":"1.3.2","methods":[{"name":"m","params":[
        {"name":"x","schema":{}},{"name":"y","required":true,"schema":{}},{"name":"z","schema":{}}]}]})");
    CHECK(m.methods[0].parameters[0].required);
    CHECK(!m.methods[0].parameters[2].required);
}

TEST_CASE("references lead to components, to other places, and not around in circles", "[generate]")
{
    auto const m = read(R"({"openrpc":"1.3.2","x-types":{"t":{"properties":{"next":{"$ref":"#/x-types/t"}}}},
        "components":{"contentDescriptors":{"p":{"name":"p","required":true,"schema":{"$ref":"#/x-types/t"}}}},
        "methods":[{"name":"m","params":[{"$ref":"#/components/contentDescriptors/p"}]}]})");
    CHECK(m.methods[0].parameters.at(0).type == type{.is = form::named, .name = "t"});
    CHECK(m.find("t")->members.at(0).type == type{.is = form::named, .name = "t"});
    CHECK(refusal(R"({"openrpc":"1.3.2","x-a":{"$ref":"#/x-a"},"methods":[{"$ref":"#/x-a"}]})") ==
          "not an OpenRPC document: references go in a circle");
}

TEST_CASE("what is no OpenRPC document is refused with the reason", "[generate]")
{
    CHECK(refusal("5") == "not an OpenRPC document: it has no member \"openrpc\"");
    CHECK(refusal(R"({"openrpc":"1.3.2"})") == "not an OpenRPC document: its member \"methods\" is no array");
    CHECK(refusal(R"({"openrpc":"1.3.2","methods":[{}]})") ==
          "not an OpenRPC document: a method has no name");
    CHECK(refusal(R"({"openrpc":"1.3.2","methods":[{"name":"m","params":[{}]}]})") ==
          "not an OpenRPC document: a parameter of the method \"m\" has no name");
    CHECK(refusal(R"({"openrpc":"1.3.2","methods":[{"$ref":"#/x"}]})") ==
          "not an OpenRPC document: there is no \"#/x\" in it");
    CHECK(refusal(R"({"openrpc":"1.3.2","methods":[{"$ref":"other.json"}]})") ==
          "not an OpenRPC document: it refers to \"other.json\", which is not in it");
}
