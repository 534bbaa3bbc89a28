// SPDX-License-Identifier: BSL-1.0
//
// Conversion of what may be nothing: null, std::monostate and std::optional.
#pragma once

#include <oizys/rpc/codec/convert/core.hpp>

#include <cstddef>
#include <optional>
#include <variant>

namespace oizys::rpc
{

template <>
struct codec<std::monostate>
{
    static bool read(reader& in, std::monostate&) { return in.read_null(); }
    static void write(writer& out, std::monostate) { out.write_null(); }
    static constexpr bool accepts(kind k) { return k == kind::null; }
};

template <>
struct codec<std::nullptr_t>
{
    static bool read(reader& in, std::nullptr_t&) { return in.read_null(); }
    static void write(writer& out, std::nullptr_t) { out.write_null(); }
    static constexpr bool accepts(kind k) { return k == kind::null; }
};

/// Empty is null. As a member of a described struct, empty is absent when written, and absent or null when
/// read.
template <class T>
struct codec<std::optional<T>>
{
    static bool read(reader& in, std::optional<T>& out)
    {
        if (in.next() == kind::null)
        {
            out.reset();
            return in.read_null();
        }
        return rpc::read(in, out.emplace());
    }
    static void write(writer& out, std::optional<T> const& v)
    {
        if (v)
            rpc::write(out, *v);
        else
            out.write_null();
    }
    static constexpr bool accepts(kind k) { return k == kind::null || rpc::accepts<T>(k); }
};

} // namespace oizys::rpc
