// SPDX-License-Identifier: BSL-1.0
//
// The type byte of frames in the negotiated mode. 0 to 2 are those of WAMP RawSocket; the others, and the
// flags, are oizys's own and sent to oizys only.
#pragma once

#include <cstdint>

namespace oizys::wire
{

enum class frame_type : std::uint8_t
{
    message = 0,
    ping = 1,
    pong = 2,
    offer = 3,     ///< the first frame of each end
    part = 4,      ///< of a message, of which more parts follow
    last_part = 5, ///< its flags are those of the whole message
};

/// Bits of the type byte beside the type.
enum frame_flag : std::uint8_t
{
    flag_compressed = 0x10,  ///< the message is one zstd frame, which tells its own length
    flag_shared = 0x20,      ///< the payload is a length of 8 bytes, the message lies in the first descriptor
    flag_descriptors = 0x40, ///< the payload begins with one byte: how many descriptors are the message's
};

inline constexpr std::uint8_t frame_type_bits = 0x0f;
inline constexpr std::uint8_t known_frame_flags = flag_compressed | flag_shared | flag_descriptors;

} // namespace oizys::wire
