// SPDX-License-Identifier: BSL-1.0
//
// Proves the blocking client: values and errors as exceptions, timeouts, calls of several threads at once, calls
// that the server makes to it, and that it ends whatever the other end does.
#include "rpc_test.hpp"

#include "support/temp_dir.hpp"

#include <oizys/rpc/blocking_client.hpp>
#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/server.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/describe/class.hpp>

#include <atomic>
#include <future>
#include <thread>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;

namespace
{

/// A server in a thread of its own.
struct server_thread
{
    explicit server_thread(rpc::service const& service = plain_service())
    {
        server.emplace(io.get_executor(), service);
        where = server->listen(dir.endpoint());
        thread = std::thread{[this] { io.run(); }};
    }

    ~server_thread()
    {
        end();
        thread.join();
    }

    /// Destroys the server, with its connections.
    void end()
    {
        std::promise<void> ended;
        asio::post(io, [&] {
            server.reset();
            work.reset();
            ended.set_value();
        });
        if (!io.stopped())
            ended.get_future().wait();
    }

    temp_dir dir;
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
    std::optional<rpc::server> server;
    endpoint where{"unix:@unused"};
    std::thread thread;
};

template <class F>
error_code error_of(F const& f)
{
    try
    {
        f();
    }
    catch (boost::system::system_error const& e)
    {
        return e.code();
    }
    return {};
}

rpc::client_options speaking(rpc::protocol protocol)
{
    rpc::client_options options;
    options.peer.protocol = protocol;
    return options;
}

struct point
{
    int x = 0;
    int y = 0;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

} // namespace

TEST_CASE("a call returns a value of the type that is asked for", "[concurrent]")
{
    auto service = plain_service();
    service.method("swap", [](point p) { return point{p.y, p.x}; });
    server_thread s{service};
    rpc::blocking_client client{s.where, speaking(both_protocols())};
    CHECK(client.call<int>("add", 2, 3) == 5);
    CHECK(client.call<double>("add", 2, 3) == 5.0);
    CHECK(client.call("add", 2, 3) == value{5});
    CHECK(client.call<std::string>("echo", "literal") == "literal");
    CHECK(client.call<std::string>("echo", std::string{"text"}) == "text");
    CHECK(client.call<std::vector<int>>("echo", std::vector{1, 2}) == std::vector{1, 2});
    CHECK(client.call<std::tuple<int>>("echo", std::tuple{1}) == std::tuple{1});
    CHECK(client.call<point>("swap", point{1, 2}).x == 2);
    client.call<void>("nothing");
    client.notify("nothing");
    CHECK(client.call_with<int>("add", std::tuple{2, 3}) == 5);
    CHECK(client.call_with<int>("add", array{2, 3}) == 5);
}

TEST_CASE("named parameters are given as a described struct or a map", "[concurrent]")
{
    rpc::service service;
    service.method("subtract", {"x", "y"}, [](int x, int y) { return x - y; });
    server_thread s{service};
    rpc::blocking_client client{s.where};
    CHECK(client.call_with<int>("subtract", point{5, 3}) == 2);
    CHECK(client.call_with<int>("subtract", std::map<std::string, int>{{"y", 1}, {"x", 4}}) == 3);
    CHECK(client.call_with<int>("subtract", object{{"y", 1}, {"x", 4}}) == 3);
}

TEST_CASE("what the other end answers instead of a result is thrown as rpc::error", "[concurrent]")
{
    server_thread s;
    rpc::blocking_client client{s.where, speaking(both_protocols())};
    try
    {
        client.call<int>("refuse");
        FAIL("nothing was thrown");
    }
    catch (rpc::error const& e)
    {
        CHECK(e.object() == rpc::error_object{17, "no", array{1, "x"}});
    }
    CHECK_THROWS_AS(client.call<int>("nope"), rpc::error);
    CHECK_THROWS_AS(client.call<void>("nope"), rpc::error);
    CHECK(client.call<int>("add", 2, 3) == 5);
}

TEST_CASE("a call that has no answer throws why, and the next call is served", "[concurrent]")
{
    std::vector<rpc::reply<int>> kept;
    auto service = plain_service();
    service.method("never", [&](rpc::reply<int> r) { kept.push_back(std::move(r)); });
    server_thread s{service};
    auto const protocol = both_protocols();
    auto options = speaking(protocol);
    options.peer.call_timeout = 1ms;
    rpc::blocking_client client{s.where, options};
    CHECK(error_of([&] { client.call<int>("never"); }) == rpc::errc::timed_out);
    CHECK(error_of([&] { client.call_with<int>("never", std::tuple{}, 2ms); }) == rpc::errc::timed_out);
    CHECK(error_of([&] {
              client.call_with<std::string>("add", std::tuple{1, 2}, 0ms);
          }) == rpc::errc::bad_result);
    CHECK(error_of([&] { client.call_with<int>("add", 5); }) == rpc::errc::bad_arguments);
    if (protocol == rpc::protocol::json)
    {
        CHECK(error_of([&] { client.call<int>("echo", "\xff"); }) == rpc::errc::bad_arguments);
        CHECK(error_of([&] { client.notify("echo", "\xff"); }) == rpc::errc::bad_arguments);
    }
    CHECK(client.call_with<int>("add", std::tuple{2, 3}, 1h) == 5);
}

TEST_CASE("connecting to nobody throws", "[concurrent]")
{
    temp_dir dir;
    CHECK(error_of([&] { rpc::blocking_client{endpoint{dir.endpoint()}}; }) ==
          boost::system::errc::no_such_file_or_directory);
    CHECK(error_of([&] {
              rpc::blocking_client{endpoint{dir.endpoint()}, plain_service()};
          }) == boost::system::errc::no_such_file_or_directory);
}

TEST_CASE("calls of several threads are under way at the same time", "[concurrent]")
{
    // Nobody is answered before all have called.
    std::vector<std::pair<int, rpc::reply<int>>> waiting;
    constexpr std::size_t threads = 4;
    rpc::service service;
    service.method("together", [&](rpc::reply<int> r, int n) {
        waiting.emplace_back(n, std::move(r));
        if (waiting.size() < threads)
            return;
        for (auto& [number, answer] : waiting)
            std::move(answer)(number * 2);
        waiting.clear();
    });
    server_thread s{service};
    rpc::blocking_client client{s.where, speaking(both_protocols())};
    std::atomic<int> right = 0;
    std::vector<std::thread> all;
    for (int t = 0; t < static_cast<int>(threads); ++t)
        all.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i)
                right += client.call<int>("together", t) == t * 2 ? 1 : 0;
        });
    for (auto& t : all)
        t.join();
    CHECK(right == 200);
}

TEST_CASE("the server calls methods that the client serves, within a call and outside of one", "[concurrent]")
{
    rpc::service service;
    service.method("ask back", [](rpc::call_context& call, rpc::reply<std::string> r) {
        call.caller().async_call<std::string>(
            "name", std::tuple{}, [r = std::move(r)](error_code ec, rpc::outcome<std::string> name) mutable {
                if (!ec)
                    std::move(r)("you are " + *name);
            });
    });
    service.method("tell me",
                   [](rpc::call_context& call) { return !call.caller().notify("told", std::tuple{7}); });
    server_thread s{service};
    std::promise<int> told;
    rpc::service mine;
    mine.method("name", [] { return std::string{"blocking"}; });
    mine.method("told", [&](int n) { told.set_value(n); });
    rpc::blocking_client client{s.where, mine, speaking(both_protocols())};
    CHECK(client.call<std::string>("ask back") == "you are blocking");
    CHECK(client.call<bool>("tell me"));
    CHECK(told.get_future().get() == 7);
}

TEST_CASE("a call from a method that the client serves throws, for it would wait for itself", "[concurrent]")
{
    rpc::service service = plain_service();
    service.method("call me", [](rpc::call_context& call) { return !call.caller().notify("called"); });
    server_thread s{service};
    rpc::blocking_client* self = nullptr;
    std::promise<bool> refused;
    rpc::service mine;
    mine.method("called", [&] {
        try
        {
            self->call<int>("add", 1, 2);
            refused.set_value(false);
        }
        catch (std::logic_error const&)
        {
            refused.set_value(true);
        }
    });
    rpc::blocking_client client{s.where, mine};
    self = &client;
    CHECK(client.call<bool>("call me"));
    CHECK(refused.get_future().get());
    CHECK(client.call<int>("add", 1, 2) == 3);
}

TEST_CASE("a call that waits when the server goes throws connection_lost, and later ones not_sent",
          "[concurrent]")
{
    std::vector<rpc::reply<int>> kept;
    std::promise<void> called;
    rpc::service service;
    service.method("never", [&](rpc::reply<int> r) {
        kept.push_back(std::move(r));
        called.set_value();
    });
    server_thread s{service};
    rpc::blocking_client client{s.where, speaking(both_protocols())};
    std::thread ending{[&] {
        called.get_future().wait();
        s.end();
    }};
    CHECK(error_of([&] { client.call_with<int>("never", std::tuple{}, 0ms); }) == rpc::errc::connection_lost);
    ending.join();
    CHECK(error_of([&] { client.call<int>("never"); }) == rpc::errc::not_sent);
    CHECK(error_of([&] { client.notify("never"); }) == rpc::errc::not_sent);
}

TEST_CASE("what was notified is sent before the client ends", "[concurrent]")
{
    std::promise<std::size_t> told;
    rpc::service service;
    service.method("tell", [&](std::string const& text) { told.set_value(text.size()); });
    server_thread s{service};
    {
        rpc::blocking_client client{s.where};
        client.notify("tell", std::string(1000000, 'x'));
    }
    CHECK(told.get_future().get() == 1000000);
}

TEST_CASE("the client ends although a call that it makes from a method of its own keeps it", "[concurrent]")
{
    std::vector<rpc::reply<int>> kept;
    std::promise<void> asked;
    rpc::service service;
    service.method("call me", [](rpc::call_context& call) { return !call.caller().notify("called"); });
    service.method("never", [&](rpc::reply<int> r) {
        kept.push_back(std::move(r));
        asked.set_value();
    });
    server_thread s{service};
    error_code end;
    rpc::service mine;
    mine.method("called", [&](rpc::call_context& call) {
        auto caller = call.caller();
        caller.async_call<int>("never", std::tuple{}, {.timeout = 0ms},
                               [&end, caller](error_code ec, rpc::outcome<int>) { end = ec; });
    });
    {
        rpc::blocking_client client{s.where, mine};
        CHECK(client.call<bool>("call me"));
        asked.get_future().wait();
    }
    CHECK(end == rpc::errc::connection_lost);
}
