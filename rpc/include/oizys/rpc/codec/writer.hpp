// SPDX-License-Identifier: BSL-1.0
//
// The push interface: a value is written from front to back, straight into the output.
#pragma once

#include <oizys/api.hpp>

#include <oizys/rpc/codec/error.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace oizys::rpc
{

/// Writes one value after another. The first failure is kept; what was written then is of no use
/// and the caller takes it back.
class OIZYS_API writer
{
public:
    virtual ~writer() = default;

    virtual void write_null() = 0;
    virtual void write_bool(bool v) = 0;
    virtual void write_int64(std::int64_t v) = 0;
    virtual void write_uint64(std::uint64_t v) = 0;
    virtual void write_double(double v) = 0;
    virtual void write_float(float v) = 0; ///< JSON: the shortest text that reads back as the same float
    virtual void write_string(std::string_view v) = 0;
    virtual void write_binary(std::string_view v) = 0;                      ///< JSON: base64 text
    virtual void write_extension(std::int8_t type, std::string_view v) = 0; ///< JSON: not_representable

    /// Exactly `count` values follow, then `end_array`.
    virtual void begin_array(std::size_t count) = 0;
    virtual void end_array() = 0;
    /// Exactly `count` times `write_key` and one value follow, then `end_object`. A name may be an integer:
    /// write_int64 or write_uint64 in place of write_key (JSON: its decimal text).
    virtual void begin_object(std::size_t count) = 0;
    virtual void write_key(std::string_view name) = 0;
    virtual void end_object() = 0;

    /// Inserts one value that is already encoded in this codec.
    virtual void write_raw(std::string_view encoded) = 0;

    /// Whether this codec has extensions (msgpack): a type with one writes something else where there are none.
    virtual bool has_extensions() const noexcept { return false; }

    virtual boost::system::error_code error() const noexcept = 0;
    virtual void fail(codec_errc why) noexcept = 0;
};

} // namespace oizys::rpc
