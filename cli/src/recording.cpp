// SPDX-License-Identifier: BSL-1.0
#include "recording.hpp"

#include <oizys/rpc/codec/msgpack.hpp>
#include <oizys/rpc/codec/value.hpp>

#include <boost/system/errc.hpp>

#include <tuple>
#include <utility>

namespace oizys::cli
{
namespace
{

constexpr std::size_t length_size = 4;

std::size_t decode_length(std::string_view in)
{
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_size; ++i)
        length = length << 8 | static_cast<unsigned char>(in[i]);
    return length;
}

using fields = std::tuple<std::int64_t, std::uint32_t, std::uint8_t, rpc::bytes>;

std::optional<record> decode_record(std::string_view in)
{
    auto const read = rpc::from_msgpack<fields>(in);
    if (!read || std::get<2>(*read) > static_cast<std::uint8_t>(record_kind::closed) ||
        std::get<0>(*read) < 0)
        return std::nullopt;
    auto const& [time, connection, kind, message] = *read;
    return record{.time = std::chrono::microseconds{time},
                  .connection = connection,
                  .kind = static_cast<record_kind>(kind),
                  .message = {reinterpret_cast<char const*>(message.data()), message.size()}};
}

} // namespace

std::string_view recording_header() noexcept { return "oizys recording 1\n"; }

std::string encode(record const& r)
{
    std::string out(length_size, '\0');
    rpc::msgpack_writer to{out};
    to.begin_array(4);
    to.write_int64(r.time.count());
    to.write_uint64(r.connection);
    to.write_uint64(static_cast<std::uint8_t>(r.kind));
    to.write_binary(r.message);
    to.end_array();
    auto const length = out.size() - length_size;
    for (std::size_t i = 0; i < length_size; ++i)
        out[i] = static_cast<char>(length >> (8 * (length_size - 1 - i)));
    return out;
}

void recording_reader::feed(std::string_view bytes)
{
    buffer_.erase(0, std::exchange(used_, 0));
    buffer_.append(bytes);
}

boost::system::result<std::optional<record>> recording_reader::next()
{
    auto const bad = boost::system::errc::make_error_code(boost::system::errc::bad_message);
    auto left = std::string_view{buffer_}.substr(used_);
    if (!header_seen_)
    {
        auto const header = recording_header();
        if (left.substr(0, header.size()) != header.substr(0, left.size()))
            return bad;
        if (left.size() < header.size())
            return std::optional<record>{};
        header_seen_ = true;
        used_ += header.size();
        left.remove_prefix(header.size());
    }
    if (left.size() < length_size)
        return std::optional<record>{};
    auto const length = decode_length(left);
    if (length > max_record)
        return bad;
    if (left.size() < length_size + length)
        return std::optional<record>{};
    auto decoded = decode_record(left.substr(length_size, length));
    if (!decoded)
        return bad;
    used_ += length_size + length;
    return decoded;
}

} // namespace oizys::cli
