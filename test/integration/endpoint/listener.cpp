// SPDX-License-Identifier: BSL-1.0
//
// Accepting connections over each kind of endpoint, and what comes between.
#include <oizys/connect.hpp>
#include <oizys/error.hpp>
#include <oizys/listener.hpp>

#include "support.hpp"

#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <set>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace posix = boost::system::errc;

namespace
{

/// Connects to the listener and sends one message each way.
void check_conversation(asio::io_context& io, listener& server, endpoint const& where)
{
    outcome accepted;
    outcome connected;
    server.async_accept(accepted.handler());
    async_connect(io.get_executor(), where, connected.handler());
    REQUIRE(run_until(io, [&] { return accepted.calls == 1 && connected.calls == 1; }));
    REQUIRE(!accepted.ec);
    REQUIRE(!connected.ec);

    std::string answer;
    accepted.session->set_onmessage([&](std::string const& m) { accepted.session->send(m + "!"); });
    connected.session->set_onmessage([&](std::string const& m) { answer = m; });
    connected.session->send("hello");
    CHECK(run_until(io, [&] { return answer == "hello!"; }));
}

/// The sockets that are open now.
std::set<int> open_sockets()
{
    std::set<int> result;
    for (int fd = 0; fd < 1024; ++fd)
    {
        struct ::stat status
        {};
        if (::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode))
            result.insert(fd);
    }
    return result;
}

int option_of(int fd, int level, int name)
{
    int value = 0;
    socklen_t size = sizeof value;
    REQUIRE(::getsockopt(fd, level, name, &value, &size) == 0);
    return value;
}

/// While it lives, the process cannot open anything.
class no_descriptors
{
public:
    no_descriptors()
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        int const lowest_free = ::dup(0);
        ::close(lowest_free);
        ::rlimit const now{.rlim_cur = static_cast<::rlim_t>(lowest_free), .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &now);
    }
    no_descriptors(no_descriptors const&) = delete;
    no_descriptors& operator=(no_descriptors const&) = delete;
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    ::rlimit before_{};
};

} // namespace

TEST_CASE("sessions over a path")
{
    temp_dir const dir;
    asio::io_context io;
    listener server{io.get_executor(), dir.endpoint()};
    CHECK(server.is_open());
    CHECK(server.local_endpoint() == dir.endpoint());
    CHECK(server.get_executor() == io.get_executor());
    check_conversation(io, server, dir.endpoint());
}

TEST_CASE("sessions over an abstract name, which belongs to one listener")
{
    asio::io_context io;
    endpoint const where{"unix:@oizys-test-" + std::to_string(::getpid())};
    std::optional<listener> server{std::in_place, io.get_executor(), where};
    check_conversation(io, *server, where);

    boost::system::error_code ec;
    listener const second{io.get_executor(), where, {}, ec};
    CHECK(ec == errc::address_in_use);
    server.reset();
    listener const third{io.get_executor(), where};
}

TEST_CASE("sessions over tcp, on a port that the system chooses")
{
    asio::io_context io;
    listener server{io.get_executor(), "tcp:127.0.0.1:0"};
    auto const where = server.local_endpoint();
    CHECK(where.port() != 0);
    check_conversation(io, server, where);

    boost::system::error_code ec;
    listener const second{io.get_executor(), where, {}, ec};
    CHECK(ec == errc::address_in_use);
}

TEST_CASE("sessions over IPv6")
{
    asio::io_context io;
    boost::system::error_code ec;
    listener server{io.get_executor(), "tcp:[::1]:0", {}, ec};
    if (ec == posix::address_family_not_supported || ec == posix::address_not_available)
    {
        WARN("SKIPPED: this machine has no IPv6 loopback (" << ec.message() << ")");
        return;
    }
    REQUIRE(!ec);
    check_conversation(io, server, server.local_endpoint());
}

TEST_CASE("the addresses of a host name are tried one after the other")
{
    asio::io_context io;
    listener server{io.get_executor(), "tcp:127.0.0.1:0"}; // "localhost" may also be ::1
    check_conversation(io, server, endpoint{"tcp:localhost:0"}.with_port(server.local_endpoint().port()));

    listener by_name{io.get_executor(), "tcp:localhost:0"};
    check_conversation(io, by_name, by_name.local_endpoint());
}

TEST_CASE("a listener that cannot be opened throws, and names the endpoint")
{
    asio::io_context io;
    try
    {
        listener const server{io.get_executor(), "unix:/nonexistent-oizys/socket"};
        FAIL("not thrown");
    }
    catch (boost::system::system_error const& e)
    {
        CHECK(e.code() == posix::no_such_file_or_directory);
        CHECK_THAT(e.what(), Catch::Contains("/nonexistent-oizys/socket"));
    }
    CHECK_THROWS_AS((listener{io.get_executor(), endpoint{}}), boost::system::system_error);
    CHECK_THROWS_AS((listener{io.get_executor(), "tcp:" + std::string(300, 'a') + ":1"}),
                    boost::system::system_error);
}

TEST_CASE("accepting on a listener that is not open fails")
{
    temp_dir const dir;
    asio::io_context io;
    boost::system::error_code ec;
    listener server{io.get_executor(), "unix:/nonexistent-oizys/socket", {}, ec};
    CHECK(!server.is_open());
    SECTION("never opened") {}
    SECTION("closed")
    {
        server = listener{io.get_executor(), dir.endpoint()};
        server.close();
    }
    outcome accepted;
    server.async_accept(accepted.handler());
    CHECK(accepted.calls == 0);
    io.run_for(10s);
    CHECK(accepted.ec == asio::error::bad_descriptor);
}

TEST_CASE("one accept can be pending at a time")
{
    temp_dir const dir;
    asio::io_context io;
    listener server{io.get_executor(), dir.endpoint()};
    outcome first;
    outcome second;
    server.async_accept(first.handler());
    server.async_accept(second.handler());
    io.poll();
    CHECK(second.ec == asio::error::already_started);
    auto const client = raw_connect(dir.endpoint());
    CHECK(run_until(io, [&] { return first.calls == 1; }));
    CHECK(!first.ec);
}

TEST_CASE("a pending accept ends when the listener is closed or destroyed")
{
    temp_dir const dir;
    asio::io_context io;
    std::optional<listener> server{std::in_place, io.get_executor(), dir.endpoint()};
    outcome accepted;
    server->async_accept(accepted.handler());
    SECTION("closed") { server->close(); }
    SECTION("destroyed") { server.reset(); }
    SECTION("assigned to") { server = listener{io.get_executor(), dir.endpoint("other")}; }
    CHECK(accepted.calls == 0);
    CHECK(run_until(io, [&] { return accepted.calls == 1; }));
    CHECK(accepted.ec == asio::error::operation_aborted);
    CHECK(accepted.session == nullptr);
    CHECK(io.run_for(10s) == 0);
}

TEST_CASE("a listener may be destroyed within the handler of its accept")
{
    temp_dir const dir;
    asio::io_context io;
    auto server = std::make_unique<listener>(io.get_executor(), dir.endpoint());
    bool called = false;
    server->async_accept([&](boost::system::error_code ec, std::shared_ptr<session>) {
        CHECK(!ec);
        server.reset();
        called = true;
    });
    auto const client = raw_connect(dir.endpoint());
    CHECK(run_until(io, [&] { return called; }));
}

TEST_CASE("a cancelled accept loses no connection")
{
    temp_dir const dir;
    asio::io_context io;
    listener server{io.get_executor(), dir.endpoint()};
    asio::cancellation_signal stop;
    outcome first;
    server.async_accept(asio::bind_cancellation_slot(stop.slot(), first.handler()));
    if (GENERATE(true, false))
        io.poll();
    auto const client = raw_connect(dir.endpoint());
    stop.emit(asio::cancellation_type::terminal);
    CHECK(first.calls == 0);
    CHECK(run_until(io, [&] { return first.calls == 1; }));
    CHECK(first.ec == asio::error::operation_aborted);

    outcome second;
    server.async_accept(second.handler());
    CHECK(run_until(io, [&] { return second.calls == 1; }));
    CHECK(!second.ec);
}

TEST_CASE("accept waits for descriptors without turning in circles, then goes on")
{
    temp_dir const dir;
    asio::io_context io;
    std::vector<std::string> log;
    listener server{io.get_executor(),
                    dir.endpoint(),
                    {.accept_backoff = 1ms, .log = [&](log_event const& e) { log.push_back(to_logfmt(e)); }}};
    listener idle{io.get_executor(), dir.endpoint("idle"), {.accept_backoff = 1h}};
    auto const client = raw_connect(dir.endpoint());
    auto const idle_client = raw_connect(dir.endpoint("idle"));
    outcome accepted;
    outcome waiting;
    server.async_accept(accepted.handler());
    REQUIRE(run_until(io, [&] { return accepted.calls == 1; }));
    auto const late_client = raw_connect(dir.endpoint());

    std::size_t turns = 0;
    {
        no_descriptors const none; // no CHECK in here: some sanitizers want descriptors for their checks
        io.restart();              // it had run out of work, and would do nothing
        idle.async_accept(waiting.handler());
        io.poll(); // the event loop learns of its sockets
        turns = io.poll();
        server.async_accept(accepted.handler());
        for (int i = 0; i < 3; ++i)
            io.run_one_for(10s); // a back-off has passed, in vain
    }
    CHECK(turns == 0); // it waited for its timer and nothing else, though a connection was there
    CHECK(accepted.calls == 1);
    CHECK(run_until(io, [&] { return accepted.calls == 2; }));
    CHECK(!accepted.ec);
    CHECK(server.counters().accept_errors >= 3);
    CHECK(server.counters().accepted == 2);
    CHECK(log ==
          std::vector{"level=warning text=\"cannot accept connections: Too many open files; trying again "
                      "every 1 ms\" endpoint=" +
                      dir.endpoint() + " error=\"Too many open files\""}); // once for all tries

    idle.close();
    CHECK(run_until(io, [&] { return waiting.calls == 1; }));
    CHECK(waiting.ec == asio::error::operation_aborted);
}

TEST_CASE("no socket is inherited by programs that are executed")
{
    temp_dir const dir;
    asio::io_context io;
    auto const before = open_sockets();
    auto const where = GENERATE_REF(values<endpoint>({dir.endpoint(), "tcp:127.0.0.1:0"}));
    listener server{io.get_executor(), where};
    outcome accepted;
    outcome connected;
    server.async_accept(accepted.handler());
    async_connect(io.get_executor(), server.local_endpoint(), connected.handler());
    REQUIRE(run_until(io, [&] { return accepted.calls == 1 && connected.calls == 1; }));

    int opened = 0;
    for (int const fd : open_sockets())
    {
        if (before.contains(fd))
            continue;
        ++opened;
        CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        // And tcp does not hold small messages back.
        if (where.kind() == endpoint_kind::tcp && option_of(fd, SOL_SOCKET, SO_ACCEPTCONN) == 0)
            CHECK(option_of(fd, IPPROTO_TCP, TCP_NODELAY) != 0);
    }
    CHECK(opened == 3);
}

TEST_CASE("many connections that arrive at once are all accepted")
{
    temp_dir const dir;
    asio::io_context io;
    listener server{io.get_executor(), dir.endpoint()};
    std::vector<std::shared_ptr<session>> sessions;
    std::function<void(boost::system::error_code, std::shared_ptr<session>)> const on_accept =
        [&](boost::system::error_code ec, std::shared_ptr<session> s) {
            REQUIRE(!ec);
            sessions.push_back(std::move(s));
            if (sessions.size() < 200)
                server.async_accept(on_accept);
        };
    server.async_accept(on_accept);
    std::vector<unique_fd> clients;
    for (int i = 0; i < 200; ++i)
        clients.push_back(raw_connect(dir.endpoint()));
    CHECK(run_until(io, [&] { return sessions.size() == 200; }));
}
