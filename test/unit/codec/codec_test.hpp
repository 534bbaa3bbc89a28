// SPDX-License-Identifier: BSL-1.0
//
// What the tests of the codecs share: bytes as hex, a value there and back, and the error of a failed read.
#pragma once

#include <oizys/rpc/codec/json.hpp>
#include <oizys/rpc/codec/msgpack.hpp>

#include <string>
#include <string_view>

namespace oizys::test
{

/// "93 01 02 03" as bytes.
inline std::string from_hex(std::string_view text)
{
    std::string out;
    int digits = 0;
    unsigned byte = 0;
    for (char const c : text)
    {
        if (c == ' ' || c == '-')
            continue;
        byte = byte << 4 | static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        if (++digits % 2 == 0)
            out.push_back(static_cast<char>(byte));
    }
    return out;
}

inline std::string to_hex(std::string_view bytes)
{
    std::string out;
    for (char const c : bytes)
    {
        auto const byte = static_cast<unsigned char>(c);
        if (!out.empty())
            out.push_back(' ');
        out.push_back("0123456789abcdef"[byte >> 4]);
        out.push_back("0123456789abcdef"[byte & 15]);
    }
    return out;
}

/// `depth` arrays of msgpack, one within the other.
inline std::string nested_arrays(std::size_t depth)
{
    std::string out(depth, '\x91');
    out.back() = '\x90';
    return out;
}

/// What comes back when `v` is written as JSON and read again; throws where that fails.
template <class T>
T through_json(T const& v)
{
    return rpc::from_json<T>(rpc::to_json(v)).value();
}

template <class T>
T through_msgpack(T const& v)
{
    return rpc::from_msgpack<T>(rpc::to_msgpack(v)).value();
}

/// Whether both codecs give back what they were given.
template <class T>
bool survives(T const& v)
{
    return through_json(v) == v && through_msgpack(v) == v;
}

/// Why `text` is no T.
template <class T>
boost::system::error_code json_error(std::string_view text)
{
    return rpc::from_json<T>(text).error();
}

/// Why the bytes, given as hex, are no T.
template <class T>
boost::system::error_code msgpack_error(std::string_view hex)
{
    return rpc::from_msgpack<T>(from_hex(hex)).error();
}

} // namespace oizys::test
