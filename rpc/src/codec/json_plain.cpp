// SPDX-License-Identifier: BSL-1.0
//
// The last bracket of a text stops every loop that looks for the end of something; so only where a bracket has been
// taken must the end of the text be looked for.
#include "codec/json_plain.hpp"

#include "codec/json_number.hpp"
#include "codec/json_tokens.hpp"
#include "codec/load.hpp"

#include <algorithm>
#include <bit>

namespace oizys::rpc::detail
{
namespace
{

constexpr std::uint64_t each_byte(unsigned char c) { return c * 0x0101010101010101u; }

/// The highest bit of the first byte that is a quote, a backslash or a control character is the first such bit in
/// what is returned; bits of later bytes mean nothing.
constexpr std::uint64_t special_bits(std::uint64_t bytes) noexcept
{
    std::uint64_t const quote = (bytes ^ each_byte('"')) - each_byte(1);
    std::uint64_t const backslash = (bytes ^ each_byte('\\')) - each_byte(1);
    std::uint64_t const control = bytes - each_byte(0x20);
    return (quote | backslash | control) & ~bytes & each_byte(0x80);
}

constexpr bool is_special(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

char const* skip_space(char const* p) noexcept
{
    // One comparison where there is none, which is nearly everywhere.
    while (*p <= ' ' && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        ++p;
    return p;
}

// The functions below are given where a value begins and return where it ends; null if it is not plain. `seen`
// collects bits of the bytes in strings.

inline char const* string_end(char const* p, char const* end, std::uint64_t& seen) noexcept
{
    for (++p; end - p >= 8; p += 8)
    {
        auto const bytes = load<std::uint64_t>(p, std::endian::little);
        auto const bits = special_bits(bytes);
        seen |= bytes;
        if (bits != 0)
        {
            p += static_cast<unsigned>(std::countr_zero(bits)) / 8;
            return *p == '"' ? p + 1 : nullptr;
        }
    }
    for (; p != end && !is_special(*p); ++p)
        seen |= static_cast<unsigned char>(*p);
    return p != end && *p == '"' ? p + 1 : nullptr;
}

char const* literal_end(char const* p, char const* end, std::string_view word) noexcept
{
    return std::string_view{p, static_cast<std::size_t>(end - p)}.starts_with(word) ? p + word.size()
                                                                                    : nullptr;
}

inline char const* scalar_end(char const* p, char const* end, std::uint64_t& seen) noexcept
{
    char const* stopped_at;
    switch (*p)
    {
    case '"': return string_end(p, end, seen);
    case 't': return literal_end(p, end, "true");
    case 'f': return literal_end(p, end, "false");
    case 'n': return literal_end(p, end, "null");
    default: return scan_number(p, end, stopped_at);
    }
}

} // namespace

std::size_t scan_plain_json(std::string_view text, std::size_t max_depth, std::uint32_t* tokens) noexcept
{
    if (text.empty() || text.size() > longest_plain_text || (text.back() != '}' && text.back() != ']'))
        return 0;
    char const* p = text.data();
    char const* const end = p + text.size();
    std::uint32_t* token = tokens;
    auto const mark = [&] { *token++ = static_cast<std::uint32_t>(p - text.data()); };
    std::size_t const deepest = std::min<std::size_t>(max_depth, 64);
    std::uint64_t seen = 0;
    std::size_t depth = 0;
    std::uint64_t objects = 0; // of the open brackets, the innermost one in bit 0: whether it is an object
    for (;;)                   // each turn: a value, and all that may end with it
    {
        p = skip_space(p);
        if ((objects & 1) != 0)
        {
            if (*p != '"')
                return 0;
            mark();
            p = string_end(p, end, seen);
            if (p == nullptr)
                return 0;
            p = skip_space(p);
            if (*p != ':')
                return 0;
            p = skip_space(p + 1);
        }
        mark();
        if (*p == '[' || *p == '{')
        {
            if (depth == deepest)
                return 0;
            ++depth;
            objects = objects << 1 | static_cast<std::uint64_t>(*p == '{');
            p = skip_space(p + 1);
            if (*p != ((objects & 1) != 0 ? '}' : ']'))
                continue;
        }
        else
        {
            p = depth == 0 ? nullptr : scalar_end(p, end, seen);
            if (p == nullptr)
                return 0;
            p = skip_space(p);
        }
        while (*p != ',')
        {
            if (*p != ((objects & 1) != 0 ? '}' : ']'))
                return 0;
            mark();
            ++p;
            objects >>= 1;
            --depth;
            if (depth == 0 || p == end)
            {
                *token = static_cast<std::uint32_t>(text.size());
                bool const is_whole = depth == 0 && p == end;
                bool const is_ascii = (seen & each_byte(0x80)) == 0;
                return is_whole && (is_ascii || is_utf8(text)) ? static_cast<std::size_t>(token - tokens) : 0;
            }
            p = skip_space(p);
        }
        ++p;
    }
}

} // namespace oizys::rpc::detail
