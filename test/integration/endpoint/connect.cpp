// SPDX-License-Identifier: BSL-1.0
//
// How async_connect fails, waits, gives up and is cancelled. Success is in the tests of the listener.
#include <oizys/connect.hpp>
#include <oizys/error.hpp>

#include "stranger.hpp"
#include "support.hpp"

#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <sched.h>
#include <sys/mount.h>

#include <fstream>
#include <iostream>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace posix = boost::system::errc;

namespace
{

boost::system::error_code connect_error(endpoint const& where)
{
    asio::io_context io;
    outcome result;
    async_connect(io.get_executor(), where, result.handler());
    CHECK(result.calls == 0);
    CHECK(run_until(io, [&] { return result.calls == 1; }));
    CHECK(result.session == nullptr);
    return result.ec;
}

/// A tcp endpoint where nobody listens: a listener that is gone had it.
endpoint deserted_port()
{
    auto const fd = raw_listen("tcp:127.0.0.1:0", 1);
    asio::ip::tcp::endpoint local;
    auto size = static_cast<socklen_t>(local.capacity());
    REQUIRE(::getsockname(fd.get(), local.data(), &size) == 0);
    return endpoint{"tcp:127.0.0.1:0"}.with_port(local.port());
}

} // namespace

TEST_CASE("connecting to a path where nothing is fails with the system's error")
{
    temp_dir const dir;
    CHECK(connect_error(dir.endpoint("absent")) == posix::no_such_file_or_directory);
    CHECK(connect_error(dir.endpoint("absent/absent")) == posix::no_such_file_or_directory);
}

TEST_CASE("connecting where nobody listens is refused")
{
    temp_dir const dir;
    raw_listen(dir.endpoint(), 1); // closed at once: the file stays behind
    CHECK(connect_error(dir.endpoint()) == posix::connection_refused);
    CHECK(connect_error("unix:@oizys-test-nobody-listens-here") == posix::connection_refused);
    CHECK(connect_error(deserted_port()) == posix::connection_refused);

    std::ofstream{dir.file("text")} << "not a socket";
    CHECK(connect_error(dir.endpoint("text")) == posix::connection_refused);
}

TEST_CASE("connecting to an endpoint that leads nowhere is a bad endpoint")
{
    CHECK(connect_error("tcp:127.0.0.1:0") == errc::bad_endpoint);
    CHECK(connect_error(endpoint{}) == errc::bad_endpoint);
}

TEST_CASE("a host name that does not exist fails")
{
    // Longer than a name may be: the answer needs no network.
    CHECK(connect_error("tcp:" + std::string(300, 'a') + ":1") == asio::error::host_not_found);
}

TEST_CASE("connecting gives up at its timeout")
{
    temp_dir const dir;
    endpoint where = dir.endpoint();
    unique_fd server;
    SECTION("to a Unix socket whose queue is full") { server = raw_listen(where, 0); }
    SECTION("to a tcp port that does not answer")
    {
        where = deserted_port();
        server = raw_listen(where, 0);
    }
    auto const waiting = fill_backlog(where);

    asio::io_context io;
    outcome result;
    async_connect(io.get_executor(), where, {.timeout = 30ms}, result.handler());
    CHECK(run_until(io, [&] { return result.calls == 1; }));
    CHECK(result.ec == asio::error::timed_out);
    CHECK(io.run_for(10s) == 0); // nothing was left waiting
}

TEST_CASE("a full queue is waited for, not an error")
{
    temp_dir const dir;
    auto const server = raw_listen(dir.endpoint(), 0);
    auto const waiting = fill_backlog(dir.endpoint());

    asio::io_context io;
    outcome result;
    async_connect(io.get_executor(), dir.endpoint(), {.timeout = 0ms}, result.handler());
    io.poll(); // the first attempt has found it full
    CHECK(result.calls == 0);
    unique_fd const first{::accept(server.get(), nullptr, nullptr)};
    CHECK(run_until(io, [&] { return result.calls == 1; }));
    CHECK(!result.ec);
    CHECK(result.session != nullptr);
}

TEST_CASE("connecting is cancelled through the handler's slot")
{
    temp_dir const dir;
    endpoint where = dir.endpoint();
    unique_fd server;
    SECTION("Unix") { server = raw_listen(where, 0); }
    SECTION("tcp")
    {
        where = deserted_port();
        server = raw_listen(where, 0);
    }
    auto const waiting = fill_backlog(where);

    asio::io_context io;
    asio::cancellation_signal stop;
    outcome result;
    async_connect(io.get_executor(), where, asio::bind_cancellation_slot(stop.slot(), result.handler()));
    if (GENERATE(true, false))
        io.poll(); // else it is cancelled before its first attempt
    stop.emit(asio::cancellation_type::terminal);
    CHECK(result.calls == 0); // never inside emit()
    CHECK(run_until(io, [&] { return result.calls == 1; }));
    CHECK(result.ec == asio::error::operation_aborted);
    stop.emit(asio::cancellation_type::terminal); // late: there is nothing to cancel
    CHECK(io.run_for(10s) == 0);
    CHECK(result.calls == 1);
}

TEST_CASE("the handler runs on its own executor, which is kept from running out of work")
{
    asio::io_context io;
    asio::io_context other;
    outcome result;
    async_connect(io.get_executor(), "unix:@oizys-test-nobody-listens-here",
                  asio::bind_executor(other.get_executor(), result.handler()));
    other.poll();
    CHECK(!other.stopped());
    io.run_for(10s);
    CHECK(result.calls == 0);
    other.run_for(10s);
    CHECK(result.calls == 1);
    CHECK(result.ec == posix::connection_refused);
}

TEST_CASE("an attempt that is under way goes with its io_context")
{
    temp_dir const dir;
    auto const server = raw_listen(dir.endpoint(), 0);
    auto const waiting = fill_backlog(dir.endpoint());
    auto const owned = std::make_shared<int>();
    {
        asio::io_context io;
        async_connect(io.get_executor(), dir.endpoint(),
                      [owned](boost::system::error_code, auto) { FAIL("called"); });
        io.poll();
        CHECK(owned.use_count() == 2);
    }
    CHECK(owned.use_count() == 1);
}

TEST_CASE("an address that does not answer leaves time for the next one")
{
    if (!can_be_others())
        return;
    auto const silent = GENERATE("127.0.0.1", "127.0.0.2"); // the one that comes first is in the way
    temp_dir const dir;
    std::ofstream{dir.file("hosts")} << "127.0.0.1 oizys-two\n127.0.0.2 oizys-two\n";
    constexpr int no_hosts = 50;
    stranger other{{.uid = 0, .gid = 0}, [&] {
                       bool const has_hosts =
                           ::unshare(CLONE_NEWNS) == 0 &&
                           ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                           ::mount(dir.file("hosts").c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0;
                       if (!has_hosts)
                           return no_hosts;
                       auto const address = [](std::string const& host, std::uint16_t port) {
                           return endpoint{"tcp:" + host + ":0"}.with_port(port);
                       };
                       auto const hole = raw_listen(address(silent, 0), 0);
                       asio::ip::tcp::endpoint local;
                       auto size = static_cast<socklen_t>(local.capacity());
                       if (::getsockname(hole.get(), local.data(), &size) != 0)
                           return 1;
                       auto const filled = fill_backlog(address(silent, local.port()));
                       auto const answers = silent == std::string{"127.0.0.1"} ? "127.0.0.2" : "127.0.0.1";
                       auto const alive = raw_listen(address(answers, local.port()), 8);
                       asio::io_context io;
                       outcome result;
                       async_connect(io.get_executor(), address("oizys-two", local.port()), {.timeout = 2s},
                                     result.handler());
                       if (!run_until(io, [&] { return result.calls == 1; }))
                           return 2;
                       return result.ec ? 3 : 0;
                   }};
    auto const result = other.result();
    if (result == no_hosts)
        std::cout << "OIZYS_SKIPPED: /etc/hosts cannot be replaced\n";
    else
        CHECK(result == 0);
}

TEST_CASE("options in braces are those of connecting, or of the session by their names")
{
    temp_dir const dir;
    auto const server = raw_listen(dir.endpoint(), 8);
    asio::io_context io;
    outcome by_default;
    outcome of_connecting;
    outcome of_session;
    async_connect(io.get_executor(), dir.endpoint(), {}, by_default.handler());
    async_connect(io.get_executor(), dir.endpoint(), {.timeout = 5s}, of_connecting.handler());
    async_connect(io.get_executor(), dir.endpoint(), {.framing = framing::newline}, of_session.handler());
    REQUIRE(run_until(io, [&] { return by_default.session && of_connecting.session && of_session.session; }));
    CHECK(of_session.session->framing() == framing::newline);
}
