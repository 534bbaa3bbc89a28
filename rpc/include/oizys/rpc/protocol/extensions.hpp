// SPDX-License-Identifier: BSL-1.0
//
// What two oizys ends may say to each other beyond their protocol.
#pragma once

#include <cstdint>

namespace oizys::rpc
{

/// Deadlines that travel, cancellation, progress and streams: docs/protocol.md, section 12. An end that is not
/// oizys never sees any of it, unless it is told that it would.
enum class extensions : std::uint8_t
{
    none,   ///< nothing is said, and what is heard means nothing
    detect, ///< as oizys, once it is known that the other end is: by the negotiation, or because it has begun
    oizys,  ///< both ends are oizys
    lsp,    ///< JSON-RPC: `$/cancelRequest` and `$/progress`, as the Language Server Protocol has them
};

} // namespace oizys::rpc
