// SPDX-License-Identifier: BSL-1.0
#include "text.hpp"

#include <oizys/rpc/codec/json_writer.hpp>

#include <array>
#include <cstdio>

namespace oizys::cli
{
namespace
{

std::string hexadecimal(char const* format, unsigned char byte)
{
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), format, byte);
    return text.data();
}

/// How many bytes the character has that begins with `first`.
std::size_t length_of(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/// U+0080 to U+009F, which some terminals obey.
bool is_c1(std::string_view text)
{
    return text.size() > 1 && text[0] == '\xc2' && static_cast<unsigned char>(text[1]) < 0xa0;
}

} // namespace

bool is_utf8(std::string_view text)
{
    std::string quoted;
    rpc::json_writer to{quoted};
    to.write_string(text);
    return !to.failed();
}

std::string one_line(std::string_view text)
{
    std::string out;
    while (!text.empty())
    {
        auto const byte = static_cast<unsigned char>(text[0]);
        auto const character = text.substr(0, length_of(byte));
        std::size_t used = 1;
        if (byte == '\n')
            out += "\\n";
        else if (byte == '\r')
            out += "\\r";
        else if (byte == '\t')
            out += "\\t";
        else if (byte < 0x20 || byte == 0x7f || is_c1(text) || !is_utf8(character))
            out += hexadecimal("\\x%02x", byte);
        else
            out += text.substr(0, used = character.size());
        text.remove_prefix(used);
    }
    return out;
}

std::string without_controls(std::string json)
{
    if (json.find_first_of("\x7f\xc2") == std::string::npos)
        return json;
    std::string out;
    for (std::string_view left{json}; !left.empty();)
    {
        bool const c1 = is_c1(left);
        if (c1 || left[0] == '\x7f')
            out += hexadecimal("\\u00%02x", static_cast<unsigned char>(left[c1 ? 1 : 0]));
        else
            out += left[0];
        left.remove_prefix(c1 ? 2 : 1);
    }
    return out;
}

std::string shortened(std::string_view text, std::size_t limit)
{
    if (text.size() <= limit)
        return std::string{text};
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80)
        --limit;
    return std::string{text.substr(0, limit)} + "... (" + std::to_string(text.size() - limit) +
           " more bytes)";
}

} // namespace oizys::cli
