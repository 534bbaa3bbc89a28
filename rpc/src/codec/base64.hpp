// SPDX-License-Identifier: BSL-1.0
//
// Base64 as in RFC 4648, section 4: the standard alphabet, with padding, no white space.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace oizys::rpc::detail
{

void append_base64(std::string& out, std::string_view bytes);

/// How many bytes `text` decodes to at most.
constexpr std::size_t base64_bound(std::string_view text) noexcept { return text.size() / 4 * 3; }

/// Decodes into `out`, which has room for base64_bound(text) bytes; nothing when `text` is not base64.
/// `out` may be where `text` is.
std::optional<std::size_t> decode_base64(std::string_view text, char* out) noexcept;

} // namespace oizys::rpc::detail
