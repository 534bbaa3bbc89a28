// SPDX-License-Identifier: BSL-1.0
//
// What compiled code has to know of a parameter's type, as a constant.
#pragma once

#include <oizys/rpc/codec/convert/core.hpp>
#include <oizys/rpc/codec/convert/struct.hpp>
#include <oizys/rpc/codec/schema.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <vector>

namespace oizys::rpc
{

/// As the last parameter of a handler: all positional arguments that are left, each a T.
/// @code
/// service.method("sum", [](rest<int> numbers) { ... });
/// @endcode
template <class T>
struct rest : std::vector<T>
{
};

/// As the only parameter of a handler: all arguments as they came, an array or an object, as one T; nothing is read if
/// the call has none.
/// @code
/// service.fallback([](call_context& call, all<value> arguments) { ... });
/// @endcode
template <class T>
struct all
{
    T value{};
};

namespace detail
{

/// How many arguments a parameter takes.
enum class takes : std::uint8_t
{
    one,
    rest,
    all,
};

struct parameter_type
{
    bool (*read)(reader& in, void* to);
    takes how_many = takes::one;
    bool optional = false;                         ///< may be absent
    std::uint16_t kinds = 0;                       ///< bits of the kinds that it is read from
    std::uint8_t bits = 0;                         ///< of an integer; 0: it is none
    bool is_signed = false;                        ///< likewise
    std::span<member const> members{};             ///< of a described struct
    type_description const* description = nullptr; ///< of what is written for one argument
};

constexpr std::uint16_t bit_of(kind k) noexcept
{
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(k));
}

template <class T>
constexpr std::uint16_t kinds_of()
{
    unsigned all = 0;
    for (auto k = static_cast<unsigned>(kind::null); k <= static_cast<unsigned>(kind::extension); ++k)
        if (accepts<T>(static_cast<kind>(k)))
            all |= 1u << k;
    return static_cast<std::uint16_t>(all);
}

template <class T>
constexpr parameter_type type_of_value()
{
    parameter_type type{.read = [](reader& in, void* to) { return read(in, *static_cast<T*>(to)); },
                        .kinds = kinds_of<T>(),
                        .description = &description_of<T>};
    if constexpr (std::integral<T> && !std::same_as<T, bool>)
    {
        type.bits = sizeof(T) * 8;
        type.is_signed = std::is_signed_v<T>;
    }
    if constexpr (described_struct<T>)
        type.members = members_of<T>;
    return type;
}

template <class T>
struct type_of_parameter
{
    static constexpr parameter_type value = type_of_value<T>();
};

template <class T>
struct type_of_parameter<std::optional<T>>
{
    static constexpr parameter_type value = [] {
        auto type = type_of_value<T>();
        type.read = [](reader& in, void* to) { return read(in, *static_cast<std::optional<T>*>(to)); };
        type.optional = true;
        type.members = {};
        type.description = &description_of<std::optional<T>>;
        return type;
    }();
};

template <class T>
struct type_of_parameter<rest<T>>
{
    static constexpr parameter_type value = [] {
        auto type = type_of_value<T>();
        type.read = [](reader& in, void* to) { return read(in, static_cast<rest<T>*>(to)->emplace_back()); };
        type.how_many = takes::rest;
        type.optional = true;
        type.members = {};
        return type;
    }();
};

template <class T>
struct type_of_parameter<all<T>>
{
    static constexpr parameter_type value = [] {
        auto type = type_of_value<T>();
        type.read = [](reader& in, void* to) { return read(in, static_cast<all<T>*>(to)->value); };
        type.how_many = takes::all;
        type.optional = true;
        type.members = {};
        return type;
    }();
};

template <class Tuple>
struct parameter_types;

template <class... T>
struct parameter_types<std::tuple<T...>>
{
    static constexpr std::array<parameter_type, sizeof...(T)> value{type_of_parameter<T>::value...};
};

template <class Tuple>
inline constexpr bool rest_is_last = true;
template <class First, class... More>
inline constexpr bool rest_is_last<std::tuple<First, More...>> = (type_of_parameter<First>::value.how_many ==
                                                                      takes::one ||
                                                                  sizeof...(More) == 0) &&
                                                                 rest_is_last<std::tuple<More...>>;

} // namespace detail
} // namespace oizys::rpc
