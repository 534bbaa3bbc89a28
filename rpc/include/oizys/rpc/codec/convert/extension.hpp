// SPDX-License-Identifier: BSL-1.0
//
// Types of the user's own as msgpack extensions, both ways.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/convert/core.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace oizys::rpc
{

/// Reads an extension that must be of this type; anything else is wrong_type.
OIZYS_API bool read_extension(reader& in, std::int8_t type, std::string_view& out);

/// Base of the codec of a T that travels as msgpack's extension `Type` (0 … 127 are for applications):
/// @code
/// template <> struct oizys::rpc::codec<handle> : extension_codec<handle, 1>
/// {
///     static bool decode(std::string_view data, handle& out);       // false: these bytes are no handle
///     static void encode(std::string& data, handle const& v);       // appends
/// };
/// @endcode
/// JSON has no extensions: there a handle is not_representable, unless its codec has
/// `static bool read_plain(reader&, handle&)` and `static void write_plain(writer&, handle const&)` as well.
template <class T, std::int8_t Type>
struct extension_codec
{
    static bool read(reader& in, T& out)
    {
        if constexpr (requires { codec<T>::read_plain(in, out); })
            if (in.next() != kind::extension)
                return codec<T>::read_plain(in, out);
        std::string_view data;
        return read_extension(in, Type, data) &&
               (codec<T>::decode(data, out) || in.fail(codec_errc::wrong_type));
    }
    static void write(writer& out, T const& v)
    {
        if constexpr (requires { codec<T>::write_plain(out, v); })
            if (!out.has_extensions())
                return codec<T>::write_plain(out, v);
        std::string data;
        codec<T>::encode(data, v);
        out.write_extension(Type, data);
    }
    static constexpr bool accepts(kind k)
    {
        return k == kind::extension || (has_plain && k != kind::none && k != kind::null);
    }

private:
    static constexpr bool has_plain = requires(reader & in, T& out) { codec<T>::read_plain(in, out); };
};

} // namespace oizys::rpc
