// SPDX-License-Identifier: BSL-1.0
//
// Conversion of the standard containers, recognised by what they can do, so that no container's header is
// needed here. Sequences and sets are arrays, maps are objects.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/convert/number.hpp>
#include <oizys/rpc/codec/convert/string.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace oizys::rpc
{
namespace detail
{

/// std::vector, std::deque, std::list
template <class C>
concept sequence = requires(C c, typename C::value_type v)
{
    c.push_back(std::move(v));
    c.clear();
    c.size();
    c.begin();
}
&&!requires { typename C::traits_type; }; // a string is no sequence

/// std::set, std::unordered_set
template <class C>
concept set = requires(C c, typename C::key_type v)
{
    requires std::same_as<typename C::key_type, typename C::value_type>;
    c.insert(std::move(v));
    c.clear();
    c.size();
};

/// std::map, std::unordered_map
template <class C>
concept map = requires(C c, typename C::key_type k, typename C::mapped_type v)
{
    c.insert_or_assign(std::move(k), std::move(v));
    c.clear();
    c.size();
};

/// Room for what an array claims to hold, but never more than 64 KiB ahead of it: arrays that are
/// nested deep could claim as much at every level.
template <class C>
void reserve(C& c, std::size_t count)
{
    constexpr std::size_t most = (std::size_t{1} << 16) / sizeof(typename C::value_type);
    if constexpr (requires { c.reserve(count); })
        if (count != reader::unknown_count)
            c.reserve(count < most ? count : most);
}

template <class C, class Insert>
bool read_elements(reader& in, C& out, Insert insert)
{
    std::size_t count = 0;
    if (!in.enter_array(count))
        return false;
    out.clear();
    reserve(out, count);
    while (in.has_next())
    {
        typename C::value_type element{};
        if (!read(in, element))
            return false;
        insert(std::move(element));
    }
    return in.leave_array();
}

template <class C>
void write_elements(writer& out, C const& c)
{
    out.begin_array(c.size());
    for (auto&& element : c)
    {
        if (out.error())
            return;
        write<typename C::value_type>(out, element);
    }
    out.end_array();
}

/// Reads a member's name that is an integer, either as such (msgpack) or as text.
OIZYS_API bool read_name(reader& in, std::int64_t& out);
OIZYS_API bool read_name(reader& in, std::uint64_t& out);
/// Reads any member's name; one that is an integer becomes its decimal text.
OIZYS_API bool read_any_name(reader& in, std::string& out);

template <class K>
bool read_name(reader& in, K& out)
{
    if constexpr (std::integral<K>)
    {
        std::conditional_t<std::is_signed_v<K>, std::int64_t, std::uint64_t> number = 0;
        if (!read_name(in, number))
            return false;
        out = static_cast<K>(number);
        return out == number || in.fail(codec_errc::out_of_range);
    }
    else
    {
        std::string_view text;
        if (!in.read_key(text))
            return false;
        out = K{text};
        return true;
    }
}

template <class K>
void write_name(writer& out, K const& name)
{
    if constexpr (std::integral<K>)
        codec<K>::write(out, name);
    else
        out.write_key(name);
}

template <class K>
concept name = std::constructible_from<K, std::string_view> ||
    (std::integral<K> && !std::same_as<K, bool> && !std::same_as<K, char> && !wide_character<K>);

} // namespace detail

template <detail::sequence C>
struct codec<C>
{
    static bool read(reader& in, C& out)
    {
        return detail::read_elements(in, out, [&](auto&& element) { out.push_back(std::move(element)); });
    }
    static void write(writer& out, C const& v) { detail::write_elements(out, v); }
    static constexpr bool accepts(kind k) { return k == kind::array; }
};

/// Equal elements are read as one.
template <detail::set C>
struct codec<C>
{
    static bool read(reader& in, C& out)
    {
        return detail::read_elements(in, out, [&](auto&& element) { out.insert(std::move(element)); });
    }
    static void write(writer& out, C const& v) { detail::write_elements(out, v); }
    static constexpr bool accepts(kind k) { return k == kind::array; }
};

/// Keys are text, or integers (in JSON as text). Of members with the same name the last one is kept.
template <detail::map C>
requires detail::name<typename C::key_type>
struct codec<C>
{
    static bool read(reader& in, C& out)
    {
        std::size_t count = 0;
        if (!in.enter_object(count))
            return false;
        out.clear();
        while (in.has_next())
        {
            typename C::key_type name{};
            typename C::mapped_type element{};
            if (!detail::read_name(in, name) || !rpc::read(in, element))
                return false;
            out.insert_or_assign(std::move(name), std::move(element));
        }
        return in.leave_object();
    }
    static void write(writer& out, C const& v)
    {
        out.begin_object(v.size());
        for (auto const& [name, element] : v)
        {
            if (out.error())
                return;
            detail::write_name(out, name);
            rpc::write(out, element);
        }
        out.end_object();
    }
    static constexpr bool accepts(kind k) { return k == kind::object; }
};

} // namespace oizys::rpc
