// SPDX-License-Identifier: BSL-1.0
//
// Conversion of bool, char, integers and floating-point numbers. Nothing is narrowed silently: a number
// that does not fit is out_of_range, and an integer is never read from a text with a fraction.
#pragma once

#include <oizys/rpc/codec/convert/core.hpp>

#include <limits>

namespace oizys::rpc
{

template <>
struct codec<bool>
{
    static bool read(reader& in, bool& out) { return in.read_bool(out); }
    static void write(writer& out, bool v) { out.write_bool(v); }
    static constexpr bool accepts(kind k) { return k == kind::boolean; }
};

/// A char is a string of one ASCII character. (signed char and unsigned char are numbers.)
template <>
struct codec<char>
{
    static bool read(reader& in, char& out)
    {
        std::string_view text;
        if (!in.read_string(text))
            return false;
        if (text.size() != 1)
            return in.fail(codec_errc::wrong_length);
        out = text.front();
        return true;
    }
    static void write(writer& out, char v) { out.write_string({&v, 1}); }
    static constexpr bool accepts(kind k) { return k == kind::string; }
};

namespace detail
{

template <class T>
concept wide_character = std::same_as<T, wchar_t> || std::same_as<T, char8_t> || std::same_as<T, char16_t> ||
    std::same_as<T, char32_t>;

template <std::floating_point T>
constexpr bool is_infinite(T v)
{
    return v == std::numeric_limits<T>::infinity() || v == -std::numeric_limits<T>::infinity();
}

} // namespace detail

/// Integers. Characters wider than char are not converted.
template <std::integral T>
requires(!detail::wide_character<T> && sizeof(T) <= sizeof(std::int64_t)) struct codec<T>
{
    static bool read(reader& in, T& out)
    {
        using limits = std::numeric_limits<T>;
        if constexpr (std::signed_integral<T>)
        {
            std::int64_t v = 0;
            if (!in.read_int64(v))
                return false;
            if (v < limits::min() || v > limits::max())
                return in.fail(codec_errc::out_of_range);
            out = static_cast<T>(v);
        }
        else
        {
            std::uint64_t v = 0;
            if (!in.read_uint64(v))
                return false;
            if (v > limits::max())
                return in.fail(codec_errc::out_of_range);
            out = static_cast<T>(v);
        }
        return true;
    }
    static void write(writer& out, T v)
    {
        if constexpr (std::signed_integral<T>)
            out.write_int64(v);
        else
            out.write_uint64(v);
    }
    static constexpr bool accepts(kind k) { return k == kind::integer; }
};

/// float, double, and long double with the precision of a double. Integers are accepted.
template <std::floating_point T>
struct codec<T>
{
    static bool read(reader& in, T& out)
    {
        double v = 0;
        if (!in.read_double(v))
            return false;
        out = static_cast<T>(v);
        return detail::is_infinite(out) == detail::is_infinite(v) || in.fail(codec_errc::out_of_range);
    }
    static void write(writer& out, T v)
    {
        if constexpr (std::same_as<T, float>)
            out.write_float(v);
        else
        {
            out.write_double(static_cast<double>(v));
            if (detail::is_infinite(static_cast<double>(v)) != detail::is_infinite(v))
                out.fail(codec_errc::out_of_range);
        }
    }
    static constexpr bool accepts(kind k) { return k == kind::floating || k == kind::integer; }
};

} // namespace oizys::rpc
