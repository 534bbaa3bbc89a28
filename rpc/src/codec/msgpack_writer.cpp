// SPDX-License-Identifier: BSL-1.0
//
// The rarer encodings of msgpack_writer: long sizes, binary and extensions.
#include <oizys/rpc/codec/msgpack_writer.hpp>

namespace oizys::rpc
{

bool msgpack_writer::put_size(std::size_t size, unsigned tag8, unsigned tag16, unsigned tag32)
{
    if (tag8 != 0 && size <= UINT8_MAX)
        put(tag8, static_cast<std::uint8_t>(size));
    else if (size <= UINT16_MAX)
        put(tag16, static_cast<std::uint16_t>(size));
    else if (size <= UINT32_MAX)
        put(tag32, static_cast<std::uint32_t>(size));
    else
    {
        fail(codec_errc::not_representable);
        return false;
    }
    return true;
}

void msgpack_writer::write_binary(std::string_view v)
{
    if (put_size(v.size(), 0xc4, 0xc5, 0xc6))
        out_->append(v);
}

void msgpack_writer::write_extension(std::int8_t type, std::string_view v)
{
    if (std::has_single_bit(v.size()) && v.size() <= 16)
        put(0xd4 + static_cast<unsigned>(std::countr_zero(v.size())));
    else if (!put_size(v.size(), 0xc7, 0xc8, 0xc9))
        return;
    put(static_cast<unsigned>(type) & 0xff);
    out_->append(v);
}

boost::system::error_code msgpack_writer::error() const noexcept
{
    return error_ == codec_errc{} ? boost::system::error_code{} : make_error_code(error_);
}

} // namespace oizys::rpc
