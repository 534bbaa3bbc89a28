// SPDX-License-Identifier: BSL-1.0
//
// Connecting and accepting with each completion token.
#include <oizys/connect.hpp>
#include <oizys/listener.hpp>

#include "support.hpp"

#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <future>
#include <thread>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace posix = boost::system::errc;

namespace
{

struct fixture
{
    temp_dir dir;
    asio::io_context io;
    asio::any_io_executor executor = io.get_executor();
    listener server{executor, dir.endpoint()};
    endpoint const where = server.local_endpoint();
    endpoint const absent = dir.endpoint("absent");

    template <class T>
    bool wait(std::future<T>& future)
    {
        return run_until(io, [&] { return future.wait_for(0s) == std::future_status::ready; });
    }
};

} // namespace

TEST_CASE_METHOD(fixture, "callbacks")
{
    outcome accepted;
    outcome connected;
    server.async_accept(accepted.handler());
    async_connect(executor, where, connected.handler());
    REQUIRE(run_until(io, [&] { return accepted.calls == 1 && connected.calls == 1; }));
    CHECK(accepted.session->is_open());
    CHECK(connected.session->is_open());
}

TEST_CASE_METHOD(fixture, "options may be those of the session alone")
{
    outcome connected;
    async_connect(executor, where, {.max_message = 3}, connected.handler());
    REQUIRE(run_until(io, [&] { return connected.calls == 1; }));
    boost::system::error_code ec;
    connected.session->send(std::string_view{"four"}, ec);
    CHECK(ec == posix::message_size);
}

TEST_CASE_METHOD(fixture, "futures")
{
    auto accepted = server.async_accept(asio::use_future);
    auto connected = async_connect(executor, where, asio::use_future);
    auto failed = async_connect(executor, absent, connect_options{}, asio::use_future);
    REQUIRE((wait(accepted) && wait(connected) && wait(failed)));
    CHECK(accepted.get()->is_open());
    CHECK(connected.get()->is_open());
    CHECK_THROWS_AS(failed.get(), boost::system::system_error);
}

TEST_CASE_METHOD(fixture, "a future may be waited for on another thread", "[concurrent]")
{
    auto work = asio::make_work_guard(io);
    std::thread loop{[&] { io.run(); }};
    auto connected = async_connect(executor, where, asio::use_future).get();
    CHECK(connected != nullptr);
    asio::post(io, [&, session = std::move(connected)]() mutable {
        session.reset();
        work.reset();
    });
    loop.join();
}

TEST_CASE_METHOD(fixture, "coroutines")
{
    bool done = false;
    auto const conversation = [&]() -> asio::awaitable<void> {
        auto const connected = co_await async_connect(executor, where, asio::use_awaitable);
        auto const accepted = co_await server.async_accept(asio::use_awaitable);
        CHECK((connected->is_open() && accepted->is_open()));
        auto const [ec, nothing] =
            co_await async_connect(executor, absent, {.timeout = 1s}, asio::as_tuple(asio::use_awaitable));
        CHECK(ec == posix::no_such_file_or_directory);
        CHECK(nothing == nullptr);
        done = true;
    };
    asio::co_spawn(executor, conversation, asio::detached);
    CHECK(run_until(io, [&] { return done; }));
}

TEST_CASE_METHOD(fixture, "stackful coroutines")
{
    bool done = false;
    auto const conversation = [&](asio::yield_context yield) {
        auto const connected = async_connect(executor, where, yield);
        auto const accepted = server.async_accept(yield);
        CHECK((connected->is_open() && accepted->is_open()));
        boost::system::error_code ec;
        async_connect(executor, absent, session_options{}, yield[ec]);
        CHECK(ec == posix::no_such_file_or_directory);
        done = true;
    };
    asio::spawn(executor, conversation, asio::detached);
    CHECK(run_until(io, [&] { return done; }));
}

TEST_CASE_METHOD(fixture, "operations that are started later")
{
    outcome connected;
    auto operation = async_connect(executor, where, asio::deferred);
    CHECK(io.poll() == 0);
    std::move(operation)(connected.handler());
    CHECK(run_until(io, [&] { return connected.calls == 1; }));
    CHECK(!connected.ec);
}

TEST_CASE("a coroutine that owns its listener goes with the io_context")
{
    temp_dir const dir;
    auto const owned = std::make_shared<int>();
    {
        asio::io_context io;
        auto const serve = [](listener server, std::shared_ptr<int>) -> asio::awaitable<void> {
            co_await server.async_accept(asio::use_awaitable);
        };
        asio::co_spawn(io, serve(listener{io.get_executor(), dir.endpoint()}, owned), asio::detached);
        io.poll();
        CHECK(owned.use_count() == 2);
    }
    CHECK(owned.use_count() == 1);
    CHECK(!std::filesystem::exists(dir.file("socket")));
}
