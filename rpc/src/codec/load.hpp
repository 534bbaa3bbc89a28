// SPDX-License-Identifier: BSL-1.0
//
// Numbers out of bytes that lie anywhere.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace oizys::rpc::detail
{

constexpr std::uint8_t swap_bytes(std::uint8_t v) noexcept { return v; }
constexpr std::uint16_t swap_bytes(std::uint16_t v) noexcept { return __builtin_bswap16(v); }
constexpr std::uint32_t swap_bytes(std::uint32_t v) noexcept { return __builtin_bswap32(v); }
constexpr std::uint64_t swap_bytes(std::uint64_t v) noexcept { return __builtin_bswap64(v); }

/// The bytes at `p`, whose order is `order`.
template <class Unsigned>
Unsigned load(char const* p, std::endian order) noexcept
{
    Unsigned v;
    std::memcpy(&v, p, sizeof v);
    return order == std::endian::native ? v : swap_bytes(v);
}

} // namespace oizys::rpc::detail
