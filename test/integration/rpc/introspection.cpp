// SPDX-License-Identifier: BSL-1.0
//
// Proves that a service tells what it has, in both protocols, and does not where it is told not to.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

#include <boost/describe.hpp>

using namespace oizys;
using namespace oizys::test;
using rpc::arg;

namespace
{

struct place
{
    std::string name;
    std::optional<double> height;
};
BOOST_DESCRIBE_STRUCT(place, (), (name, height))

rpc::service described_service()
{
    rpc::service service;
    service.about({.title = "atlas", .version = "2.1", .description = "Places"});
    service.method("find", {{"near", "where to look"}, arg("limit", "how many at most") = 10},
                   [](place, int) { return std::vector<place>{}; },
                   {.description = "Finds places", .errors = {{1, "nowhere"}}});
    service.method("count",
                   [](rpc::call_context&, rpc::rest<std::string>) -> rpc::outcome<int> { return 0; });
    service.method("later", [](rpc::call_context&, rpc::reply<bool> done, std::optional<int>) {
        std::move(done)(true);
    });
    service.method("stop", [] { return std::error_code{}; });
    return service;
}

/// What a peer with those options answers to `method`, which has no arguments.
call_result<value> ask(rpc::service const& service, rpc::protocol protocol, std::string_view method,
                       bool introspection = true)
{
    two_peers peers{protocol, {}, service, {.introspection = introspection}};
    call_result<value> result;
    peers.a.async_call<value>(method, std::tuple{}, result.handler());
    settle(peers.io);
    return result;
}

std::string method_text(value const& document, std::size_t index)
{
    return rpc::to_json(document["methods"][index]);
}

} // namespace

TEST_CASE("a service's document has what its methods were registered with")
{
    auto const document = described_service().document();
    CHECK(rpc::to_json(document["info"]) == R"({"title":"atlas","version":"2.1","description":"Places"})");
    REQUIRE(document["methods"].size() == 4);
    CHECK(
        method_text(document, 0) ==
        R"({"name":"count","paramStructure":"by-position","params":[)"
        R"({"name":"p1","required":false,"schema":{"type":"array","items":{"type":"string"}},"x-rest":true}],)"
        R"("result":{"name":"result","schema":{"type":"integer","minimum":-2147483648,"maximum":2147483647}}})");
    CHECK(
        method_text(document, 1) ==
        R"({"name":"find","description":"Finds places","paramStructure":"either","params":[)"
        R"({"name":"near","description":"where to look","required":true,"schema":{"$ref":"#/components/schemas/place"}},)"
        R"({"name":"limit","description":"how many at most","required":false,)"
        R"("schema":{"type":"integer","minimum":-2147483648,"maximum":2147483647,"default":10}}],)"
        R"("result":{"name":"result","schema":{"type":"array","items":{"$ref":"#/components/schemas/place"}}},)"
        R"("errors":[{"code":1,"message":"nowhere"}]})");
    CHECK(
        method_text(document, 2) ==
        R"({"name":"later","paramStructure":"by-position","params":[)"
        R"({"name":"p1","required":false,"schema":{"anyOf":[{"type":"integer","minimum":-2147483648,"maximum":2147483647},)"
        R"({"type":"null"}]}}],"result":{"name":"result","schema":{"type":"boolean"}}})");
    CHECK(
        method_text(document, 3) ==
        R"({"name":"stop","paramStructure":"either","params":[],"result":{"name":"result","schema":{"type":"null"}}})");
    CHECK(rpc::to_json(document["components"]) ==
          R"({"schemas":{"place":{"type":"object","properties":{"name":{"type":"string"},)"
          R"("height":{"anyOf":[{"type":"number"},{"type":"null"}]}},"required":["name"]}}})");
}

TEST_CASE("rpc.discover answers the document, system.listMethods the names, in both protocols")
{
    auto const service = described_service();
    auto const protocol = both_protocols();
    CHECK(ask(service, protocol, "rpc.discover").answered_with(service.document()));
    CHECK(
        ask(service, protocol, "system.listMethods").answered_with(array{"count", "find", "later", "stop"}));
}

TEST_CASE("introspection sees what is added and removed while it is served")
{
    auto service = described_service();
    two_peers peers{both_protocols(), {}, service};
    auto const names = [&] {
        call_result<value> result;
        peers.a.async_call<value>("system.listMethods", std::tuple{}, result.handler());
        settle(peers.io);
        return *result.answer;
    };
    CHECK(names() == array{"count", "find", "later", "stop"});
    service.remove("find");
    service.method("a", [] {});
    CHECK(names() == array{"a", "count", "later", "stop"});
}

TEST_CASE("introspection can be switched off")
{
    auto const protocol = both_protocols();
    auto const service = described_service();
    CHECK(ask(service, protocol, "rpc.discover", false).answered_with_error(rpc::method_not_found));
    CHECK(ask(service, protocol, "system.listMethods", false).answered_with_error(rpc::method_not_found));
    CHECK(ask(service, protocol, "stop", false).answered_with(nullptr));
}

TEST_CASE("a method of the user's own comes first, a fallback last")
{
    rpc::service service;
    service.fallback([] { return "fallback"; });
    auto const protocol = both_protocols();
    CHECK(ask(service, protocol, "system.listMethods").answered_with(array{}));
    CHECK(ask(service, protocol, "other").answered_with("fallback"));
    service.method("system.listMethods", [] { return "mine"; });
    CHECK(ask(service, protocol, "system.listMethods").answered_with("mine"));
    CHECK(ask(service, protocol, "rpc.discover", false).answered_with("fallback"));
}

TEST_CASE("who may not call it is not told either")
{
    auto service = described_service();
    service.before("rpc.*", [](rpc::call_context&) { throw rpc::error{403, "not for you"}; });
    CHECK(ask(service, both_protocols(), "rpc.discover").answered_with_error(403));
}
