// SPDX-License-Identifier: BSL-1.0
//
// Arguments by name, without a type of their own.
#pragma once

#include <oizys/rpc/codec/convert/core.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace oizys::rpc
{
namespace detail
{

template <class... Values>
struct named_arguments
{
    std::array<std::string_view, sizeof...(Values)> names;
    std::tuple<Values...> values;
};

} // namespace detail

/// Names and values in turns: an object, to be the arguments of a call, or an argument.
/// @code
/// peer.async_call<int>("subtract", rpc::named("minuend", 42, "subtrahend", 23), token);
/// @endcode
/// Values are copied, or moved where they may be; names are not, and must last as long as this. Parameters have names in
/// JSON-RPC only: over MessagePack-RPC such a call completes with errc::bad_arguments.
template <class... NamesAndValues>
auto named(NamesAndValues&&... all)
{
    static_assert(sizeof...(all) % 2 == 0, "names and values come in pairs");
    using given_types = std::tuple<NamesAndValues&&...>;
    given_types given{std::forward<NamesAndValues>(all)...};
    return [&]<std::size_t... I>(std::index_sequence<I...>)
    {
        static_assert(
            (std::is_convertible_v<std::tuple_element_t<2 * I, given_types>, std::string_view> && ...),
            "a name is a string");
        return detail::named_arguments<std::decay_t<std::tuple_element_t<2 * I + 1, given_types>>...>{
            {std::string_view{std::get<2 * I>(given)}...}, {std::get<2 * I + 1>(std::move(given))...}};
    }
    (std::make_index_sequence<sizeof...(all) / 2>{});
}

template <class... Values>
struct codec<detail::named_arguments<Values...>>
{
    static void write(writer& out, detail::named_arguments<Values...> const& v)
    {
        out.begin_object(sizeof...(Values));
        [&]<std::size_t... I>(std::index_sequence<I...>)
        {
            ((out.write_key(v.names[I]), rpc::write(out, std::get<I>(v.values))), ...);
        }
        (std::index_sequence_for<Values...>{});
        out.end_object();
    }
};

} // namespace oizys::rpc
