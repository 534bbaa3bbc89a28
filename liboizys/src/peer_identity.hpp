// SPDX-License-Identifier: BSL-1.0
//
// Credentials without the supplementary groups, for where nobody asks for those.
#pragma once

#include <oizys/credentials.hpp>

namespace oizys::detail
{

credentials peer_identity(int socket) noexcept;

} // namespace oizys::detail
