// SPDX-License-Identifier: BSL-1.0
//
// Proves what runs around calls: in which order, for which names, with which report, and what becomes of what it throws.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

#include <thread>

using namespace oizys;
using namespace oizys::test;

namespace
{

/// Notes all calls as "method code", or "method -" for a result.
struct observed
{
    explicit observed(rpc::service s = plain_service()) : service{std::move(s)}
    {
        service.after([this](rpc::call_context const& call, rpc::call_report const& report) {
            CHECK(report.duration.count() >= 0);
            seen.push_back(std::string{call.method()} + (call.is_notification() ? " notified " : " ") +
                           (report.error ? std::to_string(*report.error) : "-"));
        });
    }

    rpc::service service;
    texts seen;
};

} // namespace

TEST_CASE("an interceptor before calls may refuse them by name and by who calls")
{
    texts order;
    int served = 0;
    rpc::service service = plain_service();
    service.method("admin.stop", [&] { ++served; });
    service.before([&](rpc::call_context& call) { order.push_back("all " + std::string{call.method()}); });
    service.before("admin.*", [&](rpc::call_context& call) {
        order.push_back("admin");
        if (call.credentials().uid != 4711u)
            throw rpc::error{403, "not for you"};
    });
    service.before("admin.*", [&](rpc::call_context&) { order.push_back("never"); });
    two_peers peers{both_protocols(), {}, service};
    call_result<value> stopped, unknown;
    call_result<int> added;
    peers.a.async_call("admin.stop", std::tuple{}, stopped.handler());
    peers.a.async_call("admin.there is no such thing", std::tuple{}, unknown.handler());
    peers.a.async_call<int>("add", std::tuple{1, 2}, added.handler());
    CHECK(!peers.a.notify("admin.stop"));
    settle(peers.io);
    CHECK(stopped.answered_with_error(403));
    CHECK(unknown.answered_with_error(403));
    CHECK(added.answered_with(3));
    CHECK(served == 0);
    CHECK(order == texts{"all admin.stop", "admin", "all admin.there is no such thing", "admin", "all add",
                         "all admin.stop", "admin"});
}

TEST_CASE("what an interceptor before calls throws is answered as if the method had thrown it")
{
    rpc::service service = plain_service();
    service.map_error<int>([](int code) { return rpc::error_object{code, "mapped"}; });
    service.before("add", [](rpc::call_context&) { throw std::runtime_error{"secret"}; });
    service.before("echo", [](rpc::call_context&) { throw 5; });
    two_peers peers{both_protocols(), {}, service};
    call_result<int> internal, mapped;
    call_result<value> other;
    peers.a.async_call<int>("add", std::tuple{1, 2}, internal.handler());
    peers.a.async_call<int>("echo", std::tuple{1}, mapped.handler());
    peers.a.async_call("nothing", std::tuple{}, other.handler());
    settle(peers.io);
    CHECK(internal.answered_with_error(rpc::internal_error));
    CHECK(mapped.answered_with_error(5));
    CHECK(other.answered_with(value{}));
}

TEST_CASE("an interceptor after calls is told how each of them ended")
{
    observed o;
    std::vector<rpc::reply<int>> kept;
    o.service.method("later", [&](rpc::reply<int> r) { kept.push_back(std::move(r)); });
    o.service.method("keep and fail", [&](rpc::reply<int> r) {
        kept.push_back(std::move(r));
        throw rpc::error{18, "x"};
    });
    o.service.method("nan", [] { return std::numeric_limits<double>::quiet_NaN(); });
    conversation with{o.service};
    auto const ask = [&](std::string const& method, std::string const& arguments = "[]") {
        with.ask(R"({"jsonrpc":"2.0","method":")" + method + R"(","params":)" + arguments + R"(,"id":1})");
        return std::exchange(o.seen, {});
    };
    CHECK(ask("add", "[1,2]") == texts{"add -"});
    CHECK(ask("add", "[1]") == texts{"add -32602"});
    CHECK(ask("refuse") == texts{"refuse 17"});
    CHECK(ask("fail", R"(["x"])") == texts{"fail -32603"});
    CHECK(ask("unknown") == texts{"unknown -32601"});
    CHECK(ask("nan") == texts{"nan -32002"});

    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"refuse"})").empty());
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"nothing"})").empty());
    CHECK(std::exchange(o.seen, {}) == texts{"refuse notified 17", "nothing notified -"});

    CHECK(ask("later").empty());
    CHECK(ask("later").empty());
    CHECK(ask("later").empty());
    std::move(kept[0])(5);
    std::move(kept[1]).error({6, "six"});
    kept.pop_back();
    settle(with.io);
    CHECK(std::exchange(o.seen, {}) == texts{"later -", "later 6", "later -32603"});
    kept.clear();

    CHECK(ask("keep and fail") == texts{"keep and fail 18"});
    kept.clear();
    settle(with.io);
    CHECK(o.seen.empty());

    with.ask(R"({"jsonrpc":"2.0","method":"later"})");
    with.ask(R"({"jsonrpc":"2.0","method":"later"})");
    CHECK(o.seen.empty());
    std::move(kept.back())(5);
    kept.clear();
    settle(with.io);
    CHECK(std::exchange(o.seen, {}) == texts{"later notified -", "later notified -32603"});

    with.ask(R"([{"jsonrpc":"2.0","method":"nothing","id":1},{"jsonrpc":"2.0","method":"refuse","id":2}])");
    CHECK(o.seen == texts{"nothing -", "refuse 17"});
}

TEST_CASE("an answer that is too long is reported as the error that is sent instead")
{
    observed o;
    two_peers peers{both_protocols(), {}, o.service, {}, {.second = {.max_message = 1000}}};
    call_result<value> echoed;
    o.service.method("long", [] { return std::string(2000, 'x'); });
    o.service.method("long later", [](rpc::reply<std::string> r) { std::move(r)(std::string(2000, 'x')); });
    peers.a.async_call("long", std::tuple{}, echoed.handler());
    settle(peers.io);
    CHECK(echoed.answered_with_error(rpc::result_too_large));
    peers.a.async_call("long later", std::tuple{}, echoed.handler());
    settle(peers.io);
    CHECK(o.seen == texts{"long -32001", "long later -32001"});
}

TEST_CASE("an interceptor after calls that throws closes the connection, and the answer is not lost")
{
    bool const later = GENERATE(false, true);
    rpc::service service = plain_service();
    std::optional<rpc::reply<int>> kept;
    service.method("later", [&](rpc::reply<int> r) { kept.emplace(std::move(r)); });
    service.after(later ? "later" : "add", [](auto const&, auto const&) { throw 1; });
    two_peers peers{both_protocols(), {}, service};
    std::vector<error_code> closes;
    peers.b.set_onclose([&](error_code why) { closes.push_back(why); });
    call_result<int> called;
    if (later)
    {
        peers.a.async_call<int>("later", std::tuple{}, called.handler());
        settle(peers.io);
        std::move (*kept)(5);
    }
    else
        peers.a.async_call<int>("add", std::tuple{2, 3}, called.handler());
    settle(peers.io);
    CHECK(closes == std::vector{make_error_code(errc::handler_failed)});
    CHECK(called.count == 1);
}

TEST_CASE("calls whose connection ends before they are answered are not reported")
{
    observed o;
    std::optional<rpc::reply<int>> kept;
    o.service.method("later", [&](rpc::reply<int> r) { kept.emplace(std::move(r)); });
    conversation with{o.service};
    with.ask(R"({"jsonrpc":"2.0","method":"later","id":1})");
    with.peer = {};
    std::move (*kept)(5);
    settle(with.io);
    CHECK(o.seen.empty());
}

TEST_CASE("answers that other threads give are reported on the connection's executor", "[concurrent]")
{
    std::vector<std::thread> threads;
    rpc::service service;
    int reported = 0; // not atomic, as all of it happens on this thread
    service.method("later", [&](rpc::reply<int> r, int n) {
        threads.emplace_back([r = std::move(r), n]() mutable { std::move(r)(n); });
    });
    service.after([&](rpc::call_context const&, rpc::call_report const&) { ++reported; });
    two_peers peers{both_protocols(), {}, service};
    std::vector<call_result<int>> results(20);
    for (auto& result : results)
    {
        peers.a.async_call<int>("later", std::tuple{1}, result.handler());
        CHECK(!peers.a.notify("later", std::tuple{1}));
    }
    CHECK(run_until(peers.io, [&] {
        return reported == 40 && std::ranges::all_of(results, [](auto const& r) { return r.count == 1; });
    }));
    for (auto& t : threads)
        t.join();
    for (auto const& result : results)
        CHECK(result.answered_with(1));
}
