// SPDX-License-Identifier: BSL-1.0
//
// The pull interface: a value on the wire, read from front to back without a tree.
// JSON and msgpack implement it; conversion to C++ types is written once against it.
#pragma once

#include <oizys/api.hpp>

#include <oizys/rpc/codec/error.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace oizys::rpc
{

/// What the next value is. `none`: no value here (end of the array or object, or an error).
enum class kind : std::uint8_t
{
    none,
    null,
    boolean,
    integer,  ///< fits std::int64_t or std::uint64_t
    floating, ///< any other number
    string,
    binary, ///< msgpack only
    array,
    object,
    extension, ///< msgpack only
};

/// Reads one value after another.
///
/// Every function returns whether it succeeded. The first failure is kept: from then on
/// `next()` is `kind::none` and every read fails, so a caller may check once at the end.
/// Views stay valid as long as the message's bytes and until the reader is given another message.
class OIZYS_API reader
{
public:
    virtual ~reader() = default;

    virtual kind next() = 0;
    /// Whether `next()` is not `kind::none`; cheaper, as it does not look at the value.
    virtual bool has_next() = 0;

    virtual bool read_null() = 0;
    virtual bool read_bool(bool& out) = 0;
    virtual bool read_int64(std::int64_t& out) = 0;   ///< a double with an integral value is wrong_type
    virtual bool read_uint64(std::uint64_t& out) = 0; ///< a negative number is out_of_range
    /// Any integer: its two's complement in 64 bits, and whether it is negative.
    virtual bool read_integer(std::uint64_t& bits, bool& negative) = 0;
    virtual bool read_double(double& out) = 0; ///< accepts integers as well
    virtual bool read_string(std::string_view& out) = 0;
    virtual bool read_binary(std::string_view& out) = 0;
    virtual bool read_extension(std::int8_t& type, std::string_view& out) = 0;

    /// Enters an array. `count` is the number of elements, or `unknown_count` where the codec does
    /// not say (JSON, without want_counts()); it is never more than the bytes that are left can hold.
    virtual bool enter_array(std::size_t& count) = 0;
    /// Leaves the array; elements that were not read are skipped (and validated).
    virtual bool leave_array() = 0;

    virtual bool enter_object(std::size_t& count) = 0;
    /// Reads the next member's name; false at the object's end or on error. A name that is an integer
    /// (next() tells; msgpack only) is read with read_int64() and its kin in place of this.
    virtual bool read_key(std::string_view& out) = 0;
    virtual bool leave_object() = 0;

    /// Skips one value of any kind. What is skipped is validated like what is read.
    virtual bool skip() = 0;
    /// Skips one value and gives its bytes as they stand.
    virtual bool read_raw(std::string_view& out) = 0;

    /// Asks for real counts from enter_array() and enter_object() in this message, which may cost one
    /// more pass over it.
    virtual void want_counts() {}

    virtual boost::system::error_code error() const noexcept = 0;
    /// Records a failure; the first one is kept. Returns false, so that `return in.fail(...)` reads well.
    virtual bool fail(codec_errc why) noexcept = 0;

    static constexpr std::size_t unknown_count = static_cast<std::size_t>(-1);
};

} // namespace oizys::rpc
