// SPDX-License-Identifier: BSL-1.0
//
// Conversion of points in time: msgpack's timestamp (extension −1), RFC 3339 text in JSON.
// <chrono> is not included: whoever has a time has it.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/convert/core.hpp>

#include <compare>
#include <cstdint>

namespace oizys::rpc
{

/// A point in time as the wire has it; std::chrono::system_clock's are converted through it. Seconds since
/// 1970-01-01T00:00:00Z, leap seconds not counted, and nanoseconds behind that second.
struct timestamp
{
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0; ///< less than 1,000,000,000

    friend auto operator<=>(timestamp const&, timestamp const&) = default;
};

/// msgpack: extension −1, in the shortest of its three forms. JSON: text as in RFC 3339, in UTC, with no, 3, 6 or 9
/// digits of the fraction; years other than 0000 … 9999 are not_representable. Read from either of them (text with
/// any offset and up to 9 digits of the fraction that count), and from a number of seconds since 1970.
template <>
struct codec<timestamp>
{
    OIZYS_API static bool read(reader& in, timestamp& out);
    OIZYS_API static void write(writer& out, timestamp v);
    static constexpr bool accepts(kind k)
    {
        return k == kind::extension || k == kind::string || k == kind::integer || k == kind::floating;
    }
};

namespace detail
{

/// Ticks of a clock with num / den seconds each. False if the time is beyond the clock's ends; what is finer than a
/// tick is cut off.
OIZYS_API bool to_ticks(timestamp from, std::int64_t num, std::int64_t den, std::int64_t& out) noexcept;
/// False if that is beyond what a timestamp can hold.
OIZYS_API bool from_ticks(std::int64_t ticks, std::int64_t num, std::int64_t den, timestamp& out) noexcept;

/// std::chrono::time_point of the system_clock, recognised by what only that clock can do.
template <class T>
concept system_time = requires(T v)
{
    T::clock::to_time_t(T::clock::now());
    requires std::signed_integral<typename T::duration::rep>;
    requires sizeof(typename T::duration::rep) <= sizeof(std::int64_t);
    requires T::duration::period::den == 1 ||
        (T::duration::period::num == 1 && 1'000'000'000 % T::duration::period::den == 0);
    v.time_since_epoch().count();
};

} // namespace detail

/// As timestamp. What is finer than the clock's unit is cut off, a time beyond its ends is out_of_range.
template <detail::system_time T>
struct codec<T>
{
    using period = typename T::duration::period;
    using rep = typename T::duration::rep;

    static bool read(reader& in, T& out)
    {
        timestamp t;
        std::int64_t ticks = 0;
        if (!rpc::read(in, t))
            return false;
        if (!detail::to_ticks(t, period::num, period::den, ticks) || static_cast<rep>(ticks) != ticks)
            return in.fail(codec_errc::out_of_range);
        out = T{typename T::duration{static_cast<rep>(ticks)}};
        return true;
    }
    static void write(writer& out, T const& v)
    {
        timestamp t;
        if (detail::from_ticks(v.time_since_epoch().count(), period::num, period::den, t))
            rpc::write(out, t);
        else
            out.fail(codec_errc::out_of_range);
    }
    static constexpr bool accepts(kind k) { return codec<timestamp>::accepts(k); }
};

} // namespace oizys::rpc
