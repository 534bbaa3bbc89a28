// SPDX-License-Identifier: BSL-1.0
//
// The customisation point of conversion: a specialisation of codec<T> says how T is read and written.
// The two functions read() and write() are what everybody calls.
#pragma once

#include <oizys/rpc/codec/reader.hpp>
#include <oizys/rpc/codec/writer.hpp>

#include <concepts>

namespace oizys::rpc
{

/// How a T crosses the wire. Specialise it for a type of your own:
/// @code
/// template <> struct oizys::rpc::codec<point>
/// {
///     static bool read(reader& in, point& out);              // false after in.fail(why)
///     static void write(writer& out, point const& v);        // out.fail(why) if it cannot be written
///     static constexpr bool accepts(kind k) { return k == kind::array; } // optional; for std::variant
/// };
/// @endcode
/// A struct needs no specialisation: describe it with BOOST_DESCRIBE_STRUCT.
template <class T>
struct codec;

template <class T>
concept readable = requires(reader& in, T& out)
{
    {
        codec<T>::read(in, out)
        } -> std::same_as<bool>;
};

template <class T>
concept writable = requires(writer& out, T const& v)
{
    codec<T>::write(out, v);
};

/// Reads the next value into `out`. Returns whether it succeeded; if not, `in.error()` tells why and
/// `out` holds a valid value of no meaning.
template <class T>
bool read(reader& in, T& out)
{
    static_assert(readable<T>, "T cannot be read: describe it with BOOST_DESCRIBE_STRUCT, specialise "
                               "oizys::rpc::codec<T>, or include the header of its codec");
    return codec<T>::read(in, out);
}

/// Writes `v` as one value; `out.error()` tells whether it could.
template <class T>
void write(writer& out, T const& v)
{
    static_assert(writable<T>, "T cannot be written: describe it with BOOST_DESCRIBE_STRUCT, specialise "
                               "oizys::rpc::codec<T>, or include the header of its codec");
    codec<T>::write(out, v);
}

/// Whether a T may be read from a value of this kind, as far as its codec says.
template <class T>
constexpr bool accepts(kind k)
{
    if constexpr (requires { codec<T>::accepts(k); })
        return codec<T>::accepts(k);
    else
        return k != kind::none;
}

} // namespace oizys::rpc
