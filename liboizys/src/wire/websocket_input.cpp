// SPDX-License-Identifier: BSL-1.0
#include "wire/websocket_input.hpp"

#include <algorithm>
#include <limits>

namespace oizys::wire
{
namespace
{

constexpr std::string_view head_end = "\r\n\r\n";

std::uint64_t number_of(std::string_view bytes) noexcept
{
    std::uint64_t value = 0;
    for (char const c : bytes)
        value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

} // namespace

std::optional<websocket_header> decode_websocket_header(std::string_view bytes) noexcept
{
    constexpr unsigned final_bit = 0x80;
    constexpr unsigned mask_bit = 0x80;
    constexpr std::size_t key_size = 4;
    if (bytes.size() < 2)
        return std::nullopt;
    unsigned const first = static_cast<unsigned char>(bytes[0]);
    unsigned const second = static_cast<unsigned char>(bytes[1]);
    auto const short_size = second & ~mask_bit;
    std::size_t const long_size = short_size == 127 ? 8 : short_size == 126 ? 2 : 0;
    websocket_header const header{.is_final = (first & final_bit) != 0,
                                  .opcode = static_cast<std::uint8_t>(first & ~final_bit),
                                  .size = long_size == 0 ? short_size : number_of(bytes.substr(2, long_size)),
                                  .own_size = 2 + long_size + ((second & mask_bit) != 0 ? key_size : 0)};
    return bytes.size() < header.own_size ? std::nullopt : std::optional{header};
}

websocket_input::websocket_input(std::string_view received)
{
    while (!received.empty())
    {
        auto const room = buffer_.prepare();
        auto const n = received.copy(room.data(), room.size());
        buffer_.commit(n);
        received.remove_prefix(n);
    }
}

std::size_t websocket_input::take(std::span<char> room)
{
    if (!in_frames_)
        return take_head(room);
    if (left_ == 0)
    {
        auto const header = decode_websocket_header(buffer_.data());
        if (!header)
            return 0;
        frame_ = *header;
        left_ = std::min(frame_.size, std::numeric_limits<std::uint64_t>::max() - frame_.own_size) +
                frame_.own_size;
    }
    auto const most = static_cast<std::size_t>(std::min<std::uint64_t>(left_, room.size()));
    auto const n = buffer_.data().copy(room.data(), most);
    buffer_.consume(n);
    left_ -= n;
    return n;
}

// Frames may follow the head at once, and are not for the one who reads it.
std::size_t websocket_input::take_head(std::span<char> room)
{
    auto const data = buffer_.data().substr(0, room.size());
    std::size_t n = 0;
    while (n < data.size())
    {
        char const c = data[n++];
        if (matched_ == head_end.size()) // the body of a refusal
            continue;
        matched_ = c == head_end[matched_] ? matched_ + 1 : c == head_end.front() ? 1 : 0;
        if (matched_ == head_end.size())
            break;
    }
    data.copy(room.data(), n);
    buffer_.consume(n);
    return n;
}

std::optional<std::size_t> websocket_input::whole_message() const noexcept
{
    if (!in_frames_ || left_ != 0)
        return std::nullopt;
    auto const data = buffer_.data();
    auto const header = decode_websocket_header(data);
    bool const is_whole = header && header->is_final && header->begins_message() &&
                          header->size <= data.size() - header->own_size;
    return is_whole ? std::optional{static_cast<std::size_t>(header->size)} : std::nullopt;
}

} // namespace oizys::wire
