// SPDX-License-Identifier: BSL-1.0
//
// The header of framing::message: the length of the message, eight bytes, big endian. It stands between a
// session and a stream that keeps messages apart itself, as a WebSocket does, and is never on a wire.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace oizys::wire
{

inline constexpr std::size_t message_header_size = 8; ///< bytes

constexpr std::uint64_t decode_message_header(std::span<char const, message_header_size> in) noexcept
{
    std::uint64_t size = 0;
    for (char const c : in)
        size = size << 8 | static_cast<std::uint8_t>(c);
    return size;
}

constexpr std::array<char, message_header_size> encode_message_header(std::uint64_t size) noexcept
{
    std::array<char, message_header_size> out{};
    for (auto at = out.rbegin(); at != out.rend(); ++at, size >>= 8)
        *at = static_cast<char>(static_cast<std::uint8_t>(size));
    return out;
}

} // namespace oizys::wire
