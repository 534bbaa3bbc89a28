// SPDX-License-Identifier: BSL-1.0
//
// The file of a Unix socket: who may replace it, who removes it, and who may connect.
#include <oizys/error.hpp>
#include <oizys/listener.hpp>

#include "stranger.hpp"
#include "support.hpp"

#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>

using namespace oizys;
using namespace oizys::test;
namespace asio = boost::asio;
namespace posix = boost::system::errc;
namespace fs = std::filesystem;

namespace
{

struct fixture
{
    temp_dir dir;
    asio::io_context io;
    endpoint const where = dir.endpoint();
    std::string const path = dir.file("socket");

    boost::system::error_code listen_error(listener_options const& options = {})
    {
        boost::system::error_code ec;
        listener const server{io.get_executor(), where, options, ec};
        CHECK(server.is_open() == !ec);
        return ec;
    }

    /// Leaves the file of a listener that died.
    void make_stale() { raw_listen(where, 1); }

    bool is_served() { return static_cast<bool>(raw_connect(where)); }
};

unsigned mode_of(std::string const& path)
{
    struct ::stat status
    {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

class umask_of
{
public:
    explicit umask_of(::mode_t mask) : before_{::umask(mask)} {}
    umask_of(umask_of const&) = delete;
    umask_of& operator=(umask_of const&) = delete;
    ~umask_of() { ::umask(before_); }

private:
    ::mode_t before_;
};

} // namespace

TEST_CASE_METHOD(fixture, "the socket's file is there while the listener is open")
{
    std::optional<listener> server{std::in_place, io.get_executor(), where};
    CHECK(fs::is_socket(path));
    SECTION("closed")
    {
        server->close();
        server->close(); // again: nothing happens
    }
    SECTION("destroyed") { server.reset(); }
    CHECK(!fs::exists(path));
    CHECK(fs::is_empty(dir.path())); // nothing else stays behind either
}

TEST_CASE_METHOD(fixture, "the file of a dead process is replaced")
{
    make_stale();
    REQUIRE(fs::is_socket(path));
    REQUIRE(!is_served());
    listener const server{io.get_executor(), where};
    CHECK(is_served());
}

TEST_CASE_METHOD(fixture, "a live socket is left alone")
{
    auto const backlog = GENERATE(8, 0);
    auto const server = raw_listen(where, backlog);
    auto const waiting = fill_backlog(where); // with a full queue it lives no less
    CHECK(listen_error() == errc::address_in_use);
    CHECK(fs::is_socket(path));
}

TEST_CASE_METHOD(fixture, "a live socket of another type is left alone")
{
    unique_fd const datagrams{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    auto const address = address_of(where);
    REQUIRE(::bind(datagrams.get(), address.data(), address.size) == 0);
    CHECK(listen_error() == errc::address_in_use);
    CHECK(fs::is_socket(path));
}

TEST_CASE_METHOD(fixture, "what is not a socket is left alone")
{
    SECTION("file") { std::ofstream{path} << "precious"; }
    SECTION("folder") { fs::create_directory(path); }
    SECTION("link that leads nowhere") { fs::create_symlink("absent", path); }
    SECTION("link to a stale socket")
    {
        raw_listen(dir.endpoint("other"), 1);
        fs::create_symlink("other", path);
    }
    CHECK(listen_error() == errc::not_a_socket);
    CHECK(fs::symlink_status(path).type() != fs::file_type::not_found);
}

TEST_CASE_METHOD(fixture, "a path of 107 bytes can be listened on")
{
    auto const longest = dir.file(std::string(106 - dir.path().string().size(), 'x'));
    REQUIRE(longest.size() == 107);
    {
        listener const server{io.get_executor(), "unix:" + longest};
        CHECK(fs::is_socket(longest));
        CHECK(raw_connect("unix:" + longest));
    }
    CHECK(!fs::exists(longest));
    CHECK_THROWS(listener{io.get_executor(), "unix:" + longest + "x"});
}

TEST_CASE_METHOD(fixture, "the file of a successor is not removed")
{
    std::optional<listener> first{std::in_place, io.get_executor(), where};
    fs::remove(path);
    listener const second{io.get_executor(), where};
    first.reset();
    CHECK(fs::is_socket(path));
    CHECK(is_served());
}

TEST_CASE_METHOD(fixture, "a forked child does not remove the file")
{
    std::optional<listener> server{std::in_place, io.get_executor(), where};
    io.notify_fork(asio::execution_context::fork_prepare);
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0)
    {
        io.notify_fork(asio::execution_context::fork_child);
        server.reset();
        ::_exit(0);
    }
    io.notify_fork(asio::execution_context::fork_parent);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(fs::is_socket(path));

    outcome accepted;
    server->async_accept(accepted.handler());
    auto const client = raw_connect(where);
    CHECK(run_until(io, [&] { return accepted.calls == 1; }));
    CHECK(!accepted.ec);
}

TEST_CASE_METHOD(fixture, "the file is removed though the process went to another folder")
{
    auto const before = fs::current_path();
    fs::current_path(dir.path());
    std::optional<listener> server{std::in_place, io.get_executor(), "unix:socket"};
    CHECK(fs::is_socket(path));
    fs::current_path(before);
    server.reset();
    CHECK(!fs::exists(path));
}

TEST_CASE_METHOD(fixture, "the file has the permissions that were asked for, whatever the umask")
{
    umask_of const mask{GENERATE(as<::mode_t>{}, 0, 022, 077)};
    {
        listener const server{io.get_executor(), where};
        CHECK(mode_of(path) == 0600);
    }
    listener const server{io.get_executor(), where, {.socket_mode = 0666}};
    CHECK(mode_of(path) == 0666);
}

TEST_CASE_METHOD(fixture,
                 "the file has the group that was asked for, and its permissions, whatever the umask")
{
    umask_of const mask{GENERATE(as<::mode_t>{}, 0, 022, 077)};
    // Who is not root can give a file only to groups of its own.
    auto const group = ::geteuid() == 0 ? 54321 : ::getegid();
    listener const server{
        io.get_executor(), where, {.socket_mode = 0660, .socket_group = std::to_string(group)}};
    struct ::stat status
    {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    CHECK(status.st_gid == group);
    CHECK(status.st_uid == ::geteuid());
    CHECK(mode_of(path) == 0660);
}

TEST_CASE_METHOD(fixture, "a group that this user may not give the file to is an error, and no file stays")
{
    if (!can_be_others())
        return;
    REQUIRE(::chmod(dir.path().c_str(), 0777) == 0);
    stranger child{{.uid = 65534, .gid = 65534}, [&] {
                       asio::io_context own;
                       boost::system::error_code ec;
                       listener const server{own.get_executor(), where, {.socket_group = "0"}, ec};
                       return ec == posix::operation_not_permitted ? 7 : 8;
                   }};
    CHECK(child.result() == 7);
    CHECK(fs::is_empty(dir.path()));
}

TEST_CASE_METHOD(fixture,
                 "a folder that somebody keeps locked delays, and forbids only to replace a stale file")
{
    unique_fd const folder{::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    REQUIRE(::flock(folder.get(), LOCK_EX) == 0);
    SECTION("nothing is in the way")
    {
        CHECK(!listen_error());
        CHECK(!fs::exists(path));
    }
    SECTION("a living one is")
    {
        auto const server = raw_listen(where, 8);
        CHECK(listen_error() == errc::address_in_use);
    }
    SECTION("a stale one is")
    {
        make_stale();
        CHECK_THROWS_WITH((listener{io.get_executor(), where}),
                          Catch::Contains("keeps the folder " + dir.path().string() + " locked"));
        CHECK(listen_error() == posix::device_or_resource_busy);
        CHECK(fs::is_socket(path));
        REQUIRE(::flock(folder.get(), LOCK_UN) == 0);
        CHECK(!listen_error());
    }
}

TEST_CASE_METHOD(fixture, "a folder that may be written and not read is enough")
{
    if (!can_be_others())
        return;
    REQUIRE(::chmod(dir.path().c_str(), 0733) == 0);
    stranger other{{.uid = 65534, .gid = 65534}, [&] {
                       asio::io_context own;
                       boost::system::error_code ec;
                       listener const server{own.get_executor(), where, {}, ec};
                       return ec ? 1 : 0;
                   }};
    CHECK(other.result() == 0);
}

TEST_CASE_METHOD(fixture, "the file has its permissions although /proc is not mounted")
{
    if (!can_be_others())
        return;
    stranger other{{.uid = 0, .gid = 0}, [&] {
                       bool const hidden =
                           ::unshare(CLONE_NEWNS) == 0 &&
                           ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                           ::umount2("/proc", MNT_DETACH) == 0;
                       if (!hidden)
                           return 50;
                       umask_of const none{0777};
                       asio::io_context own;
                       boost::system::error_code ec;
                       listener const server{own.get_executor(), where, {.socket_mode = 0640}, ec};
                       return ec ? 1 : mode_of(path) == 0640 ? 0 : 2;
                   }};
    auto const result = other.result();
    if (result == 50)
        std::cout << "OIZYS_SKIPPED: /proc cannot be unmounted\n";
    else
        CHECK(result == 0);
}

TEST_CASE_METHOD(fixture, "of many that start at once one gets the stale socket's place", "[concurrent]")
{
    constexpr int contenders = 4;
    for (int round = 0; round < 25; ++round)
    {
        make_stale();
        std::atomic<int> ready = 0;
        std::atomic<int> finished = 0;
        std::atomic<int> winners = 0;
        std::atomic<int> losers = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < contenders; ++i)
        {
            threads.emplace_back([&] {
                asio::io_context own;
                for (++ready; ready < contenders;)
                    std::this_thread::yield();
                boost::system::error_code ec;
                listener const server{own.get_executor(), where, {}, ec};
                winners += !ec;
                losers += ec == errc::address_in_use;
                for (++finished; finished < contenders;) // the winner stays until all have tried
                    std::this_thread::yield();
            });
        }
        for (auto& thread : threads)
            thread.join();
        CHECK(winners == 1);
        CHECK(losers == contenders - 1);
        CHECK(!fs::exists(path));
    }
}
