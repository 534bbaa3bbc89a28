// SPDX-License-Identifier: BSL-1.0
//
// The protocols that a peer speaks.
#pragma once

#include <cstdint>

namespace oizys::rpc
{

enum class protocol : std::uint8_t
{
    json,    ///< JSON-RPC 2.0
    msgpack, ///< MessagePack-RPC
    detect,  ///< whichever the other end speaks first; for accepted connections
};

} // namespace oizys::rpc
