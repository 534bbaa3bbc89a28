// SPDX-License-Identifier: BSL-1.0
//
// Proves that handlers of every kind may close or drop what they belong to: the peer, the server, the service,
// themselves; that what was answered before is still sent; and that nothing is called afterwards.
#include "rpc_test.hpp"

#include "support/temp_dir.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/server.hpp>

#include <boost/asio/post.hpp>

using namespace oizys;
using namespace oizys::test;

namespace
{

/// A server that a client is connected to.
struct served_client
{
    explicit served_client(rpc::service const& service)
    {
        server.emplace(io.get_executor(), service);
        auto const where = server->listen(dir.endpoint());
        rpc::async_connect(io.get_executor(), where, [this](error_code ec, rpc::peer p) {
            REQUIRE(!ec);
            client = std::move(p);
        });
        REQUIRE(run_until(io, [&] { return client && server->peers().size() == 1; }));
    }

    temp_dir dir;
    asio::io_context io;
    std::optional<rpc::server> server;
    rpc::peer client;
};

} // namespace

TEST_CASE("a method may drop the peer that serves it, and its answer is still sent")
{
    auto const protocol = both_protocols();
    std::optional<two_peers> peers;
    rpc::service service;
    service.method("drop", [&] {
        peers->b = {};
        return 5;
    });
    peers.emplace(protocol, rpc::service{}, service);
    std::vector<error_code> closes;
    peers->b.set_onclose([&](error_code why) { closes.push_back(why); });
    call_result<int> called, next;
    peers->a.async_call<int>("drop", std::tuple{}, called.handler());
    peers->a.async_call<int>("drop", std::tuple{}, next.handler());
    settle(peers->io);
    CHECK(called.answered_with(5));
    CHECK(next.failed_with(rpc::errc::connection_lost));
    CHECK(closes.empty()); // whose handle is gone is told nothing
}

TEST_CASE("a method may close its connection, and is answered first; what comes after it is not served")
{
    rpc::service service = plain_service();
    service.method("close", [](rpc::call_context& call) { call.caller().close(); });
    two_peers peers{both_protocols(), {}, service};
    call_result<int> before, after;
    call_result<value> called;
    peers.a.async_call<int>("add", std::tuple{2, 3}, before.handler());
    peers.a.async_call("close", std::tuple{}, called.handler());
    peers.a.async_call<int>("add", std::tuple{2, 3}, after.handler());
    settle(peers.io);
    CHECK(before.answered_with(5));
    CHECK(called.answered_with(value{}));
    CHECK(after.failed_with(rpc::errc::connection_lost));
}

TEST_CASE("a completion handler may drop its peer, and the calls that wait are cancelled")
{
    two_peers peers{both_protocols()};
    call_result<int> other;
    int count = 0;
    peers.a.async_call<int>("add", std::tuple{1, 2}, [&](error_code ec, rpc::outcome<int>) {
        CHECK(!ec);
        peers.a = {};
        ++count;
    });
    peers.a.async_call<int>("add", std::tuple{1, 2}, other.handler());
    settle(peers.io);
    CHECK(count == 1);
    CHECK(other.failed_with(rpc::errc::cancelled));
}

TEST_CASE("a completion handler may drop its peer at a deadline, and at the end of the connection")
{
    bool const at_deadline = GENERATE(true, false);
    rpc::service service;
    std::vector<rpc::reply<int>> kept;
    service.method("never", [&](rpc::reply<int> r) { kept.push_back(std::move(r)); });
    two_peers peers{rpc::protocol::json, {}, service};
    std::vector<error_code> ends;
    auto const drop = [&](error_code ec, rpc::outcome<int>) {
        ends.push_back(ec);
        peers.a = {};
    };
    for (int i = 0; i < 3; ++i)
        peers.a.async_call<int>("never", std::tuple{},
                                {.timeout = std::chrono::milliseconds{at_deadline ? 1 : 0}}, drop);
    settle(peers.io);
    if (!at_deadline)
        peers.b.close();
    CHECK(run_until(peers.io, [&] { return ends.size() == 3; }));
    CHECK(ends.front() == (at_deadline ? rpc::errc::timed_out : rpc::errc::connection_lost));
    settle(peers.io);
    CHECK(ends.size() == 3);
}

TEST_CASE("a close handler may drop its peer, and set another handler")
{
    two_peers peers{rpc::protocol::json};
    auto const alive = std::make_shared<int>();
    int count = 0;
    peers.a.set_onclose([&, alive](error_code) {
        ++count;
        peers.a.set_onclose([&](error_code) { ++count; });
        peers.a = {};
    });
    peers.b.close();
    settle(peers.io);
    CHECK(count == 2);
    CHECK(alive.use_count() == 1);
}

TEST_CASE("a completion handler is destroyed with its peer's loop if it was never called")
{
    auto const alive = std::make_shared<int>();
    {
        rpc::service service;
        std::vector<rpc::reply<int>> kept;
        service.method("never", [&](rpc::reply<int> r) { kept.push_back(std::move(r)); });
        two_peers peers{both_protocols(), {}, service};
        peers.a.async_call<int>("never", std::tuple{},
                                [alive](error_code, rpc::outcome<int>) { FAIL("called"); });
        settle(peers.io);
        CHECK(alive.use_count() == 2);
    }
    CHECK(alive.use_count() == 1);
}

TEST_CASE("a completion handler is destroyed as soon as it was called")
{
    two_peers peers{both_protocols()};
    auto const alive = std::make_shared<int>();
    peers.a.async_call<int>("add", std::tuple{1, 2}, [alive](error_code, rpc::outcome<int>) {});
    settle(peers.io);
    CHECK(alive.use_count() == 1);
}

TEST_CASE("a method may register another one, which the next call finds")
{
    rpc::service service;
    service.method("learn", [&service, count = 0]() mutable {
        ++count;
        service.method("new " + std::to_string(count), [count] { return count; });
        return count;
    });
    two_peers peers{both_protocols(), {}, service};
    call_result<int> learn, learned, missing;
    peers.a.async_call<int>("learn", std::tuple{}, learn.handler());
    peers.a.async_call<int>("new 1", std::tuple{}, learned.handler());
    peers.a.async_call<int>("new 2", std::tuple{}, missing.handler());
    settle(peers.io);
    CHECK(learn.answered_with(1));
    CHECK(learned.answered_with(1));
    CHECK(missing.answered_with_error(rpc::method_not_found));
}

TEST_CASE("a peer serves the service it was given after the user's copy is gone")
{
    std::optional<rpc::service> service = plain_service();
    two_peers peers{both_protocols(), {}, *service};
    service.reset();
    call_result<int> called;
    peers.a.async_call<int>("add", std::tuple{2, 3}, called.handler());
    settle(peers.io);
    CHECK(called.answered_with(5));
}

TEST_CASE("a method may destroy the server that serves it, and its answer is still sent")
{
    std::optional<served_client> with;
    rpc::service service;
    service.method("end", [&] {
        with->server.reset();
        return 5;
    });
    with.emplace(service);
    std::vector<error_code> closes;
    with->client.set_onclose([&](error_code why) { closes.push_back(why); });
    call_result<int> called;
    with->client.async_call<int>("end", std::tuple{}, called.handler());
    CHECK(run_until(with->io, [&] { return closes.size() == 1; }));
    CHECK(called.answered_with(5));
    CHECK(closes == std::vector<error_code>{asio::error::eof});
}

TEST_CASE("a method may close the server that serves it, and is answered first")
{
    std::optional<served_client> with;
    rpc::service service;
    service.method("end", [&] { with->server->close(); });
    with.emplace(service);
    call_result<value> called;
    with->client.async_call("end", std::tuple{}, called.handler());
    CHECK(run_until(with->io, [&] { return called.count == 1; }));
    CHECK(called.answered_with(value{}));
    CHECK(run_until(with->io, [&] { return with->server->peers().empty(); }));
}

TEST_CASE("what is told of a new peer may set another handler, destroy the server, or throw")
{
    temp_dir dir;
    asio::io_context io;
    std::optional<rpc::server> server;
    server.emplace(io.get_executor(), plain_service());
    auto const where = server->listen(dir.endpoint());
    std::string const long_text(100, 'x');
    texts told;
    SECTION("sets another handler")
    {
        server->set_onpeer([&, long_text](rpc::peer const&) {
            server->set_onpeer([&](rpc::peer const&) { told.emplace_back("second"); });
            told.push_back(long_text); // the captures live on
        });
    }
    SECTION("destroys the server")
    {
        server->set_onpeer([&, long_text](rpc::peer const& p) {
            server.reset();
            CHECK(p.is_open());
            told.push_back(long_text);
            told.emplace_back("second");
        });
    }
    SECTION("throws")
    {
        server->set_onpeer([&](rpc::peer p) {
            told.push_back(long_text);
            told.emplace_back("second");
            p.set_onclose([](error_code why) { CHECK(why == oizys::errc::handler_failed); });
            throw 1;
        });
    }
    std::vector<rpc::peer> clients;
    std::vector<error_code> closes;
    for (int i = 0; i < 2; ++i)
        rpc::async_connect(io.get_executor(), where, [&](error_code ec, rpc::peer p) {
            if (ec)
                return closes.push_back(ec);
            clients.push_back(p);
            clients.back().set_onclose([&](error_code why) { closes.push_back(why); });
        });
    CHECK(run_until(io, [&] { return told.size() >= 2 && (clients.size() + closes.size() >= 2); }));
    CHECK(told.at(0) == long_text);
    CHECK(told.at(1) == "second");
}
