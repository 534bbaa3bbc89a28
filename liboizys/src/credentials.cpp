// SPDX-License-Identifier: BSL-1.0
#include <oizys/credentials.hpp>

#include "peer_identity.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <new>

namespace oizys
{
namespace
{

// Of the kernel's interface since 6.5; the C library may be older.
constexpr int so_peerpidfd = 77;

std::optional<std::vector<gid_t>> peer_groups(int socket)
{
    std::array<gid_t, 32> few;
    auto size = static_cast<socklen_t>(sizeof few);
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, few.data(), &size) == 0)
        return std::vector<gid_t>(few.begin(), few.begin() + size / sizeof(gid_t));
    if (errno != ERANGE)
        return std::nullopt;
    // `size` says now how many bytes there are. They cannot become more: they were recorded at connect.
    std::vector<gid_t> many(size / sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, many.data(), &size) != 0)
        return std::nullopt;
    many.resize(size / sizeof(gid_t));
    return many;
}

} // namespace

namespace detail
{

credentials peer_identity(int socket) noexcept
{
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return {};
    return identity_of(peer);
}

credentials identity_of(ucred const& peer) noexcept
{
    if (peer.uid == static_cast<uid_t>(-1)) // not a Unix socket: the kernel fills in "nobody"
        return {};
    credentials result{.uid = peer.uid, .gid = peer.gid, .pid = std::nullopt};
    if (peer.pid != 0) // 0: in another pid namespace, where it has no number here
        result.pid = peer.pid;
    return result;
}

} // namespace detail

credentials peer_credentials(int socket) noexcept
{
    auto result = detail::peer_identity(socket);
    if (!result.uid)
        return result;
    try
    {
        result.groups = peer_groups(socket);
    }
    catch (std::bad_alloc const&) // they stay unknown, which no policy takes for "in no group"
    {
    }
    return result;
}

unique_fd peer_pidfd(int socket) noexcept
{
    int fd = -1;
    socklen_t size = sizeof fd;
    if (::getsockopt(socket, SOL_SOCKET, so_peerpidfd, &fd, &size) != 0)
        return {};
    return unique_fd{fd};
}

} // namespace oizys
