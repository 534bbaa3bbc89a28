// SPDX-License-Identifier: BSL-1.0
//
// Doubles: std::from_chars, and what it leaves open when the number is out of a double's range.
#include "codec/json_number.hpp"

#include <charconv>
#include <limits>

namespace oizys::rpc::detail
{
namespace
{

/// Whether a number that is out of range is too large, and not too small.
bool is_large(char const* p, char const* end) noexcept
{
    // The decimal exponent of the first digit that is not zero, and the written exponent.
    std::int64_t magnitude = 0;
    bool leading = true;
    bool fraction = false;
    for (p += *p == '-'; p != end && (is_digit(*p) || *p == '.'); ++p)
    {
        if (*p == '.')
            fraction = true;
        else
        {
            leading = leading && *p == '0';
            if (leading && fraction)
                --magnitude;
            else if (!leading && !fraction)
                ++magnitude;
        }
    }
    std::int64_t exponent = 0;
    if (p != end && (*p == 'e' || *p == 'E'))
    {
        p += p[1] == '+' ? 2 : 1;
        if (std::from_chars(p, end, exponent).ec != std::errc{})
            return *p != '-';
    }
    return magnitude + exponent / 2 > -(exponent / 2); // halves: the sum must not overflow
}

} // namespace

std::optional<double> parse_double(char const* p, char const* end) noexcept
{
    double out = 0;
    auto const result = std::from_chars(p, end, out);
    if (result.ec == std::errc::result_out_of_range)
    {
        if (is_large(p, result.ptr))
            return std::nullopt;
        return *p == '-' ? -0.0 : 0.0;
    }
    if (out > std::numeric_limits<double>::max() || out < std::numeric_limits<double>::lowest())
        return std::nullopt;
    return out;
}

} // namespace oizys::rpc::detail
