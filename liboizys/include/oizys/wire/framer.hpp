// SPDX-License-Identifier: BSL-1.0
//
// Finds the messages in a stream of bytes. Pure: it is given the bytes that are there and says what
// they are; it owns no buffer and does no I/O.
#pragma once

#include <oizys/api.hpp>
#include <oizys/wire/framing.hpp>
#include <oizys/wire/header24.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace oizys::wire
{

/// What may stand before the payload in framing::content_length: bytes, the empty line at the end included.
inline constexpr std::size_t max_content_length_headers = 4096;

/// What stands at the front of the input.
struct frame_step
{
    enum class status : std::uint8_t
    {
        frame,     ///< a whole message: `payload`; the next one begins after `size` bytes
        need_more, ///< the frame is not complete; it takes at least `size` bytes, all of them known
                   ///< to be `size` and its payload to begin at `payload_offset` where `exact`
        skip,      ///< `size` bytes that belong to no message
        failed,    ///< `error`; final
    };

    status what;
    bool exact = false;
    std::uint8_t type = 0; ///< negotiated: of the frame, also of one whose size is known
    std::size_t size = 0;
    std::size_t payload_offset = 0;
    std::string_view payload{};
    boost::system::error_code error{};
};

/// Delimits the messages of one direction of one stream.
///
/// Call `next` with all bytes that were received and not consumed. After `frame` or `skip`, drop
/// `size` bytes from the front; after `need_more`, keep the bytes and call again with more behind
/// them: what was scanned is not scanned again. Limits are checked before the payload is there. Where the
/// payload begins behind a header, nothing of the frame is remembered: once its size is known, the rest may be
/// received elsewhere and never be shown here.
class OIZYS_API framer
{
public:
    framer(framing kind, std::size_t max_message) noexcept : max_message_{max_message}, kind_{kind} {}

    frame_step next(std::string_view input) noexcept;

    /// The payload at the front, if that is a whole and right frame of header24; else nothing, and `next` tells
    /// what it is. For the one framing that has so little to do that the call would cost more.
    std::string_view whole_header24(std::string_view input) const noexcept
    {
        if (kind_ != framing::header24 || input.size() < header24_size)
            return {};
        auto const header = decode_header24(std::span{input}.first<header24_size>());
        bool const whole =
            header.type == 0 && header.size <= max_message_ && header.size <= input.size() - header24_size;
        return whole ? input.substr(header24_size, header.size) : std::string_view{};
    }

    /// The framing in use; `framing::detect` until the first byte has been seen.
    framing kind() const noexcept { return kind_; }

private:
    frame_step next_header24(std::string_view input) const noexcept;
    frame_step next_negotiated(std::string_view input) const noexcept;
    frame_step next_json_text(std::string_view input) noexcept;
    frame_step next_newline(std::string_view input) noexcept;
    frame_step next_content_length(std::string_view input) const noexcept;
    frame_step next_msgpack_object(std::string_view input) noexcept;
    frame_step next_message(std::string_view input) const noexcept;
    frame_step finish(std::string_view payload) noexcept;
    frame_step more(std::string_view input, std::size_t at_least) const noexcept;

    std::size_t max_message_;
    std::size_t scanned_ = 0;    ///< bytes at the front of the input that need not be looked at again
    std::uint64_t open_ = 0;     ///< JSON: brackets that are open; msgpack: values still to come
    std::uint64_t brackets_ = 0; ///< JSON: kinds of the outermost 64 open brackets, 1 for an object
    framing kind_;
    bool in_string_ = false; ///< JSON: between quotes
    bool escaped_ = false;   ///< JSON: behind a backslash
    bool broken_ = false;    ///< JSON: not a text; it ends with its line
};

} // namespace oizys::wire
