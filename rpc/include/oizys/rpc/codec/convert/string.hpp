// SPDX-License-Identifier: BSL-1.0
//
// Conversion of text (std::string, std::string_view, literals) and of bytes.
#pragma once

#include <oizys/rpc/codec/convert/core.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::rpc
{

/// Binary data: msgpack's bin; in JSON a string of base64.
using bytes = std::vector<std::byte>;

template <>
struct codec<std::string>
{
    static bool read(reader& in, std::string& out)
    {
        std::string_view text;
        if (!in.read_string(text))
            return false;
        out.assign(text);
        return true;
    }
    static void write(writer& out, std::string const& v) { out.write_string(v); }
    static constexpr bool accepts(kind k) { return k == kind::string; }
};

/// What is read is a view into the message, or into the reader: it lasts until either of them ends.
template <>
struct codec<std::string_view>
{
    static bool read(reader& in, std::string_view& out) { return in.read_string(out); }
    static void write(writer& out, std::string_view v) { out.write_string(v); }
    static constexpr bool accepts(kind k) { return k == kind::string; }
};

template <>
struct codec<char const*>
{
    static void write(writer& out, char const* v) { out.write_string(v); }
};

template <>
struct codec<char*> : codec<char const*>
{
};

template <std::size_t N>
struct codec<char[N]> : codec<char const*>
{
};

template <>
struct codec<bytes>
{
    static bool read(reader& in, bytes& out)
    {
        std::string_view data;
        if (!in.read_binary(data))
            return false;
        auto const* const from = reinterpret_cast<std::byte const*>(data.data());
        out.assign(from, from + data.size());
        return true;
    }
    static void write(writer& out, bytes const& v)
    {
        out.write_binary({reinterpret_cast<char const*>(v.data()), v.size()});
    }
    /// In a std::variant a JSON string is taken for bytes only if no alternative takes strings.
    static constexpr bool accepts(kind k) { return k == kind::binary; }
};

} // namespace oizys::rpc
