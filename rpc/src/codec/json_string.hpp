// SPDX-License-Identifier: BSL-1.0
//
// Strings of JSON: writing one with quotes and escapes, and checking and undoing the escapes of one.
#pragma once

#include <oizys/rpc/codec/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace oizys::rpc::detail
{

/// Appends `v` in quotes; false when it is not UTF-8 (what was appended is then of no use).
bool append_json_string(std::string& out, std::string_view v);

/// Checks the escapes between a string's quotes: malformed, or invalid_utf8 for half of a surrogate pair.
codec_errc check_escapes(std::string_view raw) noexcept;

/// Undoes escapes that check_escapes has accepted. `out` has room for raw.size() bytes; returns how many
/// were written.
std::size_t unescape(std::string_view raw, char* out) noexcept;

} // namespace oizys::rpc::detail
