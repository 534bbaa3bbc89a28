// SPDX-License-Identifier: BSL-1.0
//
// Proves that both ends of one connection call, notify and serve at the same time, within each other's calls,
// and that only the first answer to a call counts.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

#include <random>

using namespace oizys;
using namespace oizys::test;

TEST_CASE("both ends call each other at the same time on one connection")
{
    two_peers peers{both_protocols()};
    std::vector<call_result<int>> from_a(50), from_b(50);
    for (int i = 0; i < 50; ++i)
    {
        peers.a.async_call<int>("add", std::tuple{i, 1}, from_a[static_cast<std::size_t>(i)].handler());
        peers.b.async_call<int>("add", std::tuple{i, 2}, from_b[static_cast<std::size_t>(i)].handler());
    }
    CHECK(peers.a.pending_calls() == 50);
    settle(peers.io);
    for (int i = 0; i < 50; ++i)
    {
        CHECK(from_a[static_cast<std::size_t>(i)].answered_with(i + 1));
        CHECK(from_b[static_cast<std::size_t>(i)].answered_with(i + 2));
    }
    CHECK(peers.a.pending_calls() == 0);
}

TEST_CASE("notifications of both ends arrive in order, between calls")
{
    std::vector<int> at_a, at_b;
    rpc::service a, b;
    a.method("note", [&](int n) { at_a.push_back(n); });
    b.method("note", [&](int n) { at_b.push_back(n); });
    two_peers peers{both_protocols(), a, b};
    int called = 0;
    for (int i = 0; i < 4; ++i)
    {
        CHECK(!peers.a.notify("note", std::tuple{i}));
        CHECK(!peers.b.notify("note", std::tuple{i + 10}));
        if (i == 1)
            peers.a.async_call<void>("note", std::tuple{100}, [&](error_code ec, rpc::outcome<void>) {
                CHECK(!ec);
                ++called;
            });
    }
    CHECK(at_b.empty());
    settle(peers.io);
    CHECK(at_a == std::vector{10, 11, 12, 13});
    CHECK(at_b == std::vector{0, 1, 100, 2, 3});
    CHECK(called == 1);
}

TEST_CASE("a handler calls its caller back, and answers with what comes of it")
{
    rpc::service a, b;
    a.method("name", [] { return std::string{"a"}; });
    b.method("greet", [](rpc::call_context& call, rpc::reply<std::string> r) {
        call.caller().async_call<std::string>(
            "name", std::tuple{}, [r = std::move(r)](error_code ec, rpc::outcome<std::string> name) mutable {
                CHECK(!ec);
                std::move(r)("hello " + *name);
            });
    });
    two_peers peers{both_protocols(), a, b};
    call_result<std::string> called;
    peers.a.async_call<std::string>("greet", std::tuple{}, called.handler());
    settle(peers.io);
    CHECK(called.answered_with("hello a"));
}

TEST_CASE("calls within calls go to any depth, for no end waits")
{
    rpc::service service;
    service.method("down", [](rpc::call_context& call, rpc::reply<int> r, int n) {
        if (n == 0)
            return std::move(r)(0);
        call.caller().async_call<int>("down", std::tuple{n - 1},
                                      [r = std::move(r)](error_code ec, rpc::outcome<int> depth) mutable {
                                          CHECK(!ec);
                                          std::move(r)(*depth + 1);
                                      });
    });
    two_peers peers{both_protocols(), service, service};
    call_result<int> called;
    peers.a.async_call<int>("down", std::tuple{1000}, called.handler());
    settle(peers.io);
    CHECK(called.answered_with(1000));
}

TEST_CASE("a completion handler may call again at once, and close")
{
    two_peers peers{both_protocols()};
    std::vector<error_code> closes;
    peers.b.set_onclose([&](error_code why) { closes.push_back(why); });
    int count = 0;
    std::function<void(error_code, rpc::outcome<int>)> next = [&](error_code ec, rpc::outcome<int> sum) {
        CHECK(!ec);
        CHECK(*sum == count);
        if (++count < 1000)
            peers.a.async_call<int>("add", std::tuple{count, 0}, next);
        else
            peers.a.close();
    };
    peers.a.async_call<int>("add", std::tuple{0, 0}, next);
    settle(peers.io);
    CHECK(count == 1000);
    CHECK(closes == std::vector<error_code>{asio::error::eof});
}

TEST_CASE("the caller may be kept, and is called when it pleases the service")
{
    std::vector<rpc::peer> subscribers;
    rpc::service service;
    service.method("subscribe", [&](rpc::call_context& call) { subscribers.push_back(call.caller()); });
    texts news;
    rpc::service reader;
    reader.method("news", [&](std::string text) { news.push_back(std::move(text)); });
    two_peers peers{both_protocols(), reader, service};
    CHECK(!peers.a.notify("subscribe"));
    settle(peers.io);
    REQUIRE(subscribers.size() == 1);
    CHECK(subscribers[0] == peers.b);
    peers.b = {}; // the copy keeps the connection
    CHECK(!subscribers[0].notify("news", std::tuple{"one"}));
    settle(peers.io);
    CHECK(news == texts{"one"});
    subscribers.clear();
    settle(peers.io);
    CHECK(!peers.a.is_open());
}

TEST_CASE("only the first answer to a call counts, and answers to calls that were not made are dropped")
{
    conversation with{plain_service()};
    call_result<int> first, second;
    with.peer.async_call<int>("x", std::tuple{}, first.handler());
    auto const sent = with.listen();
    CHECK(sent == texts{R"({"jsonrpc":"2.0","id":0,"method":"x","params":[]})"});
    for (char const* const wrong :
         {"1", "65536", "4294967295", "4294967296", "-1", "\"0\"", "0.0", "null", "00"})
    {
        INFO(wrong);
        with.ask(R"({"jsonrpc":"2.0","result":9,"id":)" + std::string{wrong} + "}");
        CHECK(first.count == 0);
    }
    with.ask(R"({"jsonrpc":"2.0","result":1,"id":0})");
    CHECK(first.answered_with(1));
    // The next call has the same place in the table and another id.
    with.peer.async_call<int>("x", std::tuple{}, second.handler());
    CHECK(with.listen() == texts{R"({"jsonrpc":"2.0","id":65536,"method":"x","params":[]})"});
    with.ask(R"({"jsonrpc":"2.0","result":2,"id":0})");
    with.ask(
        R"([{"jsonrpc":"2.0","error":{"code":1,"message":""},"id":0},{"jsonrpc":"2.0","result":3,"id":0}])");
    CHECK(first.answered_with(1));
    CHECK(second.count == 0);
    with.ask(R"([{"jsonrpc":"2.0","result":4,"id":65536},{"jsonrpc":"2.0","result":5,"id":65536}])");
    CHECK(second.answered_with(4));
    CHECK(with.peer.is_open());
}

TEST_CASE("answers in random order, with random delays, all find their calls")
{
    std::vector<std::pair<int, rpc::reply<int>>> waiting;
    rpc::service service;
    service.method("later", [&](rpc::reply<int> r, int n) { waiting.emplace_back(n, std::move(r)); });
    two_peers peers{both_protocols(), {}, service};
    std::mt19937 random{1};
    std::vector<call_result<int>> results(500);
    std::size_t called = 0;
    while (called < results.size() || !waiting.empty())
    {
        for (auto n = random() % 20; n > 0 && called < results.size(); --n, ++called)
            peers.a.async_call<int>("later", std::tuple{static_cast<int>(called)}, results[called].handler());
        settle(peers.io);
        std::shuffle(waiting.begin(), waiting.end(), random);
        for (auto n = random() % 20; n > 0 && !waiting.empty(); --n)
        {
            auto& [number, r] = waiting.back();
            std::move(r)(number);
            waiting.pop_back();
        }
    }
    settle(peers.io);
    for (std::size_t i = 0; i < results.size(); ++i)
        if (!results[i].answered_with(static_cast<int>(i)))
            FAIL("call " << i << " was not answered with its number");
}

TEST_CASE("the peers say which protocol they speak, and who is at the other end")
{
    auto const protocol = both_protocols();
    asio::io_context io;
    auto pair = memory_pair(io.get_executor());
    rpc::peer a{pair.first, {.protocol = protocol}};
    rpc::peer b{pair.second, plain_service(), {.protocol = rpc::protocol::detect}};
    CHECK(a.protocol() == protocol);
    CHECK(b.protocol() == rpc::protocol::detect);
    CHECK(!a.notify("nothing"));
    settle(io);
    CHECK(b.protocol() == protocol);
    CHECK(!b.notify("nothing")); // now it knows how
    CHECK(a.get_executor() == asio::any_io_executor{io.get_executor()});
    CHECK(&a.session() == pair.first.get());
    CHECK(!rpc::peer{});
    CHECK(a);
}
