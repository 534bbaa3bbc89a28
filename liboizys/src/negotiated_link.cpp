// SPDX-License-Identifier: BSL-1.0
#include "negotiated_link.hpp"

#include <oizys/error.hpp>

#include "compression.hpp"
#include "wire/frame_type.hpp"
#include "wire/receive_buffer.hpp"
#include "wire/spare_memory.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace oizys::detail
{
namespace
{

constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
constexpr std::size_t smallest_part = 4096; // bytes
constexpr std::size_t number_size = 8;      // bytes of a length or a time, big endian
constexpr std::size_t most_prefix = 1;      // bytes in front of a payload: how many descriptors

std::array<char, number_size> to_bytes(std::uint64_t value) noexcept
{
    std::array<char, number_size> bytes;
    for (auto& b : bytes)
    {
        b = static_cast<char>(static_cast<unsigned char>(value >> 56));
        value <<= 8;
    }
    return bytes;
}

std::uint64_t to_number(std::string_view bytes) noexcept
{
    std::uint64_t value = 0;
    for (char const c : bytes)
        value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

std::uint8_t byte_of(wire::frame_type type) noexcept { return static_cast<std::uint8_t>(type); }

std::uint64_t nanoseconds_of(negotiated_link::clock::time_point when) noexcept
{
    auto const since = std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch());
    return static_cast<std::uint64_t>(since.count());
}

} // namespace

negotiated_link::negotiated_link(wire::agreement const& agreed, negotiation_options const& options,
                                 std::size_t max_message, bool compresses)
    : agreed_{agreed}
    , max_message_{max_message}
    , max_descriptors_{std::min(options.max_descriptors, most_descriptors)}
    , max_descriptors_sent_{std::min<std::size_t>(max_descriptors_, agreed.theirs.max_descriptors)}
    , compress_from_{compresses && agreed.theirs.zstd ? options.compress_from : never}
    , shared_from_{agreed.theirs.shared_memory && options.shared_from != 0 ? options.shared_from : never}
    , compression_level_{options.compression_level}
{
    auto const largest = agreed.max_frame_sent - most_prefix;
    part_size_ = agreed.theirs.parts
                     ? std::clamp(options.part_size, std::min(smallest_part, largest), largest)
                     : agreed.max_frame_sent;
    unusual_from_ = std::min({compress_from_, shared_from_, part_size_ + 1});
}

std::size_t negotiated_link::max_message_sent() const noexcept
{
    if (!agreed_.theirs.parts)
        return agreed_.max_frame_sent;
    return static_cast<std::size_t>(std::min<std::uint64_t>(agreed_.theirs.max_message, never));
}

void negotiated_link::send(std::string_view message, std::vector<unique_fd> descriptors,
                           wire::send_queue& out, std::string* own)
{
    std::uint8_t flags = 0;
    std::array<char, number_size> length;
    std::optional<std::string> compressed;
    auto payload = message;

    std::size_t shared = 0;
    bool const has_room =
        shared_under_way_ + message.size() <= most_shared_ && shared_messages_ < most_shared_messages;
    if (may_share(message.size()) && has_room && descriptors.size() < max_descriptors_sent_)
    {
        boost::system::error_code ec; // out of memory or descriptors: then it travels as any other
        if (auto memory = make_shared_payload(message, ec); !ec)
        {
            descriptors.insert(descriptors.begin(), std::move(memory));
            flags |= wire::flag_shared;
            shared = message.size();
            shared_under_way_ += shared;
            ++shared_messages_;
            length = to_bytes(message.size());
            payload = {length.data(), length.size()};
        }
    }
    if (flags == 0 && payload.size() >= compress_from_)
    {
        compressed = compress(payload, compression_level_);
        if (compressed)
        {
            flags |= wire::flag_compressed;
            payload = *compressed;
        }
    }
    if (payload.size() <= part_size_)
    {
        send_frame(byte_of(wire::frame_type::message), flags, payload, std::move(descriptors), out, shared);
        if (compressed)
            wire::spare_memory::give(std::move(*compressed));
        return;
    }
    waiting_bytes_ += payload.size();
    waiting_descriptors_ += descriptors.size();
    auto& waiting = long_.emplace_back();
    waiting.flags = flags;
    waiting.descriptors = std::move(descriptors);
    if (compressed)
        waiting.bytes = std::move(*compressed);
    else if (own != nullptr && payload.data() == own->data())
        waiting.bytes = std::move(*own);
    else
    {
        waiting.bytes = wire::spare_memory::take(payload.size());
        waiting.bytes.assign(payload);
    }
}

void negotiated_link::send_frame(std::uint8_t type, std::uint8_t flags, std::string_view payload,
                                 std::vector<unique_fd> descriptors, wire::send_queue& out,
                                 std::size_t shared) const
{
    auto const count = static_cast<char>(static_cast<unsigned char>(descriptors.size()));
    bool const some = !descriptors.empty();
    if (some)
        flags |= wire::flag_descriptors;
    out.push_frame(type | flags, {&count, some ? most_prefix : 0}, payload, std::move(descriptors), shared);
}

bool negotiated_link::next_part(wire::send_queue& out)
{
    if (long_.empty())
        return false;
    auto& message = long_.front();
    auto const part = std::string_view{message.bytes}.substr(message.sent, part_size_);
    message.sent += part.size();
    waiting_bytes_ -= part.size();
    if (message.sent < message.bytes.size())
        out.push_frame(byte_of(wire::frame_type::part), {}, part, {});
    else
    {
        waiting_descriptors_ -= message.descriptors.size();
        send_frame(byte_of(wire::frame_type::last_part), message.flags, part, std::move(message.descriptors),
                   out);
        wire::spare_memory::give(std::move(message.bytes));
        long_.pop_front();
    }
    return true;
}

void negotiated_link::ping(clock::time_point now, wire::send_queue& out) const
{
    auto const sent_at = to_bytes(nanoseconds_of(now));
    out.push_frame(byte_of(wire::frame_type::ping), {}, {sent_at.data(), sent_at.size()}, {});
}

void negotiated_link::pong(std::string_view payload, wire::send_queue& out)
{
    out.push_frame(byte_of(wire::frame_type::pong), {}, payload, {});
}

bool negotiated_link::knows(std::uint8_t type_byte) const noexcept
{
    if (agreed_.serializer != serializer::oizys)
        return type_byte <= byte_of(wire::frame_type::pong);
    auto const type = type_byte & wire::frame_type_bits;
    auto const flags = type_byte & ~wire::frame_type_bits;
    bool const may_have_flags =
        type == byte_of(wire::frame_type::message) || type == byte_of(wire::frame_type::last_part);
    constexpr auto exclusive = wire::flag_compressed | wire::flag_shared;
    return type <= byte_of(wire::frame_type::last_part) && type != byte_of(wire::frame_type::offer) &&
           (flags & exclusive) != exclusive &&
           (flags == 0 || (may_have_flags && (flags & ~wire::known_frame_flags) == 0));
}

negotiated_link::arrival negotiated_link::on_frame(std::uint8_t type_byte, std::string_view payload,
                                                   descriptor_queue& descriptors, received_message& message,
                                                   boost::system::error_code& ec)
{
    if (!knows(type_byte))
    {
        ec = errc::bad_frame;
        return arrival::nothing;
    }
    switch (static_cast<wire::frame_type>(type_byte & wire::frame_type_bits))
    {
    case wire::frame_type::ping: return arrival::ping;
    case wire::frame_type::pong: return arrival::pong;
    case wire::frame_type::part: on_part(payload, ec); return arrival::nothing;
    case wire::frame_type::message:
    case wire::frame_type::last_part: on_message(type_byte, payload, descriptors, message, ec); break;
    case wire::frame_type::offer: break; // not known here
    }
    return ec ? arrival::nothing : arrival::message;
}

void negotiated_link::on_part(std::string_view payload, boost::system::error_code& ec)
{
    if (payload.empty())
        ec = errc::bad_frame;
    else if (payload.size() > max_message_ - joined_.size())
        ec = errc::message_too_large;
    else
    {
        // Room for the bytes that may be read behind every message, found before it has to be copied for them.
        auto const needed = joined_.size() + payload.size() + wire::receive_buffer::padding;
        if (joined_.capacity() < needed)
            wire::spare_memory::reserve(joined_, std::max({needed, 2 * joined_.capacity(), last_joined_}));
        joined_ += payload;
    }
}

void negotiated_link::on_message(std::uint8_t type_byte, std::string_view payload,
                                 descriptor_queue& descriptors, received_message& message,
                                 boost::system::error_code& ec)
{
    if ((type_byte & wire::flag_descriptors) != 0)
    {
        std::size_t const count = payload.empty() ? 0 : static_cast<unsigned char>(payload.front());
        auto taken = count <= max_descriptors_ ? descriptors.take(count) : std::nullopt;
        if (count == 0 || !taken)
        {
            ec = errc::bad_descriptors;
            return;
        }
        message.descriptors = std::move(*taken);
        payload.remove_prefix(1);
    }
    if ((type_byte & wire::frame_type_bits) == byte_of(wire::frame_type::last_part))
    {
        bool const has_begun = !joined_.empty();
        on_part(payload, ec);
        if (!has_begun)
            ec = errc::bad_frame;
        if (ec)
            return;
        message.own = std::exchange(joined_, {});
        last_joined_ =
            std::min(message.own.size() + wire::receive_buffer::padding, wire::spare_memory::most_bytes);
        payload = message.own;
    }
    if ((type_byte & wire::flag_shared) != 0)
        return open_shared(payload, message, ec);
    if ((type_byte & wire::flag_compressed) != 0)
    {
        auto plain = decompress(payload, max_message_, ec);
        wire::spare_memory::give(std::exchange(message.own, std::move(plain)));
        payload = message.own;
    }
    if (!ec && payload.empty())
        ec = errc::bad_frame;
    else if (!ec && payload.size() > max_message_)
        ec = errc::message_too_large;
    message.view = payload;
}

void negotiated_link::open_shared(std::string_view payload, received_message& message,
                                  boost::system::error_code& ec) const
{
    if (payload.size() != number_size || message.descriptors.empty())
    {
        ec = errc::bad_payload;
        return;
    }
    auto const size = to_number(payload);
    if (size == 0 || size > max_message_)
    {
        ec = size == 0 ? errc::bad_frame : errc::message_too_large;
        return;
    }
    message.shared.emplace(std::move(message.descriptors.front()), size, ec);
    message.descriptors.erase(message.descriptors.begin());
    message.view = message.shared->view();
}

void negotiated_link::on_pong(std::string_view payload, clock::time_point now) noexcept
{
    if (payload.size() != number_size)
        return; // not an answer to one of our pings
    auto const sent_at = to_number(payload);
    auto const current = nanoseconds_of(now);
    if (sent_at <= current)
        round_trip_ = std::chrono::nanoseconds{static_cast<std::int64_t>(current - sent_at)};
}

} // namespace oizys::detail
