// SPDX-License-Identifier: BSL-1.0
//
// Proves that a call tells its handler how long it may take, between oizys ends and to nobody else, and that the
// calls which a call needs are given what is left.
#include "raw_client.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/connect.hpp>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace
{

/// What a handler was told.
struct told
{
    std::optional<clock_type::duration> left;
    std::string trace;
};

rpc::service watched(std::vector<told>& calls)
{
    rpc::service service = plain_service();
    service.method("look", [&](rpc::call_context& c) {
        std::optional<clock_type::duration> left;
        if (auto const d = c.deadline())
            left = *d - clock_type::now();
        calls.push_back({left, std::string{c.trace()}});
    });
    return service;
}

bool is_about(std::optional<clock_type::duration> const& left, clock_type::duration expected)
{
    return left && *left <= expected && *left > expected - 30s;
}

} // namespace

TEST_CASE("a handler is told the deadline and the trace of its call")
{
    std::vector<told> calls;
    two_peers peers{both_protocols(), {}, watched(calls), {.extensions = rpc::extensions::oizys}};
    call_result<value> ended[4];
    peers.a.async_call("look", std::tuple{}, {.timeout = 1h, .trace = "00-ab-cd-01"}, ended[0].handler());
    peers.a.async_call("look", std::tuple{}, {.timeout = 0ms}, ended[1].handler());
    peers.a.async_call("look", std::tuple{}, {.timeout = std::chrono::hours{24 * 400}}, ended[2].handler());
    peers.a.async_call("look", std::tuple{}, ended[3].handler()); // that of the peer's options
    settle(peers.io);
    REQUIRE(calls.size() == 4);
    CHECK(is_about(calls[0].left, 1h));
    CHECK(calls[0].trace == "00-ab-cd-01");
    CHECK(!calls[1].left);
    CHECK(calls[1].trace.empty());
    CHECK(is_about(calls[2].left, std::chrono::milliseconds{4294967295})); // as much as can be said
    CHECK(is_about(calls[3].left, 30s));
    for (auto const& e : ended)
        CHECK((e.count == 1 && !e.ec && e.answer.has_value()));
}

TEST_CASE("an end that is not known to be oizys is told nothing")
{
    rpc::service const nothing;
    auto const how = GENERATE(rpc::extensions::detect, rpc::extensions::none);
    conversation with{nothing, {.extensions = how}};
    with.peer.async_call("x", std::tuple{}, {.timeout = 5s, .trace = "t"}, [](error_code, auto const&) {});
    CHECK(with.listen() == texts{R"({"jsonrpc":"2.0","id":0,"method":"x","params":[]})"});
}

TEST_CASE("the Language Server Protocol has no metadata")
{
    conversation with{rpc::service{}, {.extensions = rpc::extensions::lsp}};
    with.peer.async_call("x", std::tuple{}, {.timeout = 5s, .trace = "t"}, [](error_code, auto const&) {});
    CHECK(with.listen() == texts{R"({"jsonrpc":"2.0","id":0,"method":"x","params":[]})"});
}

TEST_CASE("a peer is known to be oizys once it has said so, and not when nobody listens to that")
{
    std::vector<told> calls;
    auto const service = watched(calls);
    auto const how = GENERATE(rpc::extensions::detect, rpc::extensions::none);
    conversation with{service, {.extensions = how}};
    with.ask(R"({"jsonrpc":"2.0","method":"look","id":1,"oizys":{"timeout":3600000,"trace":"t"}})");
    with.peer.async_call("x", std::tuple{}, {.timeout = 5s}, [](error_code, auto const&) {});
    bool const listens = how == rpc::extensions::detect;
    auto const* const metadata = listens ? R"(,"oizys":{"timeout":5000})" : "";
    CHECK(with.listen() ==
          texts{R"({"jsonrpc":"2.0","id":0,"method":"x","params":[])" + std::string{metadata} + "}"});
    REQUIRE(calls.size() == 1);
    CHECK(is_about(calls[0].left, 1h) == listens);
    CHECK(calls[0].trace == (listens ? "t" : ""));
}

TEST_CASE("where oizys ends have negotiated, they tell each other without being asked to")
{
    auto const protocol = both_protocols();
    bool const negotiate = GENERATE(true, false);
    std::vector<told> calls;
    rpc::server_options options;
    options.listener.session.negotiation.enabled = true;
    raw_server server{watched(calls), options};
    rpc::client_options how;
    how.peer.protocol = protocol;
    how.connect.session.negotiation.enabled = negotiate;
    rpc::peer client;
    call_result<value> ended;
    rpc::async_connect(server.io.get_executor(), server.where, how, [&](error_code ec, rpc::peer p) {
        REQUIRE(!ec);
        client = std::move(p);
        client.async_call("look", std::tuple{}, {.timeout = 1h}, ended.handler());
    });
    REQUIRE(run_until(server.io, [&] { return ended.count != 0; }));
    CHECK(!ended.ec);
    REQUIRE(calls.size() == 1);
    CHECK(is_about(calls[0].left, 1h) == negotiate);
}

TEST_CASE("a call within another call has what is left of its time and its trace")
{
    std::vector<told> calls;
    auto inner = watched(calls);
    std::optional<two_peers> behind;
    auto const protocol = both_protocols();
    behind.emplace(protocol, rpc::service{}, inner, rpc::peer_options{.extensions = rpc::extensions::oizys});
    rpc::service outer;
    std::vector<error_code> ends;
    auto const note = [&](error_code ec, rpc::outcome<value> const&) { ends.push_back(ec); };
    outer.method("outer", [&](rpc::call_context& c) {
        behind->a.async_call("look", std::tuple{}, {.within = &c}, note);
        behind->a.async_call("look", std::tuple{}, {.timeout = 10s, .trace = "own", .within = &c}, note);
        behind->a.async_call("look", std::tuple{}, {.timeout = 0ms, .within = &c}, note);
    });
    two_peers peers{protocol, {}, outer, {.call_timeout = 0ms, .extensions = rpc::extensions::oizys}};
    call_result<value> ended;
    peers.a.async_call("outer", std::tuple{}, {.timeout = 25s, .trace = "t"}, ended.handler());
    settle(peers.io);
    settle(behind->io);
    REQUIRE(calls.size() == 3);
    CHECK(is_about(calls[0].left, 25s));
    CHECK(calls[0].trace == "t");
    CHECK(is_about(calls[1].left, 10s));
    CHECK(calls[1].trace == "own");
    CHECK(is_about(calls[2].left, 25s)); // "for ever" is not longer than the caller waits
    CHECK(std::ranges::count(ends, error_code{}) == 3);
}

TEST_CASE("a call within another call that is out of time is not sent, and completes with timed_out")
{
    conversation behind{rpc::service{}, {.extensions = rpc::extensions::oizys}};
    rpc::service outer;
    call_result<value> ended;
    outer.method("outer", [&](rpc::call_context& c) {
        behind.peer.async_call("x", std::tuple{}, {.within = &c}, ended.handler());
        CHECK(ended.count == 0);
    });
    conversation with{outer};
    with.ask(R"({"jsonrpc":"2.0","method":"outer","id":1,"oizys":{"timeout":0}})");
    CHECK(behind.listen().empty());
    CHECK(ended.failed_with(rpc::errc::timed_out));
}

TEST_CASE("a trace that the protocol cannot hold makes the call fail, and nothing is sent")
{
    conversation with{rpc::service{}, {.extensions = rpc::extensions::oizys}};
    call_result<value> ended;
    with.peer.async_call("x", std::tuple{}, {.trace = "\xff"}, ended.handler());
    CHECK(with.listen().empty());
    CHECK(ended.failed_with(rpc::errc::bad_arguments));
}
