// SPDX-License-Identifier: BSL-1.0
//
// Conversion of std::array, std::tuple and std::pair: arrays of exactly as many elements.
#pragma once

#include <oizys/rpc/codec/convert/core.hpp>

#include <array>
#include <tuple>
#include <utility>

namespace oizys::rpc
{
namespace detail
{

/// Enters an array that must have `size` elements, as far as the codec can say that now.
inline bool enter_exactly(reader& in, std::size_t size)
{
    std::size_t count = 0;
    if (!in.enter_array(count))
        return false;
    return count == size || count == reader::unknown_count || in.fail(codec_errc::wrong_length);
}

/// Leaves an array in which no element may be left.
inline bool leave_exactly(reader& in)
{
    if (in.has_next())
        return in.fail(codec_errc::wrong_length);
    return in.leave_array();
}

template <class Tuple>
struct tuple_codec
{
    static bool read(reader& in, Tuple& out)
    {
        auto const element = [&](auto& e) {
            return in.has_next() ? rpc::read(in, e) : in.fail(codec_errc::wrong_length);
        };
        return enter_exactly(in, std::tuple_size_v<Tuple>) &&
               std::apply([&](auto&... e) { return (element(e) && ...); }, out) && leave_exactly(in);
    }
    static void write(writer& out, Tuple const& v)
    {
        out.begin_array(std::tuple_size_v<Tuple>);
        std::apply([&](auto const&... e) { (rpc::write(out, e), ...); }, v);
        out.end_array();
    }
    static constexpr bool accepts(kind k) { return k == kind::array; }
};

} // namespace detail

template <class... T>
struct codec<std::tuple<T...>> : detail::tuple_codec<std::tuple<T...>>
{
};

template <class A, class B>
struct codec<std::pair<A, B>> : detail::tuple_codec<std::pair<A, B>>
{
};

template <class T, std::size_t N>
struct codec<std::array<T, N>>
{
    static bool read(reader& in, std::array<T, N>& out)
    {
        if (!detail::enter_exactly(in, N))
            return false;
        for (T& element : out)
        {
            if (!in.has_next())
                return in.fail(codec_errc::wrong_length);
            if (!rpc::read(in, element))
                return false;
        }
        return detail::leave_exactly(in);
    }
    static void write(writer& out, std::array<T, N> const& v)
    {
        out.begin_array(N);
        for (T const& element : v)
            rpc::write(out, element);
        out.end_array();
    }
    static constexpr bool accepts(kind k) { return k == kind::array; }
};

} // namespace oizys::rpc
