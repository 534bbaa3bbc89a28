// SPDX-License-Identifier: BSL-1.0
//
// C++ values as msgpack and back, in one call. For what convert.hpp knows, and for rpc::value.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/convert.hpp>
#include <oizys/rpc/codec/msgpack_writer.hpp>

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace oizys::rpc
{
namespace detail
{

[[noreturn]] OIZYS_API void throw_error(boost::system::error_code why);
OIZYS_API boost::system::error_code read_msgpack(std::string_view data, codec_limits limits, void* out,
                                                 bool (*read)(reader&, void*));

} // namespace detail

/// Throws boost::system::system_error if `v` cannot be msgpack.
template <class T>
std::string to_msgpack(T const& v, codec_limits limits = {})
{
    std::string out;
    msgpack_writer to{out, limits};
    write(to, v);
    if (auto const ec = to.error())
        detail::throw_error(ec);
    return out;
}

/// Reads a T, which can be made by default, from bytes that are one value and nothing else. Views in the
/// result (std::string_view) are views into `data`.
template <class T>
boost::system::result<T> from_msgpack(std::string_view data, codec_limits limits = {})
{
    T out{};
    auto const read_out = [](reader& in, void* to) { return rpc::read(in, *static_cast<T*>(to)); };
    if (auto const ec = detail::read_msgpack(data, limits, &out, read_out))
        return {boost::system::in_place_error, ec};
    return {boost::system::in_place_value, std::move(out)};
}

} // namespace oizys::rpc
