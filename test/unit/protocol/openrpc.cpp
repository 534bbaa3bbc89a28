// SPDX-License-Identifier: BSL-1.0
//
// The OpenRPC document of described methods. Whether it is valid is tested against OpenRPC's own meta-schema in
// test/interop.
#include <oizys/rpc/codec/json.hpp>
#include <oizys/rpc/protocol/openrpc.hpp>

#include <boost/describe.hpp>
#include <catch2/catch.hpp>

using namespace oizys;
using rpc::description_of;
using rpc::to_json;

namespace
{

struct point
{
    int x = 0;
    int y = 0;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

rpc::value document_of(rpc::method_description const& method)
{
    return rpc::openrpc_document({}, {&method, 1});
}

} // namespace

TEST_CASE("a document tells what the service and its methods are", "[openrpc]")
{
    CHECK(
        to_json(rpc::openrpc_document({.title = "clock", .version = "1.2", .description = "Tells the time"},
                                      {})) ==
        R"({"openrpc":"1.3.2","info":{"title":"clock","version":"1.2","description":"Tells the time"},"methods":[]})");
    auto const document = document_of(
        {.name = "move",
         .description = "Moves it",
         .parameters =
             {{.name = "to", .description = "where to", .type = &description_of<point>},
              {.name = "fast", .type = &description_of<bool>, .required = false, .default_value = true}},
         .result = &description_of<void>,
         .errors = {{1, "stuck"}, {2, "lost", 7}}});
    CHECK(
        to_json(document["methods"][0]) ==
        R"({"name":"move","description":"Moves it","paramStructure":"either","params":[)"
        R"({"name":"to","description":"where to","required":true,"schema":{"$ref":"#/components/schemas/point"}},)"
        R"({"name":"fast","required":false,"schema":{"type":"boolean","default":true}}],)"
        R"("result":{"name":"result","schema":{"type":"null"}},)"
        R"("errors":[{"code":1,"message":"stuck"},{"code":2,"message":"lost","data":7}]})");
    CHECK(document["components"]["schemas"]["point"]["required"] == rpc::array{"x", "y"});
}

TEST_CASE("parameters without names are by position", "[openrpc]")
{
    auto const document = document_of({.name = "f", .parameters = {{.type = &description_of<bool>}, {}}});
    CHECK(
        to_json(document["methods"][0]["params"]) ==
        R"([{"name":"p1","required":true,"schema":{"type":"boolean"}},{"name":"p2","required":true,"schema":{}}])");
    CHECK(document["methods"][0]["paramStructure"] == "by-position");
    CHECK(document_of({.name = "f"})["methods"][0]["paramStructure"] == "either");
}

TEST_CASE("what takes all that is left is an array, and a default of a struct does not get lost", "[openrpc]")
{
    auto const document = document_of(
        {.name = "f",
         .parameters = {{.name = "at",
                         .type = &description_of<point>,
                         .required = false,
                         .default_value = rpc::object{{"x", 1}, {"y", 2}}},
                        {.name = "more", .type = &description_of<bool>, .required = false, .rest = true}}});
    CHECK(
        to_json(document["methods"][0]["params"]) ==
        R"([{"name":"at","required":false,"schema":{"allOf":[{"$ref":"#/components/schemas/point"}],"default":{"x":1,"y":2}}},)"
        R"({"name":"more","required":false,"schema":{"type":"array","items":{"type":"boolean"}},"x-rest":true}])");
}
