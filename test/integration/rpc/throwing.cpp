// SPDX-License-Identifier: BSL-1.0
//
// Proves what becomes of exceptions that leave handlers of the user's: a method's become answers, a completion
// handler's closes its connection, and none of them leaves the event loop.
#include "rpc_test.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/strand.hpp>

using namespace oizys;
using namespace oizys::test;

namespace
{

struct not_derived
{};

rpc::service throwing_service()
{
    auto service = plain_service();
    service.method("error", []() -> int { throw rpc::error{-1, "mine", 7}; });
    service.method("exception", []() -> int { throw std::runtime_error{"secret"}; });
    service.method("number", []() -> int { throw 42; });
    service.method("object", []() -> int { throw not_derived{}; });
    service.method("void", [] { throw std::logic_error{"secret"}; });
    return service;
}

} // namespace

TEST_CASE("what a method throws is answered, and the connection lives on")
{
    bool const expose = GENERATE(true, false);
    two_peers peers{both_protocols(), {}, throwing_service(), {.expose_exceptions = expose}};
    struct
    {
        char const* method;
        rpc::error_object answer;
    } const all[] = {
        {"error", {-1, "mine", 7}},
        {"exception", {rpc::internal_error, expose ? "secret" : "Internal error"}},
        {"void", {rpc::internal_error, expose ? "secret" : "Internal error"}},
        {"number", {rpc::internal_error, "Internal error"}},
        {"object", {rpc::internal_error, "Internal error"}},
    };
    for (auto const& [method, answer] : all)
    {
        INFO(method);
        call_result<int> called;
        peers.a.async_call<int>(method, std::tuple{}, called.handler());
        CHECK(!peers.a.notify(method));
        settle(peers.io);
        REQUIRE(called.count == 1);
        REQUIRE(!called.answer.has_value());
        CHECK(called.answer.error() == answer);
    }
    call_result<int> next;
    peers.a.async_call<int>("add", std::tuple{2, 3}, next.handler());
    settle(peers.io);
    CHECK(next.answered_with(5));
}

TEST_CASE("what() that is not UTF-8 is not sent as JSON")
{
    rpc::service service;
    service.method("latin", []() -> int { throw std::runtime_error{"\xe9t\xe9"}; });
    conversation with{service, {.protocol = rpc::protocol::json, .expose_exceptions = true}};
    auto const answer = with.ask_one(R"({"jsonrpc":"2.0","method":"latin","id":1})");
    CHECK(answer.find("not UTF-8") != std::string::npos);
}

TEST_CASE("a completion handler that throws closes its connection, and the other calls end")
{
    two_peers peers{both_protocols()};
    std::vector<error_code> closes;
    peers.a.set_onclose([&](error_code why) { closes.push_back(why); });
    call_result<int> other;
    SECTION("with an answer")
    {
        peers.a.async_call<int>("add", std::tuple{1, 2}, [](error_code, rpc::outcome<int>) { throw 1; });
        peers.a.async_call<int>("add", std::tuple{1, 2}, other.handler());
        settle(peers.io);
        CHECK(other.count == 1);
    }
    SECTION("with an error")
    {
        peers.a.async_call<int>("add", 5,
                                [](error_code, rpc::outcome<int>) { throw std::runtime_error{"x"}; });
        settle(peers.io);
    }
    SECTION("with the exception of an outcome that has no value")
    {
        peers.a.async_call<int>("refuse", std::tuple{}, [](error_code, rpc::outcome<int> o) { o.value(); });
        settle(peers.io);
    }
    SECTION("on an executor that is the peer's by another name")
    {
        peers.a.async_call<int>("add", std::tuple{1, 2},
                                asio::bind_executor(asio::any_io_executor{peers.io.get_executor()},
                                                    [](error_code, rpc::outcome<int>) { throw 1; }));
        settle(peers.io);
    }
    SECTION("on a strand of the same context")
    {
        peers.a.async_call<int>(
            "add", std::tuple{1, 2},
            asio::bind_executor(asio::make_strand(peers.io), [](error_code, rpc::outcome<int>) { throw 1; }));
        CHECK_NOTHROW(settle(peers.io));
    }
    SECTION("on another context")
    {
        asio::io_context elsewhere;
        peers.a.async_call<int>(
            "add", std::tuple{1, 2},
            asio::bind_executor(elsewhere, [](error_code, rpc::outcome<int>) { throw 1; }));
        settle(peers.io);
        CHECK(peers.a.is_open());
        CHECK_NOTHROW(elsewhere.run());
        settle(peers.io);
    }
    CHECK(closes == std::vector<error_code>{oizys::errc::handler_failed});
    CHECK(!peers.a.is_open());
    CHECK(!peers.b.is_open());
}

TEST_CASE("a completion handler that throws at a deadline closes its connection")
{
    rpc::service service;
    std::vector<rpc::reply<int>> kept;
    service.method("never", [&](rpc::reply<int> r) { kept.push_back(std::move(r)); });
    two_peers peers{rpc::protocol::json, {}, service};
    std::vector<error_code> closes;
    peers.a.set_onclose([&](error_code why) { closes.push_back(why); });
    call_result<int> other;
    peers.a.async_call<int>("never", std::tuple{}, {.timeout = std::chrono::milliseconds{1}},
                            [](error_code, rpc::outcome<int>) { throw 1; });
    peers.a.async_call<int>("never", std::tuple{}, other.handler());
    CHECK(run_until(peers.io, [&] { return !closes.empty(); }));
    CHECK(closes == std::vector<error_code>{oizys::errc::handler_failed});
    CHECK(other.failed_with(rpc::errc::connection_lost));
}

TEST_CASE(
    "completion handlers that throw at the end of the connection do not leave the loop, nor skip each other")
{
    bool const dropped = GENERATE(true, false);
    rpc::service service;
    std::vector<rpc::reply<int>> kept;
    service.method("never", [&](rpc::reply<int> r) { kept.push_back(std::move(r)); });
    two_peers peers{rpc::protocol::json, {}, service};
    int count = 0;
    for (int i = 0; i < 3; ++i)
        peers.a.async_call<int>("never", std::tuple{}, [&](error_code ec, rpc::outcome<int>) {
            CHECK(ec);
            ++count;
            throw std::runtime_error{"x"};
        });
    peers.a.set_onclose([](error_code) { throw 1; });
    settle(peers.io);
    if (dropped)
        peers.a = {};
    else
        peers.a.close();
    CHECK_NOTHROW(settle(peers.io));
    CHECK(count == 3);
}

TEST_CASE("a close handler that throws does not leave the loop, set before or after the end")
{
    two_peers peers{rpc::protocol::json};
    peers.a.close();
    settle(peers.io);
    int count = 0;
    peers.a.set_onclose([&](error_code why) {
        CHECK(!why);
        ++count;
        throw 1;
    });
    CHECK(count == 0);
    CHECK_NOTHROW(settle(peers.io));
    CHECK(count == 1);
}
