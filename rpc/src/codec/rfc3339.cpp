// SPDX-License-Identifier: BSL-1.0
//
// The proleptic Gregorian calendar by arithmetic, without tables of years and without the C library's locale.
#include "codec/rfc3339.hpp"

#include <chrono>

namespace oizys::rpc::detail
{
namespace
{

constexpr std::int64_t seconds_per_day = 86'400;

char* put_digits(char* to, unsigned v, int count) noexcept
{
    for (int i = count; i-- > 0; v /= 10)
        to[i] = static_cast<char>('0' + v % 10);
    return to + count;
}

class scanner
{
public:
    explicit scanner(std::string_view text) noexcept : at_(text.data()), end_(text.data() + text.size()) {}

    bool done() const noexcept { return at_ == end_; }

    bool character(char c) noexcept
    {
        bool const is = at_ != end_ && *at_ == c;
        at_ += is;
        return is;
    }
    /// One of two, as T and Z may be small.
    bool letter(char c) noexcept { return character(c) || character(static_cast<char>(c | 0x20)); }

    bool digit(unsigned& out) noexcept
    {
        if (at_ == end_ || *at_ < '0' || *at_ > '9')
            return false;
        out = static_cast<unsigned>(*at_++ - '0');
        return true;
    }
    /// Exactly `count` digits, of a number from `least` to `most`.
    bool number(int count, unsigned least, unsigned most, unsigned& out) noexcept
    {
        out = 0;
        for (unsigned d = 0; count != 0; --count)
        {
            if (!digit(d))
                return false;
            out = out * 10 + d;
        }
        return out >= least && out <= most;
    }

private:
    char const* at_;
    char const* end_;
};

bool parse_date(scanner& in, std::int64_t& days) noexcept
{
    unsigned year, month, day;
    if (!in.number(4, 0, 9999, year) || !in.character('-') || !in.number(2, 1, 12, month) ||
        !in.character('-') || !in.number(2, 1, 31, day))
        return false;
    std::chrono::year_month_day const date{std::chrono::year{static_cast<int>(year)},
                                           std::chrono::month{month}, std::chrono::day{day}};
    days = std::chrono::sys_days{date}.time_since_epoch().count();
    return date.ok();
}

bool parse_fraction(scanner& in, std::uint32_t& nanoseconds) noexcept
{
    if (!in.character('.'))
        return true;
    unsigned digit;
    if (!in.digit(digit))
        return false;
    std::uint32_t unit = 100'000'000;
    do
    {
        nanoseconds += digit * unit;
        unit /= 10; // 0 behind the ninth digit
    } while (in.digit(digit));
    return true;
}

bool parse_offset(scanner& in, std::int64_t& seconds) noexcept
{
    seconds = 0;
    if (in.letter('Z'))
        return true;
    bool const east = in.character('+');
    unsigned hours, minutes;
    if ((!east && !in.character('-')) || !in.number(2, 0, 23, hours) || !in.character(':') ||
        !in.number(2, 0, 59, minutes))
        return false;
    seconds = (hours * 60 + minutes) * 60;
    if (!east)
        seconds = -seconds;
    return true;
}

} // namespace

std::optional<std::string_view> print_rfc3339(timestamp t, char* out) noexcept
{
    constexpr std::int64_t begin_of_0000 = -62'167'219'200, begin_of_10000 = 253'402'300'800;
    if (t.seconds < begin_of_0000 || t.seconds >= begin_of_10000)
        return std::nullopt;
    auto days = t.seconds / seconds_per_day, second = t.seconds % seconds_per_day;
    if (second < 0)
        second += seconds_per_day, --days;
    std::chrono::year_month_day const date{
        std::chrono::sys_days{std::chrono::days{static_cast<std::int32_t>(days)}}};
    auto const of_day = static_cast<unsigned>(second);

    char* to = put_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    *to++ = '-';
    to = put_digits(to, static_cast<unsigned>(date.month()), 2);
    *to++ = '-';
    to = put_digits(to, static_cast<unsigned>(date.day()), 2);
    *to++ = 'T';
    to = put_digits(to, of_day / 3600, 2);
    *to++ = ':';
    to = put_digits(to, of_day / 60 % 60, 2);
    *to++ = ':';
    to = put_digits(to, of_day % 60, 2);
    if (t.nanoseconds != 0)
    {
        *to++ = '.';
        if (t.nanoseconds % 1'000'000 == 0)
            to = put_digits(to, t.nanoseconds / 1'000'000, 3);
        else if (t.nanoseconds % 1000 == 0)
            to = put_digits(to, t.nanoseconds / 1000, 6);
        else
            to = put_digits(to, t.nanoseconds, 9);
    }
    *to++ = 'Z';
    return std::string_view{out, static_cast<std::size_t>(to - out)};
}

std::optional<timestamp> parse_rfc3339(std::string_view text) noexcept
{
    scanner in{text};
    std::int64_t days, offset;
    unsigned hours, minutes, seconds;
    std::uint32_t nanoseconds = 0;
    if (!parse_date(in, days) || (!in.letter('T') && !in.character(' ')) || !in.number(2, 0, 23, hours) ||
        !in.character(':') || !in.number(2, 0, 59, minutes) || !in.character(':') ||
        !in.number(2, 0, 60, seconds) || !parse_fraction(in, nanoseconds) || !parse_offset(in, offset) ||
        !in.done())
        return std::nullopt;
    return timestamp{days * seconds_per_day + (hours * 60 + minutes) * 60 + seconds - offset, nanoseconds};
}

} // namespace oizys::rpc::detail
