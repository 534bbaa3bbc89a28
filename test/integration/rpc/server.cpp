// SPDX-License-Identifier: BSL-1.0
//
// Proves the server: several endpoints at once, the peers it keeps, an orderly close that sends what is queued,
// and what becomes of connections when it is destroyed.
#include "rpc_test.hpp"

#include "support/temp_dir.hpp"

#include <oizys/rpc/blocking_client.hpp>
#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/server.hpp>

#include <boost/asio/post.hpp>

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

using namespace oizys;
using namespace oizys::test;

namespace
{

struct clients
{
    explicit clients(asio::io_context& context) : io{context} {}

    rpc::peer& connect(endpoint const& where, rpc::client_options const& options = {})
    {
        auto const count = all.size();
        rpc::async_connect(io.get_executor(), where, plain_service(), options,
                           [this](error_code ec, rpc::peer p) {
                               INFO(ec.message());
                               REQUIRE(!ec);
                               all.push_back(std::move(p));
                               all.back().set_onclose([this](error_code why) { closes.push_back(why); });
                           });
        REQUIRE(run_until(io, [&] { return all.size() > count; }));
        return all.back();
    }

    int add(rpc::peer& by, int a, int b)
    {
        call_result<int> called;
        by.async_call<int>("add", std::tuple{a, b}, called.handler());
        REQUIRE(run_until(io, [&] { return called.count == 1; }));
        REQUIRE(!called.ec);
        return *called.answer;
    }

    asio::io_context& io;
    std::vector<rpc::peer> all;
    std::vector<error_code> closes;
};

} // namespace

TEST_CASE("a server listens on any number of endpoints of any kind")
{
    temp_dir dir;
    asio::io_context io;
    rpc::server server{io.get_executor(), plain_service()};
    auto const first = server.listen(dir.endpoint("first"));
    auto const second = server.listen(dir.endpoint("second"));
    auto const tcp = server.listen("tcp:127.0.0.1:0");
    CHECK(first == endpoint{dir.endpoint("first")});
    CHECK(tcp != endpoint{"tcp:127.0.0.1:0"}); // the real port
    clients c{io};
    for (auto const& where : {first, second, tcp, first})
        for (auto const protocol : {rpc::protocol::json, rpc::protocol::msgpack})
            CHECK(c.add(c.connect(where, {.peer = {.protocol = protocol}}), 2, 3) == 5);
    CHECK(server.peers().size() == 8);
}

TEST_CASE("listening where somebody listens throws, and the server goes on with the endpoints it has")
{
    temp_dir dir;
    asio::io_context io;
    rpc::server server{io.get_executor(), plain_service()}, other{io.get_executor(), plain_service()};
    auto const where = server.listen(dir.endpoint());
    error_code why;
    try
    {
        other.listen(where);
    }
    catch (boost::system::system_error const& e)
    {
        why = e.code();
    }
    CHECK(why == oizys::errc::address_in_use);
    auto const elsewhere = other.listen(dir.endpoint("elsewhere"));
    clients c{io};
    CHECK(c.add(c.connect(where), 1, 2) == 3);
    CHECK(c.add(c.connect(elsewhere), 1, 2) == 3);
}

TEST_CASE("each peer is reported when it has connected, and kept until its connection ends")
{
    temp_dir dir;
    asio::io_context io;
    rpc::server server{io.get_executor(), plain_service()};
    auto const where = server.listen(dir.endpoint());
    std::vector<rpc::peer> told;
    server.set_onpeer([&](rpc::peer p) {
        CHECK(p.is_open());
        CHECK(p.credentials().pid == ::getpid());
        told.push_back(std::move(p));
    });
    clients c{io};
    c.connect(where);
    c.connect(where);
    REQUIRE(run_until(io, [&] { return told.size() == 2; }));
    CHECK(server.peers().size() == 2);
    c.all.erase(c.all.begin());
    CHECK(run_until(io, [&] { return server.peers().size() == 1; }));
    told.clear(); // the server keeps its own
    CHECK(c.add(c.all[0], 2, 3) == 5);
    server.set_onpeer({});
    CHECK(c.add(c.connect(where), 2, 3) == 5);
    CHECK(told.empty());
}

TEST_CASE("a server detects each client's protocol, whatever its options say of one")
{
    temp_dir dir;
    asio::io_context io;
    auto const said = GENERATE(rpc::protocol::json, rpc::protocol::msgpack, rpc::protocol::detect);
    rpc::server server{io.get_executor(), plain_service(), {.peer = {.protocol = said}}};
    auto const where = server.listen(dir.endpoint());
    clients c{io};
    for (auto const protocol : {rpc::protocol::json, rpc::protocol::msgpack})
        CHECK(c.add(c.connect(where, {.peer = {.protocol = protocol}}), 2, 3) == 5);
}

TEST_CASE("who may connect, and how many, is up to the options of the listener")
{
    temp_dir dir;
    asio::io_context io;
    std::vector<std::string> log;
    rpc::server_options options;
    options.listener.max_sessions_per_uid = 1;
    options.listener.log = [&](log_event const& e) { log.emplace_back(e.text); };
    SECTION("one session for each user, at each endpoint")
    {
        rpc::server server{io.get_executor(), plain_service(), options};
        auto const first = server.listen(dir.endpoint());
        auto const second = server.listen(dir.endpoint("second"));
        clients c{io};
        CHECK(c.add(c.connect(first), 1, 2) == 3);
        CHECK(c.add(c.connect(second), 1, 2) == 3);
        c.connect(first);
        REQUIRE(run_until(io, [&] { return log.size() == 1; }));
        CHECK_THAT(log[0], Catch::Contains("max_sessions_per_uid is 1"));
        CHECK(server.counters().accepted == 2);
        CHECK(server.counters().refused_by_limit == 1);
        CHECK(server.counters().sessions == 2);
        CHECK(server.peers().size() == 2);
    }
    SECTION("a user that is denied")
    {
        options.listener.access.deny_uid(::getuid());
        rpc::server server{io.get_executor(), plain_service(), options};
        auto const where = server.listen(dir.endpoint());
        clients c{io};
        c.connect(where);
        REQUIRE(run_until(io, [&] { return server.counters().refused_by_policy == 1; }));
        CHECK(log.size() == 1);
        CHECK(server.peers().empty());
    }
}

TEST_CASE("the server calls its peers, once it knows how they speak")
{
    temp_dir dir;
    asio::io_context io;
    rpc::server server{io.get_executor(), plain_service()};
    auto const where = server.listen(dir.endpoint());
    clients c{io};
    for (auto const protocol : {rpc::protocol::json, rpc::protocol::msgpack})
        c.add(c.connect(where, {.peer = {.protocol = protocol}}), 1, 2);
    std::vector<call_result<int>> results(2);
    auto peers = server.peers();
    REQUIRE(peers.size() == 2);
    for (std::size_t i = 0; i < 2; ++i)
        peers[i].async_call<int>("add", std::tuple{20, 3}, results[i].handler());
    CHECK(run_until(io, [&] { return results[0].count + results[1].count == 2; }));
    CHECK(results[0].answered_with(23));
    CHECK(results[1].answered_with(23));
}

TEST_CASE("close() sends what is queued to each peer, stops listening, and leaves nothing to wait for")
{
    temp_dir dir;
    asio::io_context io;
    rpc::service service;
    auto const long_text = std::string(3000000, 'x'); // more than a socket takes at once
    service.method("long", [&] { return long_text; });
    rpc::server server{io.get_executor(), service};
    auto const where = server.listen(dir.endpoint());
    server.listen(dir.endpoint("other"));
    clients c{io};
    std::vector<call_result<std::string>> results(3);
    for (auto& result : results)
        c.connect(where).async_call<std::string>("long", std::tuple{}, result.handler());
    // Each answer is on its way, and none has been sent whole:
    REQUIRE(run_until(io, [&] {
        auto const peers = server.peers();
        return peers.size() == 3 &&
               std::ranges::all_of(peers, [](auto const& p) { return p.session().queued_bytes() != 0; });
    }));
    server.close();
    for (auto const& p : server.peers())
        CHECK(!p.is_open());
    io.restart();
    io.run(); // ends by itself
    CHECK(server.peers().empty());
    for (auto const& result : results)
        CHECK((result.answered_with(long_text)));
    CHECK(c.closes == std::vector<error_code>(3, asio::error::eof));
    CHECK(!std::filesystem::exists(dir.file("socket")));
    CHECK(!std::filesystem::exists(dir.file("other")));
}

TEST_CASE("destroying a server drops its peers, and a copy that somebody keeps goes on being served")
{
    temp_dir dir;
    asio::io_context io;
    std::optional<rpc::server> server;
    server.emplace(io.get_executor(), plain_service());
    auto const where = server->listen(dir.endpoint());
    clients c{io};
    auto& dropped = c.connect(where);
    REQUIRE(run_until(io, [&] { return server->peers().size() == 1; }));
    rpc::peer kept;
    server->set_onpeer([&](rpc::peer p) { kept = std::move(p); });
    auto copy = dropped; // connect() below may move the vector
    auto served = c.connect(where);
    REQUIRE(run_until(io, [&] { return static_cast<bool>(kept); }));
    auto const owned = std::make_shared<int>();
    server->set_onpeer([owned](rpc::peer) {});
    server.reset();
    CHECK(owned.use_count() == 1);
    CHECK(run_until(io, [&] { return c.closes.size() == 1; }));
    CHECK(!copy.is_open());
    CHECK(c.add(served, 2, 3) == 5);
    CHECK(!std::filesystem::exists(dir.file("socket")));
}

TEST_CASE("a server may be moved while it serves, and assigned over another")
{
    temp_dir dir;
    asio::io_context io;
    rpc::server first{io.get_executor(), plain_service()};
    auto const where = first.listen(dir.endpoint());
    clients c{io};
    c.connect(where);
    rpc::server second{std::move(first)};
    CHECK(c.add(c.all[0], 1, 2) == 3);
    CHECK(c.add(c.connect(where), 1, 2) == 3);
    second = rpc::server{io.get_executor(), plain_service()};
    CHECK(run_until(io, [&] { return c.closes.size() == 2; }));
    CHECK(second.peers().empty());
}

TEST_CASE("a thousand connections call at the same time")
{
    temp_dir dir;
    asio::io_context io{1};
    rpc::server server{io.get_executor(), plain_service()};
    auto const where = server.listen(dir.endpoint());
    constexpr std::size_t count = 1000;
    std::vector<rpc::peer> connected;
    std::vector<call_result<int>> results(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        rpc::client_options options;
        options.peer.protocol = i % 2 == 0 ? rpc::protocol::json : rpc::protocol::msgpack;
        rpc::async_connect(io.get_executor(), where, options, [&, i](error_code ec, rpc::peer p) {
            REQUIRE(!ec);
            p.async_call<int>("add", std::tuple{static_cast<int>(i), 1}, results[i].handler());
            connected.push_back(std::move(p));
        });
    }
    CHECK(run_until(
        io, [&] { return std::ranges::all_of(results, [](auto const& r) { return r.count == 1; }); },
        std::chrono::seconds{50}));
    for (std::size_t i = 0; i < count; ++i)
        if (!results[i].answered_with(static_cast<int>(i) + 1))
            FAIL("call " << i);
    CHECK(server.peers().size() == count);
    connected.clear();
    CHECK(run_until(io, [&] { return server.peers().empty(); }));
}

TEST_CASE("methods are registered from another thread while calls are served", "[concurrent]")
{
    temp_dir dir;
    asio::io_context io;
    rpc::service service = plain_service();
    rpc::server server{io.get_executor(), service};
    auto const where = server.listen(dir.endpoint());
    std::thread registering{[&] {
        for (int i = 0; i < 100; ++i)
            service.method("method " + std::to_string(i), [i] { return i; });
    }};
    clients c{io};
    auto& client = c.connect(where);
    for (int i = 0; i < 100; ++i)
    {
        // Called until it is there.
        for (bool found = false; !found;)
        {
            call_result<int> called;
            client.async_call<int>("method " + std::to_string(i), std::tuple{}, called.handler());
            REQUIRE(run_until(io, [&] { return called.count == 1; }));
            found = called.answer.has_value();
            if (found)
                CHECK(called.answered_with(i));
            else
                CHECK(called.answered_with_error(rpc::method_not_found));
        }
    }
    registering.join();
}

TEST_CASE("one service is served by servers in several threads", "[concurrent]")
{
    std::atomic<int> calls = 0;
    rpc::service service;
    service.method("count", [&](int by) { return calls += by; });
    auto const serve = [&] {
        temp_dir dir;
        asio::io_context io{1};
        rpc::server server{io.get_executor(), service};
        auto const where = server.listen(dir.endpoint());
        std::thread loop{[&] { io.run(); }};
        {
            rpc::blocking_client client{where};
            for (int i = 0; i < 100; ++i)
                client.call<int>("count", 1);
        }
        asio::post(io, [&] { server.close(); });
        loop.join();
    };
    std::thread first{serve}, second{serve};
    first.join();
    second.join();
    CHECK(calls == 200);
}
