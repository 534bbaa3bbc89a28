// SPDX-License-Identifier: BSL-1.0
//
// Points in time: msgpack's three forms, text, numbers, and the ticks of clocks.
#include <oizys/rpc/codec/convert/extension.hpp>
#include <oizys/rpc/codec/convert/timestamp.hpp>

#include "codec/rfc3339.hpp"

#include <cmath>

namespace oizys::rpc
{
namespace
{

constexpr std::int8_t timestamp_type = -1;
constexpr std::uint32_t nanoseconds_per_second = 1'000'000'000;

std::uint64_t load(std::string_view bytes) noexcept
{
    std::uint64_t v = 0;
    for (char const c : bytes)
        v = v << 8 | static_cast<unsigned char>(c);
    return v;
}

void store(char* to, std::size_t size, std::uint64_t v) noexcept
{
    for (std::size_t i = size; i-- > 0; v >>= 8)
        to[i] = static_cast<char>(v);
}

bool read_from_extension(reader& in, timestamp& out)
{
    std::string_view data;
    if (!read_extension(in, timestamp_type, data))
        return false;
    switch (data.size())
    {
    case 4: out = {static_cast<std::int64_t>(load(data)), 0}; return true;
    case 8:
    {
        auto const both = load(data);
        out = {static_cast<std::int64_t>(both & ((std::uint64_t{1} << 34) - 1)),
               static_cast<std::uint32_t>(both >> 34)};
        break;
    }
    case 12:
        out = {static_cast<std::int64_t>(load(data.substr(4))),
               static_cast<std::uint32_t>(load(data.substr(0, 4)))};
        break;
    default: return in.fail(codec_errc::wrong_length);
    }
    return out.nanoseconds < nanoseconds_per_second || in.fail(codec_errc::out_of_range);
}

bool read_from_text(reader& in, timestamp& out)
{
    std::string_view text;
    if (!in.read_string(text))
        return false;
    auto const parsed = detail::parse_rfc3339(text);
    if (!parsed)
        return in.fail(codec_errc::wrong_type);
    out = *parsed;
    return true;
}

bool read_from_double(reader& in, timestamp& out)
{
    double v;
    if (!in.read_double(v))
        return false;
    double const whole = std::floor(v);
    if (!(std::abs(whole) < 9.2e18)) // NaN is none either
        return in.fail(codec_errc::out_of_range);
    out = {static_cast<std::int64_t>(whole),
           static_cast<std::uint32_t>((v - whole) * nanoseconds_per_second)};
    return true;
}

} // namespace

bool read_extension(reader& in, std::int8_t type, std::string_view& out)
{
    std::int8_t came;
    return in.read_extension(came, out) && (came == type || in.fail(codec_errc::wrong_type));
}

bool codec<timestamp>::read(reader& in, timestamp& out)
{
    switch (in.next())
    {
    case kind::string: return read_from_text(in, out);
    case kind::integer: out.nanoseconds = 0; return in.read_int64(out.seconds);
    case kind::floating: return read_from_double(in, out);
    default: return read_from_extension(in, out);
    }
}

void codec<timestamp>::write(writer& out, timestamp v)
{
    if (!out.has_extensions())
    {
        char text[detail::rfc3339_size];
        if (auto const printed = detail::print_rfc3339(v, text))
            out.write_string(*printed);
        else
            out.fail(codec_errc::not_representable);
        return;
    }
    char data[12];
    if (v.seconds < 0 || v.seconds >> 34 != 0)
    {
        store(data, 4, v.nanoseconds);
        store(data + 4, 8, static_cast<std::uint64_t>(v.seconds));
        out.write_extension(timestamp_type, {data, 12});
    }
    else if (v.nanoseconds != 0 || v.seconds >> 32 != 0)
    {
        store(data, 8, std::uint64_t{v.nanoseconds} << 34 | static_cast<std::uint64_t>(v.seconds));
        out.write_extension(timestamp_type, {data, 8});
    }
    else
    {
        store(data, 4, static_cast<std::uint64_t>(v.seconds));
        out.write_extension(timestamp_type, {data, 4});
    }
}

namespace detail
{

bool to_ticks(timestamp from, std::int64_t num, std::int64_t den, std::int64_t& out) noexcept
{
    if (den == 1)
    {
        out = from.seconds / num - (from.seconds % num < 0);
        return true;
    }
    // The earliest second may begin before the first tick and still hold some.
    auto const part = from.nanoseconds / (nanoseconds_per_second / den);
    std::int64_t ticks;
    if (from.seconds < 0)
        return !__builtin_mul_overflow(from.seconds + 1, den, &ticks) &&
               !__builtin_add_overflow(ticks, part - den, &out);
    return !__builtin_mul_overflow(from.seconds, den, &ticks) && !__builtin_add_overflow(ticks, part, &out);
}

bool from_ticks(std::int64_t ticks, std::int64_t num, std::int64_t den, timestamp& out) noexcept
{
    if (den == 1)
    {
        out.nanoseconds = 0;
        return !__builtin_mul_overflow(ticks, num, &out.seconds);
    }
    auto seconds = ticks / den, part = ticks % den;
    if (part < 0)
        part += den, --seconds;
    out = {seconds, static_cast<std::uint32_t>(part * (nanoseconds_per_second / den))};
    return true;
}

} // namespace detail
} // namespace oizys::rpc
