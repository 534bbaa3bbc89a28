// SPDX-License-Identifier: BSL-1.0
#include "endpoint_text.hpp"

#include <algorithm>
#include <cstddef>

namespace oizys::detail
{
namespace
{

constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";
constexpr std::size_t longest_quote = 60; ///< bytes of a bad text that a message repeats

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void append_hex(std::string& to, char c)
{
    constexpr std::string_view upper = "0123456789ABCDEF";
    auto const byte = static_cast<unsigned char>(c);
    to += upper[byte >> 4];
    to += upper[byte & 15];
}

} // namespace

bool consume(std::string_view& text, std::string_view prefix)
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool consists_of(std::string_view text, std::initializer_list<std::string_view> sets)
{
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return std::any_of(sets.begin(), sets.end(), [&](auto set) { return set.find(c) != set.npos; });
    });
}

bool is_host_name(std::string_view text)
{
    return !text.empty() && consists_of(text, {letters, digits, "-._"});
}

bool is_ipv6(std::string_view text)
{
    auto const percent = text.find('%');
    auto const address = text.substr(0, percent);
    if (percent != text.npos && !is_host_name(text.substr(percent + 1)))
        return false;
    return address.find(':') != address.npos && consists_of(address, {hex_digits, ":."});
}

std::optional<std::string> percent_decoded(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    while (!text.empty())
    {
        auto const plain = text.substr(0, text.find('%'));
        result.append(plain);
        text.remove_prefix(plain.size());
        if (text.empty())
            break;
        auto const number = text.substr(1, 2);
        if (number.size() != 2 || !consists_of(number, {hex_digits}) || number == "00")
            return std::nullopt;
        unsigned char byte = 0;
        std::from_chars(number.data(), number.data() + number.size(), byte, 16);
        result += static_cast<char>(byte);
        text.remove_prefix(3);
    }
    return result;
}

std::string percent_encoded(std::string_view text, std::string_view characters)
{
    std::string result;
    for (char const c : text)
    {
        if (c != '%' && !is_control(c) && characters.find(c) == characters.npos)
        {
            result += c;
            continue;
        }
        result += '%';
        append_hex(result, c);
    }
    return result;
}

std::string quoted(std::string_view text)
{
    std::string result = "\"";
    for (char const c : text.substr(0, longest_quote))
    {
        if (!is_control(c))
        {
            result += c;
            continue;
        }
        result += "\\x";
        append_hex(result, c);
    }
    return result + (text.size() > longest_quote ? "\"..." : "\"");
}

} // namespace oizys::detail
