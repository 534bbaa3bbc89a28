// SPDX-License-Identifier: BSL-1.0
//
// A server that ends when nobody uses it: when, and what it tells. That nobody is lost then is proved where another
// process holds the socket: test/integration/systemd.
#include "rpc_test.hpp"

#include "support/temp_dir.hpp"

#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/server.hpp>

#include <boost/asio/post.hpp>

#include <filesystem>
#include <stdexcept>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;

namespace
{

rpc::server_options idle_exit_after(std::chrono::milliseconds time)
{
    rpc::server_options options;
    options.idle_exit = time;
    return options;
}

rpc::server_options const soon = idle_exit_after(1ms);
rpc::server_options const late = idle_exit_after(1h);

struct fixture
{
    temp_dir dir;
    asio::io_context io;
    int closes = 0;

    auto count_close()
    {
        return [this] { ++closes; };
    }

    rpc::peer connect(endpoint const& where)
    {
        rpc::peer result;
        rpc::async_connect(io.get_executor(), where, [&](error_code ec, rpc::peer p) {
            REQUIRE(!ec);
            result = std::move(p);
        });
        REQUIRE(run_until(io, [&] { return static_cast<bool>(result); }));
        return result;
    }

    int add(rpc::peer& by)
    {
        call_result<int> called;
        by.async_call<int>("add", std::tuple{2, 3}, called.handler());
        REQUIRE(run_until(io, [&] { return called.count == 1; }));
        REQUIRE(!called.ec);
        return *called.answer;
    }
};

} // namespace

TEST_CASE_METHOD(fixture, "a server that nobody uses closes by itself, and leaves nothing to wait for")
{
    rpc::server server{io.get_executor(), plain_service(), soon};
    server.set_onclose(count_close());
    server.listen(dir.endpoint());
    server.listen(dir.endpoint("other"));
    io.run_for(10s);
    CHECK(io.stopped()); // there was nothing left to do
    CHECK(closes == 1);
    CHECK(!std::filesystem::exists(dir.file("socket")));
    CHECK_THROWS_AS(server.listen(dir.endpoint()), std::logic_error);
}

TEST_CASE_METHOD(fixture, "a server does not close while somebody is connected")
{
    rpc::server server{io.get_executor(), plain_service(), idle_exit_after(20ms)};
    server.set_onclose(count_close());
    auto const where = server.listen(dir.endpoint());
    auto client = connect(where);
    CHECK(add(client) == 5);
    // A timer that was set later than the server's says that the server had its chance.
    asio::steady_timer later{io, 100ms};
    bool is_later = false;
    later.async_wait([&](error_code) { is_later = true; });
    REQUIRE(run_until(io, [&] { return is_later; }));
    CHECK(closes == 0);
    CHECK(add(client) == 5);
    client.close();
    CHECK(run_until(io, [&] { return closes == 1; }));
}

TEST_CASE_METHOD(fixture,
                 "closing ends the wait for idleness, and is told when the last connection has ended")
{
    rpc::server server{io.get_executor(), plain_service(), late};
    server.set_onclose(count_close());
    auto const where = server.listen(dir.endpoint());
    auto client = connect(where);
    REQUIRE(add(client) == 5);
    server.close();
    CHECK(closes == 0);
    io.restart();
    io.run_for(10s);
    CHECK(io.stopped());
    CHECK(closes == 1);
    server.close();
    io.restart();
    io.run();
    CHECK(closes == 1);
}

TEST_CASE_METHOD(fixture, "the handler may be set late, throw, and end the server")
{
    std::optional<rpc::server> server{std::in_place, io.get_executor(), plain_service(), late};
    server->listen(dir.endpoint());
    server->close();
    io.poll();
    SECTION("late")
    {
        server->set_onclose(count_close());
        CHECK(closes == 0);
        settle(io);
        CHECK(closes == 1);
    }
    SECTION("throws")
    {
        server->set_onclose([&] {
            ++closes;
            throw std::runtime_error{"oh"};
        });
        CHECK_NOTHROW(settle(io));
        CHECK(closes == 1);
    }
    SECTION("ends the server")
    {
        server->set_onclose([&] {
            ++closes;
            server.reset();
        });
        settle(io);
        CHECK(closes == 1);
    }
    SECTION("not called when the server has gone")
    {
        server->set_onclose(count_close());
        server.reset();
        settle(io);
        CHECK(closes == 0);
    }
}

TEST_CASE_METHOD(fixture, "a server that never listened has closed when it is closed")
{
    rpc::server server{io.get_executor(), plain_service(), soon};
    server.set_onclose(count_close());
    settle(io);
    CHECK(closes == 0);
    server.close();
    settle(io);
    CHECK(closes == 1);
}
