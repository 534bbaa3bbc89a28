// SPDX-License-Identifier: BSL-1.0
//
// C++ values as JSON text and back, in one call. For what convert.hpp knows, and for rpc::value.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/convert.hpp>
#include <oizys/rpc/codec/json_writer.hpp>

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace oizys::rpc
{
namespace detail
{

[[noreturn]] OIZYS_API void throw_error(boost::system::error_code why);
OIZYS_API boost::system::error_code read_json(std::string_view text, codec_limits limits, void* out,
                                              bool (*read)(reader&, void*));

} // namespace detail

/// Throws boost::system::system_error if `v` cannot be JSON (see json_writer).
template <class T>
std::string to_json(T const& v, codec_limits limits = {})
{
    std::string out;
    json_writer to{out, limits};
    write(to, v);
    if (auto const ec = to.error())
        detail::throw_error(ec);
    return out;
}

/// Reads a T, which can be made by default, from a text that is one JSON value and nothing else.
/// `text` need not have room behind it. The result must hold no views (std::string_view).
template <class T>
boost::system::result<T> from_json(std::string_view text, codec_limits limits = {})
{
    T out{};
    auto const read_out = [](reader& in, void* to) { return rpc::read(in, *static_cast<T*>(to)); };
    if (auto const ec = detail::read_json(text, limits, &out, read_out))
        return {boost::system::in_place_error, ec};
    return {boost::system::in_place_value, std::move(out)};
}

} // namespace oizys::rpc
