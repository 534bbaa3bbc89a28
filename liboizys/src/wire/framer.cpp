// SPDX-License-Identifier: BSL-1.0
//
// Which framing, and those that are a header of a fixed size. The others have a file each.
#include "wire/frame_steps.hpp"
#include "wire/frame_type.hpp"
#include "wire/message_header.hpp"

#include <algorithm>
#include <limits>

namespace oizys::wire
{

std::optional<framing> detect_framing(char first) noexcept
{
    switch (static_cast<std::uint8_t>(first))
    {
    case 0x00: return framing::header24;
    case '{':
    case '[':
    case ' ':
    case '\t':
    case '\n':
    case '\r': return framing::json_text;
    case 'C': return framing::content_length;
    case 0x93: // a response has four elements, a notification three, a request with metadata five
    case 0x94:
    case 0x95:
    case 0xdc:
    case 0xdd: return framing::msgpack_object;
    default: return std::nullopt;
    }
}

frame_step framer::next(std::string_view input) noexcept
{
    if (input.empty())
        return {.what = frame_step::status::need_more, .size = 1};
    if (kind_ == framing::detect)
    {
        auto const found = detect_framing(input.front());
        if (!found)
            return failed(errc::unknown_protocol);
        kind_ = *found;
    }
    switch (kind_)
    {
    case framing::header24: return next_header24(input);
    case framing::json_text: return next_json_text(input);
    case framing::newline: return next_newline(input);
    case framing::content_length: return next_content_length(input);
    case framing::msgpack_object: return next_msgpack_object(input);
    case framing::message: return next_message(input);
    case framing::negotiated: return next_negotiated(input);
    case framing::detect: break; // decided above
    }
    return failed(errc::unknown_protocol);
}

frame_step framer::next_header24(std::string_view input) const noexcept
{
    if (static_cast<std::uint8_t>(input.front()) != 0)
        return failed(errc::bad_frame); // known before the rest of the header is there
    if (input.size() < header24_size)
        return {.what = frame_step::status::need_more, .size = header24_size};
    auto const header = decode_header24(std::span{input}.first<header24_size>());
    if (header.size == 0)
        return failed(errc::bad_frame);
    if (header.size > max_message_)
        return failed(errc::message_too_large);
    return behind_header(input, header24_size, header.size);
}

// The types are judged by who has agreed on them. Only a ping and a pong may be empty.
frame_step framer::next_negotiated(std::string_view input) const noexcept
{
    if (input.size() < header24_size)
        return {.what = frame_step::status::need_more, .size = header24_size};
    auto const header = decode_header24(std::span{input}.first<header24_size>());
    bool const may_be_empty = header.type == static_cast<std::uint8_t>(frame_type::ping) ||
                              header.type == static_cast<std::uint8_t>(frame_type::pong);
    if (header.size == 0 && !may_be_empty)
        return failed(errc::bad_frame);
    if (header.size > max_message_)
        return failed(errc::message_too_large);
    auto step = behind_header(input, header24_size, header.size);
    step.type = header.type;
    return step;
}

frame_step framer::next_message(std::string_view input) const noexcept
{
    if (input.size() < message_header_size)
        return {.what = frame_step::status::need_more, .size = message_header_size};
    auto const size = decode_message_header(std::span{input}.first<message_header_size>());
    if (size == 0) // the other end may send empty messages; what is empty says nothing
        return {.what = frame_step::status::skip, .size = message_header_size};
    if (size > max_message_ || size > std::numeric_limits<std::size_t>::max() - message_header_size)
        return failed(errc::message_too_large);
    return behind_header(input, message_header_size, static_cast<std::size_t>(size));
}

frame_step framer::finish(std::string_view payload) noexcept
{
    scanned_ = 0;
    open_ = 0;
    brackets_ = 0;
    in_string_ = escaped_ = broken_ = false;
    return {.what = frame_step::status::frame, .size = payload.size(), .payload = payload};
}

frame_step framer::more(std::string_view input, std::size_t at_least) const noexcept
{
    return {.what = frame_step::status::need_more, .size = std::max(at_least, input.size() + 1)};
}

} // namespace oizys::wire
