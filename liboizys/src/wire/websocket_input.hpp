// SPDX-License-Identifier: BSL-1.0
//
// Where the received bytes of a WebSocket wait, frame by frame (RFC 6455, section 5.2). No I/O, and no judgement: what a
// frame may be is for the one to say who is given its bytes. Because that one is never given more than a frame, what
// stands in front here is always what it gets next.
#pragma once

#include "wire/receive_buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace oizys::wire
{

struct websocket_header
{
    bool is_final = false;    ///< the last frame of its message
    std::uint8_t opcode = 0;  ///< with the reserved bits in front
    std::uint64_t size = 0;   ///< bytes of the payload
    std::size_t own_size = 0; ///< bytes of the header, 2 to 14

    /// Opens a message, text or binary, in the plain way.
    bool begins_message() const noexcept { return opcode == 1 || opcode == 2; }
};

/// The header in front of `bytes`; nothing where more bytes are needed.
std::optional<websocket_header> decode_websocket_header(std::string_view bytes) noexcept;

class websocket_input
{
public:
    /// Bytes of room from which a payload is received into it, and not into the buffer first.
    static constexpr std::size_t direct_from = 4096;

    /// `received` was read already. First comes the head of an HTTP answer, and whatever follows it.
    explicit websocket_input(std::string_view received);

    /// What was not taken yet, and all that follows, are frames.
    void begin_frames() noexcept { in_frames_ = true; }

    /// Room for the next read, which `commit` is told of.
    std::span<char> prepare() { return buffer_.prepare(); }
    void commit(std::size_t n) noexcept { buffer_.commit(n); }

    /// Gives the next bytes, none beyond the end of the frame, or of the head. None at all: more are needed.
    std::size_t take(std::span<char> room);

    /// Whether `room` may be filled with what arrives next, past the buffer; `passed` is then told how much it was.
    bool passes(std::span<char> room) const noexcept
    {
        return buffer_.empty() && room.size() >= direct_from && left_ >= room.size();
    }
    void passed(std::size_t n) noexcept { left_ -= n; }

    /// The size of the message that comes next, if it is here in whole and in one frame.
    std::optional<std::size_t> whole_message() const noexcept;
    /// Whether more of the frame of which bytes were taken last is here, or all of it was taken.
    bool has_rest() const noexcept { return left_ == 0 || !buffer_.empty(); }
    /// That frame.
    websocket_header const& frame() const noexcept { return frame_; }

private:
    std::size_t take_head(std::span<char> room);

    receive_buffer buffer_;
    websocket_header frame_;
    std::uint64_t left_ = 0;  ///< bytes of the frame that were not taken
    std::size_t matched_ = 0; ///< bytes of the empty line that ends a head
    bool in_frames_ = false;
};

} // namespace oizys::wire
