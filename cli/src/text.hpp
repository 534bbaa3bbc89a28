// SPDX-License-Identifier: BSL-1.0
//
// Text of strangers on its way to a terminal: nothing that they write moves the cursor or forges a line.
#pragma once

#include <string>
#include <string_view>

namespace oizys::cli
{

/// The text with each control character, and each byte that is not UTF-8, as `\xHH`, or `\n`, `\r`, `\t`.
std::string one_line(std::string_view text);

/// JSON with the control characters that it may hold as they are (U+007F to U+009F) as `\u00HH`.
std::string without_controls(std::string json);

/// Whether it is UTF-8 that JSON can hold.
bool is_utf8(std::string_view text);

/// The first `limit` bytes at most, cut between characters, and how much is missing.
std::string shortened(std::string_view text, std::size_t limit);

} // namespace oizys::cli
