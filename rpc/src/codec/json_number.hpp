// SPDX-License-Identifier: BSL-1.0
//
// The text of a JSON number: where it ends, and its value as an integer or a double. A number ends where
// its grammar ends; `end` is never read. And the text of an integer: std::to_chars takes three times as long for the
// short ones that ids and most arguments are.
#pragma once

#include <cstdint>
#include <optional>

namespace oizys::rpc::detail
{

constexpr bool is_digit(char c) noexcept { return static_cast<unsigned>(c - '0') < 10; }

/// The end of the number that begins at `p`, or nothing when there is none; `at` is where it went wrong.
inline char const* scan_number(char const* p, char const* end, char const*& at) noexcept
{
    auto digits = [&] {
        char const* const from = p;
        while (p != end && is_digit(*p))
            ++p;
        at = p;
        return p != from;
    };
    if (p != end && *p == '-')
        ++p;
    if (p != end && *p == '0')
        ++p; // no digit may follow
    else if (!digits())
        return nullptr;
    if (p != end && *p == '.')
    {
        ++p;
        if (!digits())
            return nullptr;
    }
    if (p != end && (*p == 'e' || *p == 'E'))
    {
        ++p;
        if (p != end && (*p == '+' || *p == '-'))
            ++p;
        if (!digits())
            return nullptr;
    }
    return p;
}

/// A number without fraction and exponent.
struct integer_text
{
    enum form
    {
        fits,     ///< the magnitude fits 64 bits
        too_long, ///< it does not
        floating, ///< it has a fraction or an exponent
    };
    form is;
    bool negative;
    std::uint64_t magnitude;
};

/// Writes the decimal text of `v` so that it ends at `end`; returns where it begins. At most 20 digits.
inline char* put_decimal(char* end, std::uint64_t v) noexcept
{
    do
        *--end = static_cast<char>('0' + v % 10);
    while ((v /= 10) != 0);
    return end;
}

/// Reads a well-formed number.
inline integer_text parse_integer(char const* p, char const* end) noexcept
{
    integer_text out{integer_text::fits, *p == '-', 0};
    p += out.negative;
    char const* const first = p;
    while (p != end && is_digit(*p))
        out.magnitude = out.magnitude * 10 + static_cast<unsigned>(*p++ - '0');
    if (p != end && (*p == '.' || *p == 'e' || *p == 'E'))
        out.is = integer_text::floating;
    // 20 digits fit below 2^64 when the first one is 1 and the product has not wrapped below 10^19.
    else if (p - first >= 20 &&
             (p - first > 20 || *first != '1' || out.magnitude < 10'000'000'000'000'000'000u))
        out.is = integer_text::too_long;
    return out;
}

/// Whether a well-formed number fits std::int64_t or std::uint64_t.
inline bool is_integer(integer_text const& t) noexcept
{
    return t.is == integer_text::fits && (!t.negative || t.magnitude <= std::uint64_t{1} << 63);
}

/// The double nearest to a well-formed number; nothing when it is too large for a double.
std::optional<double> parse_double(char const* p, char const* end) noexcept;

} // namespace oizys::rpc::detail
