// SPDX-License-Identifier: BSL-1.0
//
// Points in time as text: RFC 3339, section 5.6.
#pragma once

#include <oizys/rpc/codec/convert/timestamp.hpp>

#include <optional>
#include <string_view>

namespace oizys::rpc::detail
{

/// The longest text that print_rfc3339 writes: 9999-12-31T23:59:59.999999999Z
inline constexpr std::size_t rfc3339_size = 30;

/// Writes to `out`, which has room for rfc3339_size characters; nothing for years other than 0000 … 9999.
std::optional<std::string_view> print_rfc3339(timestamp t, char* out) noexcept;

/// Digits of the fraction behind the ninth are cut off; a leap second is the second after it. Nothing if `text` is
/// no time.
std::optional<timestamp> parse_rfc3339(std::string_view text) noexcept;

} // namespace oizys::rpc::detail
