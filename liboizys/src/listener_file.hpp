// SPDX-License-Identifier: BSL-1.0
//
// The file of a listening Unix socket: made with the right permissions, in place of what a dead process
// left behind, and removed by who made it.
#pragma once

#include <oizys/endpoint.hpp>

#include "endpoint_socket.hpp"

#include <boost/system/error_code.hpp>

#include <sys/types.h>

#include <optional>
#include <string>

namespace oizys::detail
{

/// Remembers which file a listener made, to remove that one and no other.
class socket_file
{
public:
    /// No file: of tcp and abstract endpoints.
    socket_file() noexcept = default;

    /// The file that is at `path` now.
    socket_file(std::string const& path, boost::system::error_code& ec);

    /// Removes the file, unless another one has taken its place or this process is a fork()ed copy of the
    /// one that made it. Call it while the socket is open: until then nobody else can be given
    /// the same inode.
    void remove() noexcept;

private:
    std::string path_;
    ::dev_t device_ = 0;
    ::ino_t inode_ = 0;
    ::pid_t owner_ = 0;
};

struct socket_file_options
{
    unsigned mode;
    std::optional<::gid_t> group; ///< absent: this process's, or the folder's
    int backlog;
};

/// Binds `fd` to a path and begins to listen, all while no other listener opens in the same folder. Nobody can
/// connect before the file has its group and its mode.
///
/// A path is stale when connecting to it is refused. Without the lock, two that start together would both
/// find the same file stale, and the slower would remove the faster's; and a socket that is bound but does
/// not listen yet would be taken for stale. A lock that somebody else keeps for more than a second forbids only to
/// replace what is stale: `device_or_resource_busy`, and `why` names the folder.
socket_file listen_at_path(int fd, endpoint const& where, socket_file_options const& options,
                           boost::system::error_code& ec, std::string& why);

} // namespace oizys::detail
