// SPDX-License-Identifier: BSL-1.0
//
// Conversion of std::variant: written as what it holds, read as the first alternative that the kind of the
// next value fits.
#pragma once

#include <oizys/rpc/codec/convert/optional.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

namespace oizys::rpc
{

/// The kind alone decides, in the order of the alternatives; there is no second try. An integer fits double
/// as well, so write std::variant<int, double>, and no two alternatives that are both objects. A JSON
/// string is read as bytes only when no alternative is a string.
template <class... T>
struct codec<std::variant<T...>>
{
    static bool read(reader& in, std::variant<T...>& out)
    {
        kind k = in.next();
        if (k == kind::string && !accepts(k))
            k = kind::binary;
        if (!accepts(k))
            return in.fail(k == kind::none ? codec_errc::wrong_length : codec_errc::wrong_type);
        bool ok = false;
        [&]<std::size_t... I>(std::index_sequence<I...>)
        {
            static_cast<void>(((rpc::accepts<T>(k) &&
                                (static_cast<void>(ok = rpc::read(in, out.template emplace<I>())), true)) ||
                               ...));
        }
        (std::index_sequence_for<T...>{});
        return ok;
    }
    static void write(writer& out, std::variant<T...> const& v)
    {
        std::visit([&](auto const& alternative) { rpc::write(out, alternative); }, v);
    }
    static constexpr bool accepts(kind k) { return (rpc::accepts<T>(k) || ...); }
};

} // namespace oizys::rpc
