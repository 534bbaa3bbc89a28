// SPDX-License-Identifier: BSL-1.0
//
// Conversion of std::chrono durations: the count, in the duration's own unit (1500 for milliseconds{1500}).
// <chrono> is not included: whoever has a duration has it.
#pragma once

#include <oizys/rpc/codec/convert/number.hpp>

namespace oizys::rpc
{
namespace detail
{

template <class T>
concept duration = requires(T v)
{
    typename T::rep;
    typename T::period;
    {
        v.count()
        } -> std::same_as<typename T::rep>;
    T{typename T::rep{}};
};

} // namespace detail

template <detail::duration T>
struct codec<T>
{
    static bool read(reader& in, T& out)
    {
        typename T::rep count{};
        if (!rpc::read(in, count))
            return false;
        out = T{count};
        return true;
    }
    static void write(writer& out, T const& v) { rpc::write(out, v.count()); }
    static constexpr bool accepts(kind k) { return rpc::accepts<typename T::rep>(k); }
};

} // namespace oizys::rpc
