// SPDX-License-Identifier: BSL-1.0
//
// The framings: how messages are told apart in a stream of bytes.
#pragma once

#include <oizys/api.hpp>

#include <cstdint>
#include <optional>

namespace oizys
{

/// How messages are delimited. docs/protocol.md describes the bytes of each.
enum class framing : std::uint8_t
{
    header24,       ///< a 4-byte header before each message
    json_text,      ///< JSON texts one after another; a line feed is written after each
    newline,        ///< one message a line; a message holds no line feed
    content_length, ///< `Content-Length` and other headers before each message, as LSP has them
    msgpack_object, ///< msgpack objects one after another
    message,        ///< for streams that keep messages apart themselves; not for a wire
    negotiated,     ///< header24 with more types of frames, which both ends have agreed on (negotiation.hpp)
    detect,         ///< the one that the first byte that arrives belongs to; for accepted sessions
};

namespace wire
{

/// The framing of a stream that begins with `first`; nothing if no framing does. Never `newline`, in which any
/// byte may be the first, nor `message`.
OIZYS_API std::optional<framing> detect_framing(char first) noexcept;

} // namespace wire
} // namespace oizys
