// SPDX-License-Identifier: BSL-1.0
//
// Writes to descriptors that are no sockets, where no flag keeps SIGPIPE away.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <span>

namespace oizys::detail
{

/// Like writev(2); a pipe that nobody reads any more gives EPIPE and no signal. What the process does with
/// SIGPIPE, and a SIGPIPE of somebody else's that waits to be delivered, stay as they are.
ssize_t quiet_write(int fd, std::span<iovec const> pieces) noexcept;

} // namespace oizys::detail
