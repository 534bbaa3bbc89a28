// SPDX-License-Identifier: BSL-1.0
//
// What a service tells systemd, as it arrives at a real notify socket; and that a loop which is stuck is silent.
#include "support.hpp"

#include <oizys/systemd.hpp>

#include "integration/endpoint/support.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <poll.h>

#include <future>
#include <thread>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace posix = boost::system::errc;

namespace
{

/// The socket of systemd's end.
class notify_socket
{
public:
    explicit notify_socket(bool is_abstract = false)
        : fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)}
    {
        name_ = is_abstract ? "@oizys-notify-" + std::to_string(::getpid()) : dir_.file("notify");
        auto const address = address_of("unix:" + name_);
        REQUIRE(::bind(fd_.get(), address.data(), address.size) == 0);
    }

    std::string const& name() const { return name_; }

    /// The next message, if there is one.
    std::optional<std::string> poll(std::chrono::milliseconds timeout = 0ms)
    {
        ::pollfd wanted{.fd = fd_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&wanted, 1, static_cast<int>(timeout.count())) != 1)
            return std::nullopt;
        char buffer[1024];
        auto const n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
        REQUIRE(n >= 0);
        return std::string(buffer, static_cast<std::size_t>(n));
    }

    std::string next() { return poll(10s).value_or("nothing"); }

private:
    temp_dir dir_;
    unique_fd fd_;
    std::string name_;
};

std::string microseconds(std::chrono::microseconds time) { return std::to_string(time.count()); }

} // namespace

TEST_CASE("each notification arrives, over a path and over an abstract name")
{
    notify_socket systemd_end{GENERATE(false, true)};
    variable const socket{"NOTIFY_SOCKET", systemd_end.name()};
    CHECK(systemd::is_notified());
    CHECK(!systemd::notify_ready());
    CHECK(systemd_end.next() == "READY=1");
    CHECK(!systemd::notify_status("serving 3 clients"));
    CHECK(systemd_end.next() == "STATUS=serving 3 clients");
    CHECK(!systemd::notify_reloading());
    CHECK_THAT(systemd_end.next(), Catch::StartsWith("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(!systemd::notify_alive());
    CHECK(systemd_end.next() == "WATCHDOG=1");
    CHECK(!systemd::notify_stopping());
    CHECK(systemd_end.next() == "STOPPING=1");
}

TEST_CASE("a status is one line, whatever is in it")
{
    notify_socket systemd_end;
    variable const socket{"NOTIFY_SOCKET", systemd_end.name()};
    CHECK(!systemd::notify_status(std::string_view{"a\nMAINPID=1\r\tb\0c\x7f \xc3\xbc", 20}));
    CHECK(systemd_end.next() == "STATUS=a MAINPID=1  b c  \xc3\xbc");
    CHECK(!systemd::notify_status(""));
    CHECK(systemd_end.next() == "STATUS=");
}

TEST_CASE("without systemd there is nobody to tell, and that is no error")
{
    variable const socket{"NOTIFY_SOCKET", std::nullopt};
    variable const limit{"WATCHDOG_USEC", "20000"};
    CHECK(!systemd::is_notified());
    CHECK(!systemd::notify_ready());
    CHECK(!systemd::notify_status("x"));
    CHECK(!systemd::notify_reloading());
    CHECK(!systemd::notify_stopping());
    CHECK(!systemd::notify_alive());
    asio::io_context io;
    systemd::watchdog watched{io.get_executor()};
    CHECK(!watched.is_active());
    CHECK(watched.limit() == 0us);
    CHECK(!watched.last_error());
    watched.stop();
    CHECK(io.run() == 0);
}

TEST_CASE("a notification that cannot be sent is an error")
{
    temp_dir const dir;
    SECTION("nobody is there")
    {
        variable const socket{"NOTIFY_SOCKET", dir.file("absent")};
        CHECK(systemd::notify_ready() == posix::no_such_file_or_directory);
        CHECK(systemd::notify_status("x") == posix::no_such_file_or_directory);
    }
    SECTION("not a name of a socket")
    {
        variable const socket{"NOTIFY_SOCKET", "nonsense"};
        CHECK(systemd::notify_ready().failed());
    }
}

TEST_CASE("a loop that turns says so again and again, until it is stopped")
{
    notify_socket systemd_end;
    variable const socket{"NOTIFY_SOCKET", systemd_end.name()};
    variable const limit{"WATCHDOG_USEC", microseconds(20ms)};
    variable const pid{"WATCHDOG_PID",
                       GENERATE(false, true) ? std::optional{std::to_string(::getpid())} : std::nullopt};
    asio::io_context io;
    systemd::watchdog watched{io.get_executor()};
    CHECK(watched.is_active());
    CHECK(watched.limit() == 20ms);
    for (int i = 0; i < 3; ++i)
    {
        std::optional<std::string> said;
        CHECK(run_until(io, [&] { return (said = systemd_end.poll()).has_value(); }));
        CHECK(said == "WATCHDOG=1");
    }
    CHECK(!watched.last_error());
    SECTION("stopped")
    {
        watched.stop();
        CHECK(!watched.is_active());
    }
    SECTION("destroyed") { systemd::watchdog const moved{std::move(watched)}; }
    while (systemd_end.poll())
        ;
    io.restart();
    io.run(); // returns: nothing is left to wait for
    CHECK(!systemd_end.poll());
}

TEST_CASE("a watchdog that cannot tell goes on trying, and says why")
{
    temp_dir const dir;
    variable const socket{"NOTIFY_SOCKET", dir.file("absent")};
    variable const limit{"WATCHDOG_USEC", microseconds(2ms)};
    asio::io_context io;
    systemd::watchdog const watched{io.get_executor()};
    CHECK(run_until(io, [&] { return watched.last_error().failed(); }));
    CHECK(watched.last_error() == posix::no_such_file_or_directory);
    CHECK(watched.is_active());
}

TEST_CASE("a process that is not watched, or another one, has no watchdog")
{
    notify_socket systemd_end;
    variable const socket{"NOTIFY_SOCKET", systemd_end.name()};
    bool const is_other = GENERATE(true, false);
    variable const limit{"WATCHDOG_USEC", is_other ? std::optional{microseconds(20ms)} : std::nullopt};
    variable const pid{"WATCHDOG_PID", is_other ? std::optional{std::to_string(::getppid())} : std::nullopt};
    asio::io_context io;
    systemd::watchdog const watched{io.get_executor()};
    CHECK(!watched.is_active());
    CHECK(io.run() == 0);
}

TEST_CASE("a limit that makes no sense is an error, and one beyond all measure is not")
{
    notify_socket systemd_end;
    variable const socket{"NOTIFY_SOCKET", systemd_end.name()};
    asio::io_context io;
    SECTION("nonsense")
    {
        variable const limit{"WATCHDOG_USEC", GENERATE(values<std::string>({"x", "0", "-1"}))};
        CHECK_THROWS_AS(systemd::watchdog{io.get_executor()}, boost::system::system_error);
        boost::system::error_code ec;
        systemd::watchdog const watched{io.get_executor(), ec};
        CHECK(ec.failed());
        CHECK(!watched.is_active());
    }
    SECTION("very long")
    {
        variable const limit{"WATCHDOG_USEC", "18446744073709551614"};
        systemd::watchdog const watched{io.get_executor()};
        CHECK(watched.is_active());
        CHECK(io.poll() == 0);
    }
    SECTION("very short")
    {
        variable const limit{"WATCHDOG_USEC", "1"};
        systemd::watchdog const watched{io.get_executor()};
        std::optional<std::string> said;
        CHECK(run_until(io, [&] { return (said = systemd_end.poll()).has_value(); }));
    }
}

TEST_CASE("a loop that is stuck is silent until it turns again", "[concurrent]")
{
    constexpr auto limit = 20ms;
    notify_socket systemd_end;
    variable const socket{"NOTIFY_SOCKET", systemd_end.name()};
    variable const usec{"WATCHDOG_USEC", microseconds(limit)};
    asio::io_context io{1};
    systemd::watchdog watched{io.get_executor()};
    std::promise<void> stuck;
    std::promise<void> release;
    asio::post(io, [&] {
        stuck.set_value();
        release.get_future().wait_for(30s);
    });
    std::thread loop{[&] { io.run(); }};
    stuck.get_future().wait();
    while (systemd_end.poll())
        ;
    auto const while_stuck = systemd_end.poll(5 * limit);
    release.set_value();
    auto const afterwards = systemd_end.next();
    asio::post(io, [&] { watched.stop(); });
    loop.join();
    CHECK(!while_stuck);
    CHECK(afterwards == "WATCHDOG=1");
}
