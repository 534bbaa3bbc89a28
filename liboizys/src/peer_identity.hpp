// SPDX-License-Identifier: BSL-1.0
//
// Credentials without the supplementary groups, for where nobody asks for those.
#pragma once

#include <oizys/credentials.hpp>

#include <sys/socket.h>

namespace oizys::detail
{

credentials peer_identity(int socket) noexcept;

/// What the kernel has told; all unknown where that is "nobody", as of sockets that are not Unix sockets.
credentials identity_of(ucred const& peer) noexcept;

} // namespace oizys::detail
