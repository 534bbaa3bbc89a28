// SPDX-License-Identifier: BSL-1.0
//
// Who is at the other end of a Unix socket, or of TLS.
#pragma once

#include <oizys/api.hpp>
#include <oizys/unique_fd.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace oizys
{

/// What the kernel recorded about the other process when it connected (or, for the end that
/// connected, when the other one began to listen): SO_PEERCRED and SO_PEERGROUPS, unix(7).
///
/// The process may be gone by now and its pid reused: decide on uid, gid and groups, never on the pid.
/// Who must act on the process takes its `peer_pidfd`.
struct credentials
{
    std::optional<uid_t> uid;
    std::optional<gid_t> gid;
    std::optional<pid_t> pid;
    /// Supplementary groups; `gid` need not be among them. Absent when they are not known.
    std::optional<std::vector<gid_t>> groups{};
    /// Of the certificate that the other end of TLS has proved to own, as RFC 2253 writes it: `CN=alice,O=Example`.
    /// An accepted session shakes hands when a handler of messages has been set: it is known from the first message on,
    /// and not yet when a connection is accepted, to `access_policy::decide_by` or to `rpc::server::set_onpeer`.
    std::optional<std::string> subject{};
};

/// Who is at the other end of a connected socket; all unknown where the kernel does not say. Each call asks
/// the kernel: nothing is stored per connection.
OIZYS_API credentials peer_credentials(int socket) noexcept;

/// A descriptor of the process at the other end (pidfd_open(2)), which no other process that is given the
/// same pid can be mistaken for. Empty where there is none: another kind of socket, a kernel before 6.5, a
/// process that is gone.
OIZYS_API unique_fd peer_pidfd(int socket) noexcept;

} // namespace oizys
