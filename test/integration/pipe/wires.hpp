// SPDX-License-Identifier: BSL-1.0
//
// Descriptors of every kind that connect two ends.
#pragma once

#include "integration/session/ends.hpp"
#include "support/temp_dir.hpp"

#include <oizys/unique_fd.hpp>

#include "descriptor_stream.hpp"
#include "stream_session.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <stdlib.h>

#include <memory>

namespace oizys::test
{

using oizys::unique_fd;

/// What one end reads from and writes to; `out` is empty where one descriptor serves both.
struct descriptors
{
    unique_fd in;
    unique_fd out;

    int write_fd() const { return out ? out.get() : in.get(); }
};

struct wire
{
    descriptors a;
    descriptors b;
};

inline wire pipes()
{
    int there[2];
    int back[2];
    REQUIRE(::pipe(there) == 0);
    REQUIRE(::pipe(back) == 0);
    return {{unique_fd{back[0]}, unique_fd{there[1]}}, {unique_fd{there[0]}, unique_fd{back[1]}}};
}

inline wire fifos()
{
    temp_dir const dir; // a FIFO that is open needs its name no more
    auto const open_fifo = [&](std::string const& name) {
        REQUIRE(::mkfifo(dir.file(name).c_str(), 0600) == 0);
        // Opened for both directions it waits for nobody.
        unique_fd const both{::open(dir.file(name).c_str(), O_RDWR)};
        unique_fd in{::open(dir.file(name).c_str(), O_RDONLY)};
        return std::pair{std::move(in), unique_fd{::open(dir.file(name).c_str(), O_WRONLY)}};
    };
    auto there = open_fifo("there");
    auto back = open_fifo("back");
    return {{std::move(back.first), std::move(there.second)},
            {std::move(there.first), std::move(back.second)}};
}

inline std::pair<unique_fd, unique_fd> socket_pair(int type = SOCK_STREAM)
{
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, type, 0, ends) == 0);
    return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

inline wire one_socketpair()
{
    auto ends = socket_pair();
    return {{std::move(ends.first), {}}, {std::move(ends.second), {}}};
}

/// As some programs start their children: one pair for each direction.
inline wire two_socketpairs()
{
    auto there = socket_pair();
    auto back = socket_pair();
    return {{std::move(back.first), std::move(there.second)},
            {std::move(there.first), std::move(back.second)}};
}

/// A pseudoterminal that changes no bytes.
inline wire terminal()
{
    unique_fd master{::posix_openpt(O_RDWR | O_NOCTTY)};
    REQUIRE(master);
    REQUIRE(::grantpt(master.get()) == 0);
    REQUIRE(::unlockpt(master.get()) == 0);
    char name[100];
    REQUIRE(::ptsname_r(master.get(), name, sizeof name) == 0);
    unique_fd slave{::open(name, O_RDWR | O_NOCTTY)};
    REQUIRE(slave);
    termios mode{};
    REQUIRE(::tcgetattr(slave.get(), &mode) == 0);
    ::cfmakeraw(&mode);
    REQUIRE(::tcsetattr(slave.get(), TCSANOW, &mode) == 0);
    return {{std::move(master), {}}, {std::move(slave), {}}};
}

inline std::shared_ptr<session> session_on(asio::io_context& io, descriptors end,
                                           session_options const& options = {})
{
    error_code ec;
    auto s =
        oizys::detail::make_descriptor_stream(io.get_executor(), std::move(end.in), std::move(end.out), ec);
    INFO(ec.message());
    REQUIRE(s);
    return oizys::detail::make_handle(std::move(s), options);
}

inline session_pair sessions_on(asio::io_context& io, wire w, session_options const& options = {})
{
    auto a = session_on(io, std::move(w.a), options);
    return {std::move(a), session_on(io, std::move(w.b), options)};
}

inline unique_fd copy_of(int fd)
{
    unique_fd copy{::fcntl(fd, F_DUPFD_CLOEXEC, 0)};
    REQUIRE(copy);
    return copy;
}

inline bool blocks(unique_fd const& fd) { return (::fcntl(fd.get(), F_GETFL) & O_NONBLOCK) == 0; }

/// A JSON text of `size` bytes: a message of both framings that are tried.
inline std::string text_of(std::size_t size) { return "[" + std::string(size - 2, ' ') + "]"; }

} // namespace oizys::test
