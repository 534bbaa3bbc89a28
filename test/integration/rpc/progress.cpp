// SPDX-License-Identifier: BSL-1.0
//
// Proves that a handler's reports reach who wants them, in order and before the answer, and nobody else.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/progress.hpp>

#include <thread>

using namespace oizys;
using namespace oizys::test;

namespace
{

constexpr rpc::peer_options speaking_oizys{.extensions = rpc::extensions::oizys};

rpc::service working()
{
    rpc::service service = plain_service();
    service.method("work", [](rpc::call_context& c, int steps) {
        for (int i = 0; i < steps; ++i)
            c.progress(i);
        return c.wants_progress();
    });
    return service;
}

} // namespace

TEST_CASE("reports arrive in order, and before the answer")
{
    two_peers peers{both_protocols(), {}, working(), speaking_oizys};
    std::vector<int> reports;
    int before = -1;
    rpc::progress_handler<int> watch{[&](int n) { reports.push_back(n); }};
    call_result<bool> ended;
    peers.a.async_call<bool>("work", std::tuple{3}, {.progress = &watch},
                             [&](error_code ec, rpc::outcome<bool> o) {
                                 before = static_cast<int>(reports.size());
                                 ended.handler()(ec, std::move(o));
                             });
    settle(peers.io);
    CHECK(ended.answered_with(true));
    CHECK(reports == std::vector{0, 1, 2});
    CHECK(before == 3);
}

TEST_CASE("nothing is reported to who does not want to know, or is not known to be oizys")
{
    rpc::progress_handler<int> watch{[](int) { FAIL("told"); }};
    bool const oizys_end = GENERATE(true, false);
    two_peers peers{both_protocols(), {}, working(), oizys_end ? speaking_oizys : rpc::peer_options{}};
    call_result<bool> ended;
    peers.a.async_call<bool>("work", std::tuple{3}, {.progress = oizys_end ? nullptr : &watch},
                             ended.handler());
    settle(peers.io);
    CHECK(ended.answered_with(false));
    CHECK(peers.b.session().counters().messages_sent == 1);
}

TEST_CASE("a handler that answers later reports from any thread, until it has answered")
{
    rpc::service service;
    std::optional<rpc::reply<int>> kept;
    rpc::call_context* context = nullptr;
    service.method("later", [&](rpc::call_context& c, rpc::reply<int> r) {
        context = &c;
        kept.emplace(std::move(r));
    });
    two_peers peers{both_protocols(), {}, service, speaking_oizys};
    std::vector<std::string> reports;
    rpc::progress_handler<std::string> watch{[&](std::string s) { reports.push_back(std::move(s)); }};
    call_result<int> ended;
    peers.a.async_call<int>("later", std::tuple{}, {.progress = &watch}, ended.handler());
    settle(peers.io);
    REQUIRE(context != nullptr);
    std::thread{[&] { context->progress("half"); }}.join();
    settle(peers.io);
    CHECK(reports == texts{"half"});
    context->progress("all");
    std::move (*kept)(1);
    settle(peers.io);
    CHECK(reports == texts{"half", "all"});
    CHECK(ended.answered_with(1));
}

TEST_CASE(
    "a watcher that is gone is not told, one may watch many calls, and what is not of its type is dropped")
{
    two_peers peers{both_protocols(), {}, working(), speaking_oizys};
    std::vector<int> reports;
    call_result<bool> ended[3];
    {
        rpc::progress_handler<int> gone{[](int) { FAIL("told"); }};
        peers.a.async_call<bool>("work", std::tuple{2}, {.progress = &gone}, ended[0].handler());
    }
    rpc::progress_handler<int> watch{[&](int n) { reports.push_back(n); }};
    rpc::progress_handler<std::string> other{[](std::string const&) { FAIL("told"); }};
    peers.a.async_call<bool>("work", std::tuple{1}, {.progress = &watch}, ended[1].handler());
    peers.a.async_call<bool>("work", std::tuple{2}, {.progress = &watch}, ended[1].handler());
    peers.a.async_call<bool>("work", std::tuple{2}, {.progress = &other}, ended[2].handler());
    settle(peers.io);
    CHECK(reports == std::vector{0, 0, 1});
    CHECK(ended[1].count == 2);
    CHECK(ended[2].answered_with(true));
}

TEST_CASE("a watcher that throws ends its connection")
{
    two_peers peers{both_protocols(), {}, working(), speaking_oizys};
    rpc::progress_handler<int> watch{[](int) { throw std::runtime_error{"no"}; }};
    call_result<bool> ended;
    std::vector<error_code> closes;
    peers.a.set_onclose([&](error_code why) { closes.push_back(why); });
    peers.a.async_call<bool>("work", std::tuple{1}, {.progress = &watch}, ended.handler());
    settle(peers.io);
    CHECK(closes == std::vector<error_code>{oizys::errc::handler_failed});
    CHECK(ended.failed_with(rpc::errc::connection_lost));
}

TEST_CASE("reports for calls that are over, never were, or have not asked mean nothing, whatever their form")
{
    conversation with{rpc::service{}, speaking_oizys};
    std::vector<int> reports;
    rpc::progress_handler<int> watch{[&](int n) { reports.push_back(n); }};
    call_result<int> ended, plain;
    with.peer.async_call<int>("x", std::tuple{},
                              {.timeout = std::chrono::milliseconds{0}, .progress = &watch}, ended.handler());
    with.peer.async_call<int>("x", std::tuple{}, {.timeout = std::chrono::milliseconds{0}}, plain.handler());
    CHECK(with.listen() ==
          texts{R"({"jsonrpc":"2.0","id":0,"method":"x","params":[],"oizys":{"progress":true}})",
                R"({"jsonrpc":"2.0","id":1,"method":"x","params":[]})"});
    check(with, {
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":[0,5]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":[1,6]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":[7,7]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":["0",8]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":[4294967296,8]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":[-1,8]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":[0]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":[]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":{"id":0}})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress"})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.item","params":[0,9]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":[0,10,11]})", nullptr},
                    {R"({"jsonrpc":"2.0","result":1,"id":0})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.progress","params":[0,12]})", nullptr},
                });
    CHECK(reports == std::vector{5, 10});
    CHECK(ended.answered_with(1));
    CHECK(plain.count == 0);
}

TEST_CASE("a report that has no form or no room is not sent, and the call goes on")
{
    rpc::service service;
    service.method("work", [](rpc::call_context& c) {
        c.progress(std::numeric_limits<double>::quiet_NaN());
        c.progress(std::string(5000, 'x'));
        c.progress("\xff");
        return 5;
    });
    conversation with{service, {}, {.second = {.max_message = 1000}}};
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"work","id":1,"oizys":{"progress":true}})") ==
          texts{R"({"jsonrpc":"2.0","result":5,"id":1})"});
}

TEST_CASE(
    "with the conventions of the Language Server Protocol, reports go to the token that the parameters bring")
{
    rpc::service service;
    service.method("work", {"workDoneToken"}, [](rpc::call_context& c, std::optional<value> const&) {
        c.progress(object{{"kind", "end"}});
        return 1;
    });
    std::optional<rpc::reply<int>> kept;
    service.method("later", {"workDoneToken"}, [&](rpc::call_context& c, rpc::reply<int> r, value const&) {
        c.progress(2);
        kept.emplace(std::move(r));
    });
    conversation with{service, {.extensions = rpc::extensions::lsp}};
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"work","id":1,"params":{"workDoneToken":"t"}})") ==
          texts{R"({"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"kind":"end"}}})",
                R"({"jsonrpc":"2.0","result":1,"id":1})"});
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"later","id":1,"params":{"workDoneToken":7}})") ==
          texts{R"({"jsonrpc":"2.0","method":"$/progress","params":{"token":7,"value":2}})"});
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"work","id":1,"params":{}})").size() == 1);
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"work","id":1})").size() == 1);
}
