// SPDX-License-Identifier: BSL-1.0
//
// The frame header of liboizys and WAMP RawSocket: one type byte, three bytes length, big endian.
// docs/protocol.md, "header24".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace oizys::wire
{

inline constexpr std::size_t header24_size = 4;               ///< bytes
inline constexpr std::size_t header24_max_payload = 16777215; ///< bytes: 2^24 - 1

struct frame_header
{
    std::uint8_t type;  ///< 0: a message
    std::uint32_t size; ///< bytes of payload

    friend bool operator==(frame_header const&, frame_header const&) = default;
};

constexpr frame_header decode_header24(std::span<char const, header24_size> in) noexcept
{
    auto const at = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<std::uint8_t>(in[i]));
    };
    return {.type = static_cast<std::uint8_t>(at(0)), .size = at(1) << 16 | at(2) << 8 | at(3)};
}

constexpr std::array<char, header24_size> encode_header24(frame_header header) noexcept
{
    auto const byte = [](std::uint32_t v) { return static_cast<char>(static_cast<std::uint8_t>(v)); };
    return {byte(header.type), byte(header.size >> 16), byte(header.size >> 8), byte(header.size)};
}

} // namespace oizys::wire
