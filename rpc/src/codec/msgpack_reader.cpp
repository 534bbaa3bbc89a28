// SPDX-License-Identifier: BSL-1.0
//
// The msgpack reader: values, nesting and skipping. No function recurses: `left_` counts
// what is left of the innermost container and `outer_` keeps the counts of the ones around it.
#include <oizys/rpc/codec/msgpack_reader.hpp>

#include "codec/load.hpp"
#include "codec/msgpack_tags.hpp"

#include <bit>
#include <cassert>

namespace oizys::rpc
{

bool msgpack_reader::fail(codec_errc why) noexcept
{
    if (!failed())
        error_ = why;
    left_ = 0; // so that every read stops here
    return false;
}

boost::system::error_code msgpack_reader::error() const noexcept
{
    return failed() ? make_error_code(error_) : boost::system::error_code{};
}

kind msgpack_reader::next()
{
    if (left_ == 0)
        return kind::none;
    if (at_ == end_)
    {
        if (depth_ != 0)
            fail(codec_errc::truncated);
        return kind::none;
    }
    kind const k = msgpack_tags::kinds[static_cast<unsigned char>(*at_)];
    if (k == kind::none)
        fail(codec_errc::malformed);
    return k;
}

bool msgpack_reader::take_tag(unsigned& tag)
{
    if (left_ == 0)
        return fail(codec_errc::wrong_length);
    if (at_ == end_)
        return fail(codec_errc::truncated);
    tag = static_cast<unsigned char>(*at_);
    if (tag == 0xc1)
        return fail(codec_errc::malformed);
    --left_;
    ++at_;
    return true;
}

bool msgpack_reader::take_number(std::size_t bytes, std::uint64_t& out)
{
    if (bytes_left() < bytes)
        return fail(codec_errc::truncated);
    switch (bytes)
    {
    case 1: out = static_cast<unsigned char>(*at_); break;
    case 2: out = detail::load<std::uint16_t>(at_, std::endian::big); break;
    case 4: out = detail::load<std::uint32_t>(at_, std::endian::big); break;
    default: out = detail::load<std::uint64_t>(at_, std::endian::big); break;
    }
    at_ += bytes;
    return true;
}

bool msgpack_reader::take_bytes(std::uint64_t size, std::string_view& out)
{
    if (bytes_left() < size)
        return fail(codec_errc::truncated);
    out = {at_, static_cast<std::size_t>(size)};
    at_ += size;
    return true;
}

bool msgpack_reader::read_null()
{
    unsigned tag;
    return take_tag(tag) && (tag == 0xc0 || fail(codec_errc::wrong_type));
}

bool msgpack_reader::read_bool(bool& out)
{
    unsigned tag;
    if (!take_tag(tag))
        return false;
    if ((tag & 0xfe) != 0xc2)
        return fail(codec_errc::wrong_type);
    out = tag == 0xc3;
    return true;
}

bool msgpack_reader::take_integer(unsigned tag, std::uint64_t& out, bool& negative)
{
    negative = false;
    if (tag < 0x80)
        out = tag;
    else if (tag >= 0xe0)
        out = static_cast<std::uint64_t>(static_cast<std::int8_t>(tag));
    else if (tag < 0xcc || tag > 0xd3)
        return fail(codec_errc::wrong_type);
    else
    {
        unsigned const log_size = (tag - 0xcc) & 3;
        if (!take_number(std::size_t{1} << log_size, out))
            return false;
        if (tag < 0xd0)
            return true;
        unsigned const unused_bits = 64 - (8u << log_size);
        out = static_cast<std::uint64_t>(static_cast<std::int64_t>(out << unused_bits) >> unused_bits);
    }
    negative = static_cast<std::int64_t>(out) < 0;
    return true;
}

bool msgpack_reader::read_integer(std::uint64_t& bits, bool& negative)
{
    unsigned tag;
    return take_tag(tag) && take_integer(tag, bits, negative);
}

bool msgpack_reader::read_long_int64(std::int64_t& out)
{
    std::uint64_t bits;
    bool negative;
    if (!read_integer(bits, negative))
        return false;
    if (!negative && bits > INT64_MAX)
        return fail(codec_errc::out_of_range);
    out = static_cast<std::int64_t>(bits);
    return true;
}

bool msgpack_reader::read_long_uint64(std::uint64_t& out)
{
    unsigned tag;
    if (!take_tag(tag))
        return false;
    if (tag >= 0xcc && tag <= 0xcf)
        return take_number(std::size_t{1} << (tag - 0xcc), out);
    bool negative;
    if (!take_integer(tag, out, negative))
        return false;
    return !negative || fail(codec_errc::out_of_range);
}

bool msgpack_reader::read_double(double& out)
{
    unsigned tag;
    std::uint64_t bits;
    if (!take_tag(tag))
        return false;
    if (tag == 0xcb)
    {
        if (!take_number(8, bits))
            return false;
        out = std::bit_cast<double>(bits);
        return true;
    }
    if (tag == 0xca)
    {
        if (!take_number(4, bits))
            return false;
        out = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
        return true;
    }
    bool negative;
    if (!take_integer(tag, bits, negative))
        return false;
    out = negative ? static_cast<double>(static_cast<std::int64_t>(bits)) : static_cast<double>(bits);
    return true;
}

bool msgpack_reader::take_str(unsigned tag, std::string_view& out)
{
    std::uint64_t size;
    if ((tag & 0xe0) == 0xa0)
        size = tag & 0x1f;
    else if (tag < 0xd9 || tag > 0xdb)
        return fail(codec_errc::wrong_type);
    else if (!take_number(std::size_t{1} << (tag - 0xd9), size))
        return false;
    return take_bytes(size, out);
}

bool msgpack_reader::read_long_string(std::string_view& out)
{
    unsigned tag;
    return take_tag(tag) && take_str(tag, out);
}

bool msgpack_reader::read_binary(std::string_view& out)
{
    unsigned tag;
    if (!take_tag(tag))
        return false;
    if (tag < 0xc4 || tag > 0xc6)
        return take_str(tag, out);
    std::uint64_t size;
    return take_number(std::size_t{1} << (tag - 0xc4), size) && take_bytes(size, out);
}

bool msgpack_reader::take_extension(unsigned tag, std::int8_t& type, std::string_view& out)
{
    std::uint64_t size;
    if (tag >= 0xd4 && tag <= 0xd8)
        size = std::uint64_t{1} << (tag - 0xd4);
    else if (tag < 0xc7 || tag > 0xc9)
        return fail(codec_errc::wrong_type);
    else if (!take_number(std::size_t{1} << (tag - 0xc7), size))
        return false;
    std::uint64_t type_bits;
    if (!take_number(1, type_bits))
        return false;
    type = static_cast<std::int8_t>(type_bits);
    return take_bytes(size, out);
}

bool msgpack_reader::read_extension(std::int8_t& type, std::string_view& out)
{
    unsigned tag;
    return take_tag(tag) && take_extension(tag, type, out);
}

bool msgpack_reader::take_array(unsigned tag, std::size_t& count)
{
    std::uint64_t n;
    if ((tag & 0xf0) == 0x90)
        n = tag & 0x0f;
    else if (tag != 0xdc && tag != 0xdd)
        return fail(codec_errc::wrong_type);
    else if (!take_number(tag == 0xdc ? 2 : 4, n))
        return false;
    if (n > bytes_left())
        return fail(codec_errc::truncated);
    count = static_cast<std::size_t>(n);
    return enter(n);
}

bool msgpack_reader::take_object(unsigned tag, std::size_t& count)
{
    std::uint64_t n;
    if ((tag & 0xf0) == 0x80)
        n = tag & 0x0f;
    else if (tag != 0xde && tag != 0xdf)
        return fail(codec_errc::wrong_type);
    else if (!take_number(tag == 0xde ? 2 : 4, n))
        return false;
    if (2 * n > bytes_left())
        return fail(codec_errc::truncated);
    count = static_cast<std::size_t>(n);
    return enter(2 * n);
}

bool msgpack_reader::enter_long_array(std::size_t& count)
{
    unsigned tag;
    return take_tag(tag) && take_array(tag, count);
}

bool msgpack_reader::enter_object(std::size_t& count)
{
    unsigned tag;
    return take_tag(tag) && take_object(tag, count);
}

bool msgpack_reader::enter(std::uint64_t values)
{
    if (depth_ >= max_depth_)
        return fail(codec_errc::too_deep);
    if (depth_ < outer_.size())
        outer_[depth_] = left_;
    else
        outermost_more_.push_back(left_);
    ++depth_;
    left_ = values;
    return true;
}

void msgpack_reader::pop() noexcept
{
    --depth_;
    if (depth_ < outer_.size())
        left_ = outer_[depth_];
    else
    {
        left_ = outermost_more_.back();
        outermost_more_.pop_back();
    }
}

bool msgpack_reader::leave()
{
    assert(failed() || depth_ != 0);
    if (failed())
        return false;
    if (left_ != 0)
        return close_down_to(depth_ - 1);
    pop();
    return true;
}

// Skips the value at the front if it is a simple one.
inline bool msgpack_reader::skip_simple() noexcept
{
    if (left_ == 0 || at_ == end_)
        return false;
    std::size_t const size = msgpack_tags::sizes[static_cast<unsigned char>(*at_)];
    if (size == 0 || size > bytes_left())
        return false;
    --left_;
    at_ += size;
    return true;
}

bool msgpack_reader::skip_simple_array() noexcept
{
    if (left_ == 0 || at_ == end_ || (static_cast<unsigned char>(*at_) & 0xf0) != 0x90 ||
        depth_ >= max_depth_)
        return false;
    char const* p = at_ + 1;
    for (auto left = *at_ & 0x0f; left != 0; --left)
    {
        std::size_t const size = p == end_ ? 0 : msgpack_tags::sizes[static_cast<unsigned char>(*p)];
        if (size == 0 || size > static_cast<std::size_t>(end_ - p))
            return false; // the long way looks at it again, and tells what is wrong
        p += size;
    }
    --left_;
    at_ = p;
    return true;
}

bool msgpack_reader::skip()
{
    if (skip_simple() || skip_simple_array())
        return true;
    std::size_t const depth = depth_;
    return skip_head() && close_down_to(depth);
}

bool msgpack_reader::close_down_to(std::size_t depth)
{
    while (depth_ > depth)
    {
        while (skip_simple()) {}
        if (failed())
            return false;
        if (left_ == 0)
            pop();
        else if (!skip_head())
            return false;
    }
    return true;
}

bool msgpack_reader::skip_head()
{
    unsigned tag;
    if (!take_tag(tag))
        return false;
    std::uint64_t number;
    std::string_view bytes;
    std::int8_t type;
    std::size_t count;
    bool negative;
    switch (msgpack_tags::kinds[tag])
    {
    case kind::null:
    case kind::boolean: return true;
    case kind::integer: return take_integer(tag, number, negative);
    case kind::floating: return take_number(tag == 0xca ? 4 : 8, number);
    case kind::string: return take_str(tag, bytes);
    case kind::binary:
        return take_number(std::size_t{1} << (tag - 0xc4), number) && take_bytes(number, bytes);
    case kind::extension: return take_extension(tag, type, bytes);
    case kind::array: return take_array(tag, count);
    case kind::object: return take_object(tag, count);
    case kind::none: break;
    }
    return fail(codec_errc::malformed);
}

bool msgpack_reader::read_raw(std::string_view& out)
{
    char const* const from = at_;
    if (!skip())
        return false;
    out = {from, static_cast<std::size_t>(at_ - from)};
    return true;
}

} // namespace oizys::rpc
