// SPDX-License-Identifier: BSL-1.0
//
// Positional arguments of which the last ones may be left out: what generated clients call with.
#pragma once

#include <oizys/rpc/codec/convert/core.hpp>
#include <oizys/rpc/codec/convert/optional.hpp>

#include <cstddef>
#include <tuple>
#include <utility>

namespace oizys::rpc
{

/// As the last argument: each element is one argument.
template <class Sequence>
struct spread
{
    Sequence elements{};
};

/// A tuple that ends, on the wire, with the last argument that is not an empty std::optional. Empty ones before that
/// are null.
template <class... T>
struct positional
{
    std::tuple<T...> arguments{};

    positional() = default;
    explicit positional(T... each) requires(sizeof...(T) != 0) : arguments{std::move(each)...} {}
};

namespace detail
{

template <class T>
struct argument_count
{
    static std::size_t of(T const&) { return 1; }
    static void write(writer& out, T const& v) { rpc::write(out, v); }
};

template <class T>
struct argument_count<std::optional<T>>
{
    static std::size_t of(std::optional<T> const& v) { return v ? 1 : 0; }
    static void write(writer& out, std::optional<T> const& v) { rpc::write(out, v); }
};

template <class Sequence>
struct argument_count<spread<Sequence>>
{
    static std::size_t of(spread<Sequence> const& v) { return v.elements.size(); }
    static void write(writer& out, spread<Sequence> const& v)
    {
        for (auto&& element : v.elements)
            rpc::write<typename Sequence::value_type>(out, element);
    }
};

} // namespace detail

/// Written only.
template <class... T>
struct codec<positional<T...>>
{
    static void write(writer& out, positional<T...> const& v)
    {
        std::apply(
            [&](T const&... each) {
                std::size_t count = 0,
                            before = 0; // values so far; arguments so far, each of them at least one value
                static_cast<void>(((count = detail::argument_count<T>::of(each) == 0
                                                ? count
                                                : before + detail::argument_count<T>::of(each),
                                    ++before),
                                   ...));
                out.begin_array(count);
                before = 0;
                static_cast<void>(
                    ((before++ < count ? detail::argument_count<T>::write(out, each) : void()), ...));
                out.end_array();
            },
            v.arguments);
    }
};

} // namespace oizys::rpc
