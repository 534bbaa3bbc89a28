// SPDX-License-Identifier: BSL-1.0
//
// The short way through short, plain texts: tokens and grammar in one pass. Nearly every request and answer is
// such a text. Whatever is unusual or wrong is left to the long way, which also knows what is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace oizys::rpc::detail
{

inline constexpr std::size_t longest_plain_text = 192; ///< bytes; beyond it the long way is as fast

/// Writes the tokens of `text` that check_json would leave, and the size of the text behind them; returns how
/// many there are. 0: the text is not plain. That is a JSON array or object without backslashes and without white
/// space behind it, at most `longest_plain_text` bytes long, at most 64 levels and `max_depth` deep.
///
/// `tokens` has room for text.size() + 1. No byte beyond the text is read.
std::size_t scan_plain_json(std::string_view text, std::size_t max_depth, std::uint32_t* tokens) noexcept;

} // namespace oizys::rpc::detail
