// SPDX-License-Identifier: BSL-1.0
#include "protocol/msgpackrpc.hpp"

#include "protocol/error_object.hpp"

#include <oizys/rpc/codec/convert/core.hpp>

#include <limits>
#include <utility>

namespace oizys::rpc::detail
{
namespace
{

// The first element of a message.
constexpr std::int64_t request = 0;
constexpr std::int64_t response = 1;
constexpr std::int64_t notification = 2;

} // namespace

msgpackrpc::decoder::decoder(std::string_view message, codec_limits limits, bool)
    : message_{message}, in_{message, limits}
{
    well_formed_ = read_envelope() && in_.rest().empty();
    if (well_formed_)
        return;
    // Not an envelope; it may be a msgpack value all the same.
    envelope_.what = envelope::type::invalid;
    in_.reset(message);
    well_formed_ = in_.skip() && in_.rest().empty();
}

bool msgpackrpc::decoder::next(envelope& out)
{
    if (std::exchange(done_, true))
        return false;
    out = envelope_;
    return true;
}

// Reads all of the message: what is skipped is checked. False from where it stops to be an envelope; an id that
// was read until then is kept.
bool msgpackrpc::decoder::read_envelope()
{
    std::size_t count = 0;
    std::int64_t type = -1;
    if (!in_.enter_array(count) || !in_.read_int64(type))
        return false;
    if (type == request || type == response)
    {
        std::uint64_t id = 0;
        auto const at = in_.position();
        if (!in_.read_uint64(id) || id > std::numeric_limits<std::uint32_t>::max())
            return false;
        if (type == request) // a response, whatever is wrong with it, is not answered
            envelope_.id = message_.substr(at, in_.position() - at);
        envelope_.answers = static_cast<std::uint32_t>(id);
    }
    if (type == response)
    {
        if (count != 4)
            return false;
        body_ = in_.rest();
        envelope_.is_error = in_.next() != kind::null;
        if (!in_.skip())
            return false;
        if (!envelope_.is_error)
            body_ = in_.rest();
        envelope_.what = envelope::type::response;
    }
    else
    {
        std::size_t const least = type == request ? 4 : 3;
        bool const complete =
            (type == request || type == notification) && (count == least || count == least + 1);
        if (!complete || !in_.read_binary(envelope_.method)) // a str, or a bin, as pynvim sends it
            return false;
        body_ = in_.rest();
        envelope_.what = type == request ? envelope::type::request : envelope::type::notification;
        if (in_.next() != kind::array) // a map, as some write it, or nil
            envelope_.what = type == request ? envelope::type::invalid : envelope::type::ignored;
        if (count != least)
        {
            if (!in_.skip() || !read_metadata(in_, metadata_.emplace()))
                return false;
            envelope_.metadata = &*metadata_;
            envelope_.has_body = true;
            return in_.leave_array();
        }
    }
    envelope_.has_body = true;
    return in_.skip() && in_.leave_array();
}

reader& msgpackrpc::decoder::body()
{
    in_.reset(body_);
    return in_;
}

bool msgpackrpc::begin_request(std::string& out, std::uint32_t id, std::string_view method, bool has_metadata)
{
    out.append(has_metadata ? "\x95\x00" : "\x94\x00", 2);
    msgpack_writer w{out};
    w.write_uint64(id);
    w.write_string(method);
    return !w.failed();
}

bool msgpackrpc::begin_notification(std::string& out, std::string_view method)
{
    out.append("\x93\x02", 2);
    msgpack_writer w{out};
    w.write_string(method);
    return !w.failed();
}

bool msgpackrpc::put_metadata(std::string& out, call_metadata const& metadata)
{
    msgpack_writer w{out};
    write_metadata(w, metadata);
    return !w.failed();
}

void msgpackrpc::begin_result(std::string& out, std::string_view id)
{
    out.append("\x94\x01", 2);
    out.append(id);
    out.push_back('\xc0');
}

void msgpackrpc::write_error(std::string& out, std::string_view id, error_object const& error)
{
    out.append("\x94\x01", 2);
    out.append(id);
    std::string data;
    if (error.data != value{})
    {
        msgpack_writer w{data, within({}, envelope_depth + 1)};
        rpc::write(w, error.data);
        if (w.error())
            data.clear(); // the code and the message matter more than data that nobody could read
    }
    msgpack_writer w{out};
    w.begin_object(data.empty() ? 2 : 3);
    w.write_key("code");
    w.write_int64(error.code);
    w.write_key("message");
    w.write_string(error.message);
    if (!data.empty())
    {
        w.write_key("data");
        w.write_raw(data);
    }
    w.end_object();
    w.write_null();
}

bool msgpackrpc::read_error(reader& in, error_object& out)
{
    value error;
    if (!rpc::read(in, error))
        return false;
    out = to_error_object(std::move(error));
    return true;
}

bool msgpackrpc::is_params(std::string_view encoded) noexcept
{
    auto const first = encoded.empty() ? 0u : static_cast<unsigned char>(encoded.front());
    return (first & 0xf0) == 0x90 || first == 0xdc || first == 0xdd;
}

} // namespace oizys::rpc::detail
