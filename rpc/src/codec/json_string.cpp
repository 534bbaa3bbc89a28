// SPDX-License-Identifier: BSL-1.0
//
// Sixteen characters at a time where nothing has to be escaped, one at a time where something has.
#include "codec/json_string.hpp"

#include "codec/json_tokens.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace oizys::rpc::detail
{
namespace
{

constexpr std::size_t block = 16;

/// Whether none of `block` characters has to be escaped; `seen` collects their bits. Compilers make a few
/// vector instructions of it.
bool is_plain(char const* p, unsigned char& seen) noexcept
{
    unsigned char escape = 0;
    unsigned char bits = 0;
    for (std::size_t i = 0; i < block; ++i)
    {
        auto const c = static_cast<unsigned char>(p[i]);
        escape = static_cast<unsigned char>(escape | (c < 0x20) | (c == '"') | (c == '\\'));
        bits = static_cast<unsigned char>(bits | c);
    }
    seen = static_cast<unsigned char>(seen | bits);
    return escape == 0;
}

/// 0: as it is; 'u': \u00XX; otherwise the letter behind the backslash.
constexpr std::array<char, 256> make_escapes()
{
    std::array<char, 256> escapes{};
    for (std::size_t c = 0; c < 0x20; ++c)
        escapes[c] = 'u';
    escapes['\b'] = 'b';
    escapes['\t'] = 't';
    escapes['\n'] = 'n';
    escapes['\f'] = 'f';
    escapes['\r'] = 'r';
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    return escapes;
}

constexpr std::array<char, 256> escapes = make_escapes();

constexpr std::array<std::uint8_t, 256> make_hex()
{
    std::array<std::uint8_t, 256> hex{};
    hex.fill(0xff);
    for (std::uint8_t i = 0; i < 10; ++i)
        hex[static_cast<std::size_t>('0' + i)] = i;
    for (std::uint8_t i = 0; i < 6; ++i)
        hex[static_cast<std::size_t>('a' + i)] = hex[static_cast<std::size_t>('A' + i)] =
            static_cast<std::uint8_t>(10 + i);
    return hex;
}

constexpr std::array<std::uint8_t, 256> hex = make_hex();

/// The UTF-16 unit of four hexadecimal digits; more than 0xffff when one of them is none.
std::uint32_t hex_unit(char const* p) noexcept
{
    auto digit = [&](int i) -> std::uint32_t { return hex[static_cast<unsigned char>(p[i])]; };
    std::uint32_t const high = digit(0) | digit(1) | digit(2) | digit(3);
    return high > 15 ? 0x10000 : digit(0) << 12 | digit(1) << 8 | digit(2) << 4 | digit(3);
}

constexpr bool leads_pair(std::uint32_t unit) { return (unit & 0xfc00) == 0xd800; }

constexpr bool ends_pair(std::uint32_t unit) { return (unit & 0xfc00) == 0xdc00; }

char* put_utf8(std::uint32_t c, char* out) noexcept
{
    auto put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
    if (c < 0x80)
        put(c);
    else if (c < 0x800)
    {
        put(0xc0 | c >> 6);
        put(0x80 | (c & 0x3f));
    }
    else if (c < 0x10000)
    {
        put(0xe0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    }
    else
    {
        put(0xf0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3f));
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    }
    return out;
}

} // namespace

bool append_json_string(std::string& out, std::string_view v)
{
    out.push_back('"');
    char const* run = v.data();
    char const* p = run;
    char const* const end = p + v.size();
    unsigned char seen = 0;
    auto const flush = [&] { out.append(run, static_cast<std::size_t>(p - run)); };
    while (p != end)
    {
        if (static_cast<std::size_t>(end - p) >= block && is_plain(p, seen))
        {
            p += block;
            continue;
        }
        // One of these has to be escaped, or the end is near.
        char const* const until = static_cast<std::size_t>(end - p) < block ? end : p + block;
        while (p != until)
        {
            auto const c = static_cast<unsigned char>(*p);
            char const escape = escapes[c];
            seen |= c;
            if (escape == 0)
            {
                ++p;
                continue;
            }
            flush();
            run = ++p;
            char const text[] = {
                '\\', escape, '0', '0', static_cast<char>('0' + (c >> 4)), "0123456789abcdef"[c & 15]};
            out.append(text, escape == 'u' ? 6 : 2);
        }
    }
    flush();
    out.push_back('"');
    return seen < 0x80 || is_utf8(v);
}

codec_errc check_escapes(std::string_view raw) noexcept
{
    char const* p = raw.data();
    char const* const end = p + raw.size();
    while (p != end)
    {
        p = static_cast<char const*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
        if (p == nullptr)
            break;
        if (end - p < 2)
            return codec_errc::malformed;
        char const c = p[1];
        p += 2;
        if (c != 'u')
        {
            if (std::string_view{"\"\\/bfnrt"}.find(c) == std::string_view::npos)
                return codec_errc::malformed;
            continue;
        }
        std::uint32_t const unit = end - p < 4 ? 0x10000 : hex_unit(p);
        if (unit > 0xffff)
            return codec_errc::malformed;
        p += 4;
        if (ends_pair(unit))
            return codec_errc::invalid_utf8;
        if (!leads_pair(unit))
            continue;
        if (end - p < 6 || p[0] != '\\' || p[1] != 'u' || !ends_pair(hex_unit(p + 2)))
            return codec_errc::invalid_utf8;
        p += 6;
    }
    return {};
}

std::size_t unescape(std::string_view raw, char* out) noexcept
{
    char const* p = raw.data();
    char const* const end = p + raw.size();
    char* to = out;
    while (p != end)
    {
        auto const* backslash =
            static_cast<char const*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
        auto const run = static_cast<std::size_t>((backslash == nullptr ? end : backslash) - p);
        std::memcpy(to, p, run);
        to += run;
        if (backslash == nullptr)
            break;
        char const c = backslash[1];
        p = backslash + 2;
        switch (c)
        {
        case 'b': *to++ = '\b'; break;
        case 'f': *to++ = '\f'; break;
        case 'n': *to++ = '\n'; break;
        case 'r': *to++ = '\r'; break;
        case 't': *to++ = '\t'; break;
        case 'u':
        {
            std::uint32_t unit = hex_unit(p);
            p += 4;
            if (leads_pair(unit))
            {
                unit = 0x10000 + ((unit - 0xd800) << 10 | (hex_unit(p + 2) - 0xdc00));
                p += 6;
            }
            to = put_utf8(unit, to);
            break;
        }
        default: *to++ = c; // a quote, a backslash, a slash
        }
    }
    return static_cast<std::size_t>(to - out);
}

} // namespace oizys::rpc::detail
