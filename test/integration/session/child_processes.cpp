// SPDX-License-Identifier: BSL-1.0
//
// A transport of which one end is a child's standard input and output: the child is this program again, and relays
// all bytes between these and a Unix socket, which is the other end.
#include "transports.hpp"

#include "exec_stream.hpp"
#include "socket_stream.hpp"

#include <oizys/unique_fd.hpp>

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace oizys::test
{
namespace
{

constexpr std::string_view relay_role = "--relay-to";

// An abstract name; empty: the kernel chooses one.
::sockaddr_un address_of(std::string_view name)
{
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!name.empty())
        std::memcpy(address.sun_path + 1, name.data(), name.size());
    return address;
}

::socklen_t size_of(std::string_view name)
{
    return static_cast<::socklen_t>(offsetof(::sockaddr_un, sun_path) + (name.empty() ? 0 : 1 + name.size()));
}

// Until the end of what comes; false: nobody takes it any more.
bool copy(int from, int to)
{
    static constexpr std::size_t room = 65536;
    auto const bytes = std::make_unique<char[]>(room);
    for (ssize_t n = 0; (n = ::read(from, bytes.get(), room)) > 0;)
    {
        for (std::string_view rest{bytes.get(), static_cast<std::size_t>(n)}; !rest.empty();)
        {
            auto const written = ::write(to, rest.data(), rest.size());
            if (written <= 0)
                return false;
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    return true;
}

[[noreturn]] void relay(std::string_view name)
{
    ::signal(SIGPIPE, SIG_IGN);
    int const socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    auto const address = address_of(name);
    if (::connect(socket, reinterpret_cast<::sockaddr const*>(&address), size_of(name)) != 0)
        ::_exit(1);
    std::thread there{
        [&] { copy(STDIN_FILENO, socket) ? ::shutdown(socket, SHUT_WR) : ::close(STDIN_FILENO); }};
    if (!copy(socket, STDOUT_FILENO))
        there.join(); // what was sent before the end still arrives
    ::_exit(0);
}

// Before main: this program's arguments are those of the tests. glibc hands them over.
[[gnu::constructor]] void be_relay_if_asked(int argc, char** argv)
{
    if (argc == 3 && argv[1] == relay_role)
        relay(argv[2]);
}

} // namespace

stream_pair child_processes(pair_plan const& plan)
{
    unique_fd const listening{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    auto address = address_of({});
    auto size = size_of({});
    auto* const generic = reinterpret_cast<::sockaddr*>(&address);
    REQUIRE(::bind(listening.get(), generic, size) == 0);
    REQUIRE(::listen(listening.get(), 1) == 0);
    size = sizeof address;
    REQUIRE(::getsockname(listening.get(), generic, &size) == 0);
    std::string const name{address.sun_path + 1, size - size_of({}) - 1};

    error_code ec;
    auto child = detail::make_exec_stream(plan.at_a, {"/proc/self/exe", std::string{relay_role}, name},
                                          detail::child_channel::stdio, {}, ec);
    INFO(ec.message());
    REQUIRE(child);
    ::pollfd arrives{.fd = listening.get(), .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&arrives, 1, 20000) == 1);
    unique_fd accepted{::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    REQUIRE(accepted);
    asio::generic::stream_protocol::socket other{plan.at_b};
    other.assign(asio::generic::stream_protocol{AF_UNIX, 0}, accepted.release());
    return {std::move(child), std::make_unique<detail::socket_stream>(std::move(other))};
}

} // namespace oizys::test
