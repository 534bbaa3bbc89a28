// SPDX-License-Identifier: BSL-1.0
#include "wire/hello.hpp"

#include <oizys/wire/header24.hpp>

#include "wire/frame_type.hpp"

#include <algorithm>
#include <bit>

namespace oizys::wire
{
namespace
{

constexpr std::size_t shortest_frame = 512; // bytes, of L = 0
constexpr std::uint8_t longest_length = 15;

constexpr std::size_t offer_size = 10; // bytes: flags, max_message and max_descriptors
constexpr std::size_t least_offer = 9;
constexpr std::size_t offer_limit = 256;

enum offer_flag : unsigned
{
    offers_zstd = 1,
    offers_parts = 2,
    offers_descriptors = 4,
    offers_shared_memory = 8,
};

unsigned byte_at(std::string_view text, std::size_t at) noexcept
{
    return static_cast<unsigned char>(text[at]);
}

char to_char(std::uint64_t byte) noexcept { return static_cast<char>(static_cast<unsigned char>(byte)); }

void append(std::string& to, std::array<char, hello_size> const& bytes)
{
    to.append(bytes.data(), bytes.size());
}

boost::system::error_code error_of(unsigned why) noexcept
{
    switch (static_cast<refusal>(why))
    {
    case refusal::serializer_unsupported: return errc::serializer_unsupported;
    case refusal::length_unacceptable: return errc::frame_length_unacceptable;
    case refusal::too_many_connections: return errc::too_many_connections;
    case refusal::reserved_bits_used: break;
    }
    return errc::hello_malformed; // ours was, says the other end; or it says nothing that is known
}

} // namespace

std::array<char, hello_size> encode_hello(hello h) noexcept
{
    return {hello_magic, to_char(std::uint64_t{h.length} << 4 | h.serializer), 0, 0};
}

std::array<char, hello_size> encode_refusal(refusal why) noexcept
{
    return {hello_magic, to_char(std::uint64_t{static_cast<std::uint8_t>(why)} << 4), 0, 0};
}

std::size_t frame_limit(std::uint8_t length) noexcept
{
    return std::min(shortest_frame << length, header24_max_payload);
}

std::uint8_t length_for(std::size_t max_frame) noexcept
{
    if (max_frame >= header24_max_payload)
        return longest_length;
    auto const bits = std::bit_width(std::max(max_frame, shortest_frame) / shortest_frame);
    return static_cast<std::uint8_t>(bits - 1);
}

std::string encode_offer(offer const& o)
{
    auto const header = encode_header24({.type = static_cast<std::uint8_t>(frame_type::offer),
                                         .size = static_cast<std::uint32_t>(offer_size)});
    std::string frame{header.begin(), header.end()};
    frame +=
        to_char((o.zstd ? offers_zstd : 0u) | (o.parts ? offers_parts : 0u) |
                (o.descriptors ? offers_descriptors : 0u) | (o.shared_memory ? offers_shared_memory : 0u));
    for (int shift = 56; shift >= 0; shift -= 8)
        frame += to_char(o.max_message >> shift & 0xff);
    return frame += to_char(o.max_descriptors);
}

std::optional<offer> decode_offer(std::string_view payload) noexcept
{
    if (payload.size() < least_offer)
        return std::nullopt;
    auto const flags = byte_at(payload, 0);
    offer o{.zstd = (flags & offers_zstd) != 0,
            .parts = (flags & offers_parts) != 0,
            .descriptors = (flags & offers_descriptors) != 0,
            .shared_memory = (flags & offers_shared_memory) != 0};
    for (std::size_t i = 1; i < least_offer; ++i)
        o.max_message = o.max_message << 8 | byte_at(payload, i);
    if (payload.size() >= offer_size)
        o.max_descriptors = static_cast<std::uint8_t>(byte_at(payload, least_offer));
    return o;
}

hello_exchange::hello_exchange(role r, negotiation_options const& options, offer const& ours)
    : role_{r}, accepted_{r == role::connecting ? options.asked : options.accepted}, ours_{ours}
{
    auto const length = length_for(ours.max_message);
    result_.max_frame_received = frame_limit(length);
    if (r == role::connecting)
        append(output_,
               encode_hello({.length = length, .serializer = static_cast<std::uint8_t>(options.asked)}));
}

std::size_t hello_exchange::feed(std::string_view input, boost::system::error_code& ec)
{
    ec.clear();
    switch (state_)
    {
    case state::hello: return on_hello(input, ec);
    case state::offer: return on_offer(input, ec);
    case state::done: break;
    }
    return 0;
}

// What is wrong with the hello; nothing if it can be agreed to.
std::optional<refusal> hello_exchange::judge(std::string_view input) const
{
    if (input[2] != 0 || input[3] != 0)
        return refusal::reserved_bits_used;
    auto const asked = static_cast<serializer>(byte_at(input, 1) & 0x0f);
    if (!accepted_.contains(asked))
        return refusal::serializer_unsupported;
    return std::nullopt;
}

std::size_t hello_exchange::on_hello(std::string_view input, boost::system::error_code& ec)
{
    if (!input.empty() && input.front() != hello_magic)
        ec = errc::hello_malformed;
    if (ec || input.size() < hello_size)
        return 0;

    hello const theirs{.length = static_cast<std::uint8_t>(byte_at(input, 1) >> 4),
                       .serializer = static_cast<std::uint8_t>(byte_at(input, 1) & 0x0f)};
    if (auto const wrong = judge(input))
    {
        if (role_ == role::accepting)
        {
            ec = error_of(static_cast<unsigned>(*wrong));
            append(output_, encode_refusal(*wrong));
        }
        else // with no serializer, it is a refusal
            ec = theirs.serializer == 0 ? error_of(theirs.length) : make_error_code(errc::hello_malformed);
        return hello_size;
    }
    agreed(theirs);
    return hello_size;
}

void hello_exchange::agreed(hello theirs)
{
    result_.serializer = static_cast<serializer>(theirs.serializer);
    result_.max_frame_sent = frame_limit(theirs.length);
    result_.theirs = {.max_message = result_.max_frame_sent};
    if (role_ == role::accepting)
        append(output_,
               encode_hello({.length = length_for(ours_.max_message), .serializer = theirs.serializer}));
    state_ = state::done;
    if (result_.serializer == serializer::oizys)
    {
        output_ += encode_offer(ours_);
        state_ = state::offer;
    }
}

std::size_t hello_exchange::on_offer(std::string_view input, boost::system::error_code& ec)
{
    if (input.size() < header24_size)
        return 0;
    auto const header = decode_header24(std::span{input}.first<header24_size>());
    if (header.type != static_cast<std::uint8_t>(frame_type::offer) || header.size > offer_limit)
    {
        ec = errc::hello_malformed;
        return 0;
    }
    if (input.size() < header24_size + header.size)
        return 0;
    auto const theirs = decode_offer(input.substr(header24_size, header.size));
    if (!theirs)
    {
        ec = errc::hello_malformed;
        return 0;
    }
    result_.theirs = *theirs;
    state_ = state::done;
    return header24_size + header.size;
}

} // namespace oizys::wire
