// SPDX-License-Identifier: BSL-1.0
#include <oizys/log.hpp>

#include "log_emit.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

namespace oizys
{
namespace
{

std::size_t continuation_bytes(unsigned char first) noexcept
{
    if (first >= 0xc2 && first <= 0xdf)
        return 1;
    if (first >= 0xe0 && first <= 0xef)
        return 2;
    return first >= 0xf0 && first <= 0xf4 ? 3 : 0;
}

/// How many bytes at the front are one printable character of UTF-8; none if they are not. What Unicode calls
/// control characters, lines and directions (U+0080 to U+009F, U+2028 to U+202E, U+2066 to U+2069) is not.
std::size_t printable(std::string_view text) noexcept
{
    auto const at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (at(0) < 0x80)
        return at(0) >= 0x20 && at(0) != 0x7f ? 1 : 0;
    auto const more = continuation_bytes(at(0));
    if (more == 0 || text.size() <= more)
        return 0;
    std::uint32_t point = at(0) & (0x3fu >> more);
    for (std::size_t i = 1; i <= more; ++i)
    {
        if ((at(i) & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (at(i) & 0x3fu);
    }
    bool const overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
    bool const none = (point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff;
    bool const control = point < 0xa0 || (point >= 0x2028 && point <= 0x202e) || // lines, directions
                         (point >= 0x2066 && point <= 0x2069) || point == 0x200e || point == 0x200f;
    return overlong || none || control ? 0 : more + 1;
}

bool is_plain(std::string_view value) noexcept
{
    return !value.empty() && std::ranges::all_of(value, [](char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
    });
}

void append_escaped(std::string& out, std::string_view value)
{
    constexpr std::string_view digits = "0123456789abcdef";
    while (!value.empty())
    {
        auto const size = printable(value);
        char const c = value.front();
        if (c == '"' || c == '\\')
            out.append(1, '\\').append(1, c);
        else if (size != 0)
            out.append(value.substr(0, size));
        else if (c == '\n' || c == '\r' || c == '\t')
            out.append(1, '\\').append(1, c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        else
        {
            auto const byte = static_cast<unsigned char>(c);
            out.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        }
        value.remove_prefix(std::max<std::size_t>(size, 1));
    }
}

void append_field(std::string& out, std::string_view name, std::string_view value)
{
    if (!out.empty())
        out += ' ';
    out.append(name).append(1, '=');
    if (is_plain(value))
    {
        out.append(value);
        return;
    }
    out += '"';
    append_escaped(out, value);
    out += '"';
}

} // namespace

std::string_view to_string(log_level level) noexcept
{
    switch (level)
    {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
    }
    return "unknown";
}

std::string to_logfmt(log_event const& event)
{
    std::string line;
    append_field(line, "level", to_string(event.level));
    append_field(line, "text", event.text);
    for (auto const& field : event.fields)
        append_field(line, field.name, field.value);
    return line;
}

log_handler log_to_stderr(log_level least)
{
    return [least](log_event const& event) {
        if (event.level < least)
            return;
        auto const line = to_logfmt(event) + '\n';
        // Errors are ignored, but for interruptions: there is nowhere to report them to.
        while (::write(STDERR_FILENO, line.data(), line.size()) < 0 && errno == EINTR) {}
    };
}

namespace detail
{

void emit(log_handler const& handler, log_event const& event) noexcept
{
    try
    {
        handler(event);
    }
    catch (...) // the hook's trouble is not that of what it was told about
    {
    }
}

} // namespace detail
} // namespace oizys
