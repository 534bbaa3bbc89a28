// SPDX-License-Identifier: BSL-1.0
//
// The texts of clients, as far as it is not seen by using them: test/integration/generate does that.
#include "generate/cpp.hpp"
#include "generate/names.hpp"
#include "generate/python.hpp"

#include <oizys/rpc/codec/json.hpp>

#include <catch2/catch.hpp>

using namespace oizys;
using generate::class_name;
using generate::identifier;
using enum generate::language;

namespace
{

generate::model read(std::string_view text)
{
    return generate::read_model(rpc::from_json<rpc::value>(text).value());
}

bool contains(std::string const& text, std::string_view what) { return text.find(what) != std::string::npos; }

} // namespace

TEST_CASE("names become identifiers", "[generate]")
{
    CHECK(identifier("add", cpp) == "add");
    CHECK(identifier("math.add-two", cpp) == "math_add_two");
    CHECK(identifier("__x__", cpp) == "x");
    CHECK(identifier("2d", cpp) == "n2d");
    CHECK(identifier("class", cpp) == "class_");
    CHECK(identifier("class", python) == "class_");
    CHECK(identifier("lambda", cpp) == "lambda");
    CHECK(identifier("lambda", python) == "lambda_");
    CHECK(identifier("\xc3\xa4", cpp) == "unnamed");
    CHECK(identifier("", python) == "unnamed");
    CHECK(class_name("file_entry", python) == "FileEntry");
    CHECK(class_name("none", python) == "None_");
    generate::scope names{{"taken"}};
    CHECK(names.take("taken") == "taken_2");
    CHECK(names.take("taken") == "taken_3");
    CHECK(names.take("free") == "free");
}

TEST_CASE("texts of others cannot leave their literals and comments", "[generate]")
{
    CHECK(generate::literal("a\"b\\c\nd\x01"
                            "7") == R"("a\"b\\c\nd\0017")");
    CHECK(generate::comment("one\ntwo \\\r\n\nthree", "//") == "// one\n// two\n// three\n");
    auto const m = read(
        R"j({"openrpc":"1.3.2","info":{"title":"x\"\nEVIL();","version":"\nEVIL();","description":"\"\"\"\nEVIL()"},
        "components":{"schemas":{"s\nEVIL();":{"description":"*/\nEVIL();","properties":{"m\nEVIL();":{"description":"\nEVIL();"}}}}},
        "methods":[{"name":"m\";\nEVIL();","description":"\nEVIL();","params":[{"name":"p\nEVIL();","description":"\nEVIL();","schema":{}}],
                    "errors":[{"code":1,"message":"\nEVIL();"}]}]})j");
    for (auto const& text : {generate::cpp_client(m), generate::python_client(m)})
    {
        CAPTURE(text);
        CHECK(contains(text, "EVIL"));
        CHECK(!contains(text, "\nEVIL"));
        CHECK(!contains(text, "\n    EVIL"));
        CHECK(!contains(text, "\n        EVIL"));
        CHECK(contains(text, R"j("m\";\nEVIL();")j"));
    }
}

TEST_CASE("a type that holds itself is cut where C++ has to", "[generate]")
{
    auto const m = read(R"({"openrpc":"1.3.2","info":{"title":"t"},"methods":[],"components":{"schemas":{
        "a":{"properties":{"b":{"$ref":"#/components/schemas/b"},"all":{"type":"array","items":{"$ref":"#/components/schemas/a"}}}},
        "b":{"required":["a"],"properties":{"a":{"$ref":"#/components/schemas/a"}}},
        "endless":{"type":"array","items":{"$ref":"#/components/schemas/endless"}},
        "c":{"properties":{"e":{"$ref":"#/components/schemas/endless"}}}}}})");
    auto const text = generate::cpp_client(m);
    CHECK(contains(text, "    std::optional<t::b> b{};\n"));
    CHECK(contains(text, "    std::optional<std::vector<t::a>> all{};\n"));
    CHECK(contains(text, "    oizys::rpc::value a{};\n"));
    CHECK(contains(text, "    std::optional<oizys::rpc::value> e{};\n"));
    CHECK(text.find("struct b\n") < text.find("struct a\n"));
    CHECK(contains(generate::python_client(m), "_list_of(A.from_wire)"));
}

TEST_CASE("alternatives that cannot be told apart are any value", "[generate]")
{
    auto const text_of = [](std::string const& choices) {
        return generate::cpp_client(read(
            R"({"openrpc":"1.3.2","info":{"title":"t"},"methods":[{"name":"m","params":[],"result":{"name":"r","schema":{"anyOf":)" +
            choices + "}}}]}"));
    };
    CHECK(contains(text_of(R"([{"type":"integer"},{"type":"number"}])"),
                   "std::variant<std::int64_t, double> m()"));
    CHECK(contains(text_of(R"([{"type":"number"},{"type":"integer"}])"), "oizys::rpc::value m()"));
    CHECK(contains(text_of(R"([{"type":"object"},{"properties":{"a":{}}}])"), "oizys::rpc::value m()"));
    CHECK(contains(text_of(R"([{"type":"string"},{"type":"string","contentEncoding":"base64"}])"),
                   "oizys::rpc::value m()"));
}
