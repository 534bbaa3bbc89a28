// SPDX-License-Identifier: BSL-1.0
//
// What the tests of shared memory sessions share: connected pairs, a child process at one end, and what this
// process holds of descriptors and mappings.
#pragma once

#include "integration/session/ends.hpp"

#include "shm_stream.hpp"
#include "stream_session.hpp"

#include <oizys/unique_fd.hpp>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <utility>

namespace oizys::test
{

using detail::shm_options;
using generic_socket = asio::generic::stream_protocol::socket;

struct socket_pair
{
    explicit socket_pair(asio::io_context& io) : client{io}, server{io}
    {
        asio::local::connect_pair(client, server);
    }

    asio::local::stream_protocol::socket client;
    asio::local::stream_protocol::socket server;
};

inline std::shared_ptr<session> shm_client(asio::local::stream_protocol::socket socket,
                                           shm_options const& options = {},
                                           session_options const& of_session = {})
{
    return detail::make_handle(detail::make_shm_client(generic_socket{std::move(socket)}, options),
                               of_session);
}

inline std::shared_ptr<session> shm_server(asio::local::stream_protocol::socket socket,
                                           shm_options const& options = {},
                                           session_options const& of_session = {})
{
    return detail::make_handle(detail::make_shm_server(generic_socket{std::move(socket)}, options),
                               of_session);
}

/// Both ends in this process; `a` connects.
inline session_pair shm_pair(asio::io_context& io, shm_options const& options = {},
                             session_options const& a = {}, session_options const& b = {})
{
    socket_pair sockets{io};
    return {shm_client(std::move(sockets.client), options, a),
            shm_server(std::move(sockets.server), options, b)};
}

/// Both ends have shaken hands already.
struct over_shm
{
    static session_pair make(asio::io_context& io, session_options const& a = {},
                             session_options const& b = {})
    {
        socket_pair sockets{io};
        auto client = detail::make_shm_client(generic_socket{std::move(sockets.client)}, {});
        auto server = detail::make_shm_server(generic_socket{std::move(sockets.server)}, {});
        int succeeded = 0;
        auto const count = [&](error_code ec) { succeeded += ec ? 0 : 1; };
        client->async_handshake(count);
        server->async_handshake(count);
        REQUIRE(run_until(io, [&] { return succeeded == 2; }));
        return {detail::make_handle(std::move(client), a), detail::make_handle(std::move(server), b)};
    }
};

/// A process that runs `body` with one end of a socket pair, and is killed and reaped at the end.
class child
{
public:
    template <class Body>
    explicit child(Body body)
    {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0)
        {
            ::close(ends[0]);
            ::alarm(120); // it must not outlive a test that was killed
            body(ends[1]);
            ::_exit(0);
        }
        ::close(ends[1]);
        socket_ = unique_fd{ends[0]};
    }
    child(child const&) = delete;
    child& operator=(child const&) = delete;
    ~child() { kill(); }

    asio::local::stream_protocol::socket socket(asio::io_context& io)
    {
        return {io, asio::local::stream_protocol{}, socket_.release()};
    }

    /// Returns when it is gone.
    void kill()
    {
        if (pid_ == 0)
            return;
        ::kill(pid_, SIGKILL);
        ::waitpid(std::exchange(pid_, 0), nullptr, 0);
    }

private:
    pid_t pid_ = 0;
    unique_fd socket_;
};

inline std::size_t entries(char const* folder)
{
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{folder}, {}));
}

/// What this process holds, and what a session might leave behind.
struct holdings
{
    std::size_t descriptors = entries("/proc/self/fd");
    std::size_t in_dev_shm = std::filesystem::exists("/dev/shm") ? entries("/dev/shm") : 0;
    std::size_t mappings = [] {
        std::ifstream maps{"/proc/self/maps"};
        std::size_t count = 0;
        for (std::string line; std::getline(maps, line);)
            count += line.find("memfd:") != std::string::npos ? 1u : 0u;
        return count;
    }();

    friend bool operator==(holdings const&, holdings const&) = default;
    friend std::ostream& operator<<(std::ostream& out, holdings const& h)
    {
        return out << h.descriptors << " descriptors, " << h.mappings << " mappings, " << h.in_dev_shm
                   << " files in /dev/shm";
    }
};

} // namespace oizys::test
