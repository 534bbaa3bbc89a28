// SPDX-License-Identifier: BSL-1.0
//
// Turns a C++ function into what serves calls: its parameters are decoded straight from the message, its result is
// encoded straight into the answer.
#pragma once

#include <oizys/rpc/codec/convert.hpp>
#include <oizys/rpc/invocation.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
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

namespace detail
{

template <class T>
inline constexpr bool is_rest = false;
template <class T>
inline constexpr bool is_rest<rest<T>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// What a T is read from, for people.
template <class T>
constexpr char const* expected_text()
{
    if constexpr (is_optional<T>)
        return expected_text<typename T::value_type>();
    else if constexpr (std::same_as<T, bool>)
        return "a boolean";
    else if constexpr (std::integral<T>)
        return "an integer";
    else if constexpr (std::floating_point<T>)
        return "a number";
    else if constexpr (std::convertible_to<T, std::string_view>)
        return "a string";
    else
        return nullptr;
}

template <class T>
argument_slot slot_for(T& target)
{
    return {.read = [](reader& in, void* to) { return read(in, *static_cast<T*>(to)); },
            .target = &target,
            .expected = expected_text<T>(),
            .optional = is_optional<T>,
            .rest = false};
}

template <class T>
argument_slot slot_for(rest<T>& target)
{
    return {.read = [](reader& in, void* to) { return read(in, static_cast<rest<T>*>(to)->emplace_back()); },
            .target = &target,
            .expected = expected_text<T>(),
            .optional = true,
            .rest = true};
}

/// The parameters of a handler: what comes before the arguments, and the arguments.
template <class... Parameters>
struct parameter_list
{
    static constexpr bool wants_context = false;
    static constexpr bool wants_reply = false;
    using arguments = std::tuple<std::remove_cvref_t<Parameters>...>;
};

template <class R, class... Parameters>
struct parameter_list<reply<R>, Parameters...>
{
    static constexpr bool wants_context = false;
    static constexpr bool wants_reply = true;
    using reply_type = reply<R>;
    using arguments = std::tuple<std::remove_cvref_t<Parameters>...>;
};

template <class... Parameters>
struct parameter_list<call_context&, Parameters...> : parameter_list<Parameters...>
{
    static constexpr bool wants_context = true;
};

template <class Function>
struct signature;

template <class R, class... Parameters>
struct signature<std::function<R(Parameters...)>> : parameter_list<Parameters...>
{
    using result = R;
};

/// The signature of anything with one call operator, or of a function.
template <class F>
using signature_of = signature<decltype(std::function{std::declval<F>()})>;

template <class Tuple>
inline constexpr bool rest_is_last = true;
template <class First, class... More>
inline constexpr bool rest_is_last<std::tuple<First, More...>> =
    (!is_rest<First> || sizeof...(More) == 0) && rest_is_last<std::tuple<More...>>;

template <class F>
void serve(F& function, invocation& call, std::span<std::string const> names)
{
    using traits = signature_of<F>;
    using arguments = typename traits::arguments;
    static_assert(rest_is_last<arguments>, "rest<T> must be the last parameter");
    static_assert(std::tuple_size_v<arguments> <= 64, "a handler has at most 64 parameters");

    arguments values{};
    auto const slots = std::apply(
        [](auto&... value) { return std::array<argument_slot, sizeof...(value)>{slot_for(value)...}; },
        values);
    if (!read_arguments(call, slots, names))
        return;

    auto const run = [&](auto&&... front) -> decltype(auto) {
        return std::apply(
            [&](auto&... value) -> decltype(auto) {
                return function(std::forward<decltype(front)>(front)..., std::move(value)...);
            },
            values);
    };
    auto const run_with_context = [&](call_context& context, auto&&... front) -> decltype(auto) {
        if constexpr (traits::wants_context)
            return run(context, std::forward<decltype(front)>(front)...);
        else
            return run(std::forward<decltype(front)>(front)...);
    };

    if constexpr (traits::wants_reply)
    {
        auto answer = call.defer();
        auto& context = answer.context(); // lives as long as the reply
        run_with_context(context, typename traits::reply_type{std::move(answer)});
    }
    else if constexpr (std::is_void_v<typename traits::result>)
    {
        run_with_context(call);
        call.answer([](writer& out) { out.write_null(); });
    }
    else
    {
        auto const& result = run_with_context(call);
        call.answer([&](writer& out) { write(out, result); });
    }
}

} // namespace detail
} // namespace oizys::rpc
