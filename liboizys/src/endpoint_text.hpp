// SPDX-License-Identifier: BSL-1.0
//
// The small grammar that the texts of endpoints are made of.
#pragma once

#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace oizys::detail
{

inline constexpr std::string_view digits = "0123456789";
inline constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Removes `prefix` from the front, if it is there.
bool consume(std::string_view& text, std::string_view prefix);

/// Whether every character of the text is in one of the sets.
bool consists_of(std::string_view text, std::initializer_list<std::string_view> sets);

bool is_host_name(std::string_view text);
/// Whether this looks like an IPv6 address with an optional zone; the system has the last word.
bool is_ipv6(std::string_view text);

/// A number without a sign and without needless zeros.
template <class Number>
std::optional<Number> parse_number(std::string_view text)
{
    Number value = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool const has_leading_zero = text.size() > 1 && text.front() == '0';
    if (failure != std::errc{} || end != text.data() + text.size() || has_leading_zero || text.front() == '-')
        return std::nullopt;
    return value;
}

/// `%` and two hexadecimal digits become the byte of that number; nothing if a `%` is not followed by those, or
/// stands for NUL.
std::optional<std::string> percent_decoded(std::string_view text);

/// The text with these characters, and `%` and control characters, as `%` and two hexadecimal digits.
std::string percent_encoded(std::string_view text, std::string_view characters);

/// The text in quotes as a part of a sentence: control characters are shown by number, and much is cut short.
std::string quoted(std::string_view text);

} // namespace oizys::detail
