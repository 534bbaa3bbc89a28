// SPDX-License-Identifier: BSL-1.0
#include "doorbell.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace oizys::detail
{
namespace
{

bool has_option(int fd, int name, int expected) noexcept
{
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 && value == expected;
}

} // namespace

doorbell make_doorbell(boost::system::error_code& ec) noexcept
{
    ec.clear();
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    {
        ec.assign(errno, boost::system::system_category());
        return {};
    }
    return {.ear = unique_fd{ends[0]}, .rope = unique_fd{ends[1]}};
}

bool is_doorbell(int fd) noexcept
{
    return has_option(fd, SO_DOMAIN, AF_UNIX) && has_option(fd, SO_TYPE, SOCK_STREAM);
}

void ring_doorbell(int rope) noexcept
{
    // Ignored: it fails only for what is no socket, and then nobody hears it.
    [[maybe_unused]] auto const ignored = ::shutdown(rope, SHUT_WR);
}

} // namespace oizys::detail
