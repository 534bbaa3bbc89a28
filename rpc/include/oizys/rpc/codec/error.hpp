// SPDX-License-Identifier: BSL-1.0
//
// What can be wrong with a value on the wire, as seen by readers, writers and conversions.
#pragma once

#include <oizys/api.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>

namespace oizys::rpc
{

/// Why a value could not be read or written.
enum class codec_errc
{
    malformed = 1,      ///< the bytes are not a value of this codec
    truncated,          ///< the bytes end within a value
    trailing_bytes,     ///< bytes follow the value
    too_deep,           ///< nested deeper than codec_limits::max_depth
    invalid_utf8,       ///< a JSON string, read or written, is not UTF-8
    wrong_type,         ///< a well-formed value of another type than the one asked for
    out_of_range,       ///< the number does not fit the type asked for
    wrong_length,       ///< an array has more or fewer elements than the type has
    missing_member,     ///< an object lacks a member that is not optional
    unknown_enumerator, ///< no enumerator has this name or number
    not_representable,  ///< the codec has no form for this value (JSON: NaN, infinity)
    unknown_member,     ///< an object has a member that its type does not have, and refuses
};

/// The category "oizys.codec".
OIZYS_API boost::system::error_category const& codec_category() noexcept;

inline boost::system::error_code make_error_code(codec_errc e) noexcept
{
    return {static_cast<int>(e), codec_category()};
}

/// Bounds that are checked before memory is taken.
struct codec_limits
{
    std::size_t max_depth = 64; ///< levels of arrays and objects in one message
};

} // namespace oizys::rpc

/// @cond
template <>
struct boost::system::is_error_code_enum<oizys::rpc::codec_errc> : std::true_type
{
};
/// @endcond
