// SPDX-License-Identifier: BSL-1.0
//
// Who is at the other end of a Unix socket.
#pragma once

#include <sys/types.h>

#include <optional>

namespace oizys
{

/// What the kernel recorded about the other process when it connected (or, for the end that
/// connected, when the other one began to listen): SO_PEERCRED, unix(7).
///
/// The process may be gone by now and its pid reused: decide on uid and gid, never on the pid.
struct credentials
{
    std::optional<uid_t> uid;
    std::optional<gid_t> gid;
    std::optional<pid_t> pid;
};

} // namespace oizys
