// SPDX-License-Identifier: BSL-1.0
//
// Whether bytes are text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace oizys::wire
{

/// Bytes of the UTF-8 sequence that `text` (not empty) begins with, or 0 if it begins with none: the table of
/// RFC 3629, section 4, which knows no overlong forms, no surrogates and nothing above U+10FFFF.
constexpr std::size_t utf8_sequence(std::string_view text) noexcept
{
    auto const at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    auto const continues = [&](std::size_t i, std::uint8_t low = 0x80, std::uint8_t high = 0xbf) {
        return i < text.size() && at(i) >= low && at(i) <= high;
    };
    auto const first = at(0);
    if (first < 0x80)
        return 1;
    if (first < 0xc2)
        return 0;
    if (first < 0xe0)
        return continues(1) ? 2 : 0;
    if (first < 0xf0)
    {
        std::uint8_t const low = first == 0xe0 ? 0xa0 : 0x80;
        std::uint8_t const high = first == 0xed ? 0x9f : 0xbf;
        return continues(1, low, high) && continues(2) ? 3 : 0;
    }
    if (first > 0xf4)
        return 0;
    std::uint8_t const low = first == 0xf0 ? 0x90 : 0x80;
    std::uint8_t const high = first == 0xf4 ? 0x8f : 0xbf;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
}

constexpr bool is_utf8(std::string_view text) noexcept
{
    while (!text.empty())
    {
        // Eight bytes of ASCII at once: that is what most texts are made of.
        if (text.size() >= 8)
        {
            char high = 0;
            for (std::size_t i = 0; i < 8; ++i)
                high = static_cast<char>(high | text[i]);
            if ((static_cast<std::uint8_t>(high) & 0x80) == 0)
            {
                text.remove_prefix(8);
                continue;
            }
        }
        auto const size = utf8_sequence(text);
        if (size == 0)
            return false;
        text.remove_prefix(size);
    }
    return true;
}

/// Whether a message may travel as text to programs that expect JSON: it begins like an object or an array, and is UTF-8.
constexpr bool looks_like_json(std::string_view message) noexcept
{
    auto const first = message.find_first_not_of(" \t\r\n");
    return first != message.npos && (message[first] == '{' || message[first] == '[') && is_utf8(message);
}

} // namespace oizys::wire
