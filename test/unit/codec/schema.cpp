// SPDX-License-Identifier: BSL-1.0
//
// The JSON Schema of each kind of type, and how components are named.
#include "unit/codec/codec_test.hpp"

#include <oizys/rpc/codec/schema.hpp>

#include <boost/describe.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <set>

using namespace oizys;
using rpc::schemas;
using rpc::to_json;

namespace geometry
{

struct point
{
    int x = 0;
    double y = 0;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

template <class T>
struct box
{
    T content{};
};
BOOST_DESCRIBE_STRUCT(box<point>, (), (content))
BOOST_DESCRIBE_STRUCT(box<std::vector<point>>, (), (content))

} // namespace geometry

namespace
{

struct point
{
    std::optional<std::string> label;
};
BOOST_DESCRIBE_STRUCT(point, (), (label))

struct tree
{
    std::string name;
    std::vector<tree> children;
    geometry::point position;
    int hidden = 0;
    int weight = 1;
};
BOOST_DESCRIBE_STRUCT(tree, (), (name, children, position, hidden, weight))

struct named
{};
BOOST_DESCRIBE_STRUCT(named, (), ())

struct celsius
{};

struct secret
{};

BOOST_DEFINE_ENUM_CLASS(color, red, green)
BOOST_DEFINE_ENUM_CLASS(level, low, high)
enum class plain : std::uint8_t
{
};

template <class T>
std::string schema()
{
    schemas all;
    return to_json(all.of<T>());
}

} // namespace

template <>
struct oizys::rpc::conversion<tree>
{
    static constexpr std::string_view description = "A tree";
    static constexpr field fields[] = {
        {.member = "name", .name = "title", .description = "what it is called"},
        {.member = "position", .description = "where it is"},
        {.member = "hidden", .skipped = true},
        {.member = "weight", .optional = true}};
    static constexpr bool refuse_unknown_members = true;
};

template <>
struct oizys::rpc::conversion<named>
{
    static constexpr std::string_view name = "A name!";
};

template <>
struct oizys::rpc::conversion<level>
{
    static constexpr bool by_name = true;
    static constexpr field fields[] = {{.member = "low", .name = "LOW", .description = "not much"}};
};

template <>
struct oizys::rpc::codec<celsius>
{
    static bool read(reader& in, celsius&) { return in.skip(); }
    static void write(writer& out, celsius const&) { out.write_null(); }
    static value schema(schemas& all) { return object{{"type", "string"}, {"x-inner", all.of<int>()}}; }
};

TEST_CASE("scalars have schemas with the bounds that JSON can be held to", "[schema]")
{
    CHECK(schema<bool>() == R"({"type":"boolean"})");
    CHECK(schema<std::int8_t>() == R"({"type":"integer","minimum":-128,"maximum":127})");
    CHECK(schema<int>() == R"({"type":"integer","minimum":-2147483648,"maximum":2147483647})");
    CHECK(schema<std::uint16_t>() == R"({"type":"integer","minimum":0,"maximum":65535})");
    CHECK(schema<std::uint32_t>() == R"({"type":"integer","minimum":0,"maximum":4294967295})");
    CHECK(schema<std::int64_t>() == R"({"type":"integer"})");
    CHECK(schema<std::uint64_t>() == R"({"type":"integer","minimum":0})");
    CHECK(schema<float>() == R"({"type":"number"})");
    CHECK(schema<char>() == R"({"type":"string","minLength":1,"maxLength":1})");
    CHECK(schema<std::string>() == R"({"type":"string"})");
    CHECK(schema<std::string_view>() == R"({"type":"string"})");
    CHECK(schema<char const*>() == R"({"type":"string"})");
    CHECK(schema<rpc::bytes>() == R"({"type":"string","contentEncoding":"base64"})");
    CHECK(schema<void>() == R"({"type":"null"})");
    CHECK(schema<std::monostate>() == R"({"type":"null"})");
    CHECK(schema<plain>() == R"({"type":"integer","minimum":0,"maximum":255})");
}

TEST_CASE("times are text, durations counts in their unit", "[schema]")
{
    CHECK(schema<std::chrono::system_clock::time_point>() == R"({"type":"string","format":"date-time"})");
    CHECK(schema<rpc::timestamp>() == R"({"type":"string","format":"date-time"})");
    CHECK(schema<std::chrono::milliseconds>() ==
          R"({"type":"integer","description":"a duration in milliseconds"})");
    CHECK(schema<std::chrono::duration<double>>() ==
          R"({"type":"number","description":"a duration in seconds"})");
    CHECK(schema<std::chrono::duration<double, std::ratio<1, 60>>>() ==
          R"({"type":"number","description":"a duration in units of 1/60 seconds"})");
}

TEST_CASE("containers tell what is in them", "[schema]")
{
    CHECK(schema<std::vector<bool>>() == R"({"type":"array","items":{"type":"boolean"}})");
    CHECK(schema<std::deque<std::string>>() == R"({"type":"array","items":{"type":"string"}})");
    CHECK(schema<std::set<std::string>>() ==
          R"({"type":"array","items":{"type":"string"},"uniqueItems":true})");
    CHECK(schema<std::array<bool, 3>>() ==
          R"({"type":"array","items":{"type":"boolean"},"minItems":3,"maxItems":3})");
    CHECK(schema<std::tuple<bool, std::string>>() ==
          R"({"type":"array","items":[{"type":"boolean"},{"type":"string"}],"minItems":2,"maxItems":2})");
    CHECK(schema<std::pair<bool, bool>>() ==
          R"({"type":"array","items":[{"type":"boolean"},{"type":"boolean"}],"minItems":2,"maxItems":2})");
    CHECK(schema<std::tuple<>>() == R"({"type":"array","minItems":0,"maxItems":0})");
    CHECK(schema<std::map<std::string, bool>>() ==
          R"({"type":"object","additionalProperties":{"type":"boolean"}})");
    CHECK(
        schema<std::map<long, bool>>() ==
        R"({"type":"object","additionalProperties":{"type":"boolean"},"propertyNames":{"pattern":"^-?[0-9]+$"}})");
    CHECK(schema<std::optional<bool>>() == R"({"anyOf":[{"type":"boolean"},{"type":"null"}]})");
    CHECK(schema<std::variant<bool, std::string>>() == R"({"anyOf":[{"type":"boolean"},{"type":"string"}]})");
    CHECK(schema<rpc::object>() == R"({"type":"object"})");
}

TEST_CASE("what may be anything has the schema of anything", "[schema]")
{
    CHECK(schema<rpc::value>() == "{}");
    CHECK(schema<rpc::extension>() == "{}");
    CHECK(schema<secret>() == "{}");
    CHECK(schema<rpc::array>() == R"({"type":"array","items":{}})");
}

TEST_CASE("a codec of the user's own brings its schema", "[schema]")
{
    CHECK(
        schema<std::vector<celsius>>() ==
        R"({"type":"array","items":{"type":"string","x-inner":{"type":"integer","minimum":-2147483648,"maximum":2147483647}}})");
}

TEST_CASE("structs are components, with what their conversion says, and may refer to themselves", "[schema]")
{
    schemas all;
    CHECK(to_json(all.of<tree>()) == R"({"$ref":"#/components/schemas/tree"})");
    auto const components = all.components();
    CHECK(components.size() == 2);
    CHECK(to_json(*components.find("tree")) ==
          R"({"type":"object","description":"A tree","properties":{)"
          R"("title":{"type":"string","description":"what it is called"},)"
          R"("children":{"type":"array","items":{"$ref":"#/components/schemas/tree"}},)"
          R"("position":{"allOf":[{"$ref":"#/components/schemas/point"}],"description":"where it is"},)"
          R"("weight":{"type":"integer","minimum":-2147483648,"maximum":2147483647}},)"
          R"("required":["title","children","position"],"additionalProperties":false})");
    CHECK(
        to_json(*components.find("point")) ==
        R"({"type":"object","properties":{"x":{"type":"integer","minimum":-2147483648,"maximum":2147483647},)"
        R"("y":{"type":"number"}},"required":["x","y"]})");
}

TEST_CASE("types of the same name have components of different names", "[schema]")
{
    schemas all;
    CHECK(to_json(all.of<geometry::point>()) == R"({"$ref":"#/components/schemas/point"})");
    auto const second = to_json(all.of<point>());
    CHECK(second != R"({"$ref":"#/components/schemas/point"})");
    CHECK(to_json(all.of<point>()) == second);
    CHECK(all.components().size() == 2);
    CHECK(to_json(all.of<named>()) == R"({"$ref":"#/components/schemas/A_name"})");
    auto const a = all.of<geometry::box<geometry::point>>()["$ref"].as<std::string>();
    auto const b = all.of<geometry::box<std::vector<geometry::point>>>()["$ref"].as<std::string>();
    CHECK(a == "#/components/schemas/box_geometry_point");
    CHECK(b != a);
}

TEST_CASE("described enumerations are components with a choice for each enumerator", "[schema]")
{
    schemas all;
    CHECK(to_json(all.of<std::vector<color>>()) ==
          R"({"type":"array","items":{"$ref":"#/components/schemas/color"}})");
    all.of<level>();
    CHECK(to_json(*all.components().find("color")) ==
          R"({"type":"integer","oneOf":[{"const":0,"title":"red"},{"const":1,"title":"green"}]})");
    CHECK(
        to_json(*all.components().find("level")) ==
        R"({"type":"string","oneOf":[{"const":"LOW","title":"LOW","description":"not much"},{"const":"high","title":"high"}]})");
}
