// SPDX-License-Identifier: BSL-1.0
#include <oizys/wire/framer.hpp>

#include <oizys/error.hpp>
#include <oizys/wire/header24.hpp>

#include <algorithm>
#include <array>

namespace oizys::wire
{
namespace
{

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

frame_step failed(errc why) noexcept { return {.what = frame_step::status::failed, .error = why}; }

/// What follows the first byte of a msgpack object.
struct msgpack_head
{
    std::uint8_t length_bytes; ///< of the length or count that follows, big endian
    std::uint8_t fixed;        ///< further bytes of a fixed size
    enum shape_type : std::uint8_t
    {
        scalar,
        bytes,
        array,
        map,
        invalid
    } shape;
    std::uint8_t count = 0; ///< the length or count when the first byte holds it
};

constexpr msgpack_head head_of(std::uint8_t first) noexcept
{
    using enum msgpack_head::shape_type;
    if (first <= 0x7f || first >= 0xe0)
        return {0, 0, scalar};
    if (first <= 0x8f)
        return {0, 0, map, static_cast<std::uint8_t>(first & 0x0f)};
    if (first <= 0x9f)
        return {0, 0, array, static_cast<std::uint8_t>(first & 0x0f)};
    if (first <= 0xbf)
        return {0, 0, bytes, static_cast<std::uint8_t>(first & 0x1f)};
    constexpr std::array<msgpack_head, 32> rest{{
        {0, 0, scalar}, {0, 0, invalid}, {0, 0, scalar}, {0, 0, scalar}, // nil, -, false, true
        {1, 0, bytes},  {2, 0, bytes},   {4, 0, bytes},                  // bin
        {1, 1, bytes},  {2, 1, bytes},   {4, 1, bytes},                  // ext
        {0, 4, scalar}, {0, 8, scalar},                                  // float
        {0, 1, scalar}, {0, 2, scalar},  {0, 4, scalar}, {0, 8, scalar}, // uint
        {0, 1, scalar}, {0, 2, scalar},  {0, 4, scalar}, {0, 8, scalar}, // int
        {0, 2, scalar}, {0, 3, scalar},  {0, 5, scalar}, {0, 9, scalar}, {0, 17, scalar}, // fixext
        {1, 0, bytes},  {2, 0, bytes},   {4, 0, bytes},                                   // str
        {2, 0, array},  {4, 0, array},                                                    // array
        {2, 0, map},    {4, 0, map},                                                      // map
    }};
    return rest[first - 0xc0u];
}

std::uint64_t big_endian(std::string_view bytes) noexcept
{
    std::uint64_t value = 0;
    for (char const c : bytes)
        value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
}

} // namespace

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
    case 0x93: // a response has four elements, a notification three
    case 0x94:
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
    case framing::msgpack_object: return next_msgpack_object(input);
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
    auto const size = header24_size + header.size;
    if (input.size() < size)
        return {.what = frame_step::status::need_more,
                .exact = true,
                .size = size,
                .payload_offset = header24_size};
    return {
        .what = frame_step::status::frame, .size = size, .payload = input.substr(header24_size, header.size)};
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

// A text ends where its first bracket closes. What cannot be a text (brackets that do not match, a
// line feed within a string, something else than a bracket in front) ends with its line and is
// handed over as it is: the reader of JSON refuses it, and the next line is a new beginning.
frame_step framer::next_json_text(std::string_view input) noexcept
{
    if (open_ == 0 && !broken_)
    {
        auto const begin =
            static_cast<std::size_t>(std::ranges::find_if_not(input, is_space) - input.begin());
        if (begin != 0)
            return {.what = frame_step::status::skip, .size = begin};
        broken_ = input.front() != '{' && input.front() != '[';
    }

    constexpr std::uint64_t remembered =
        64; // levels whose kind of bracket is known; deeper ones are only counted
    constexpr std::uint64_t one = 1;
    auto const end = std::min(input.size(), max_message_);
    auto at = scanned_;
    for (; at < end; ++at)
    {
        char const c = input[at];
        if (c == '\n' && (broken_ || in_string_))
            return finish(input.substr(0, at));
        if (broken_)
            continue;
        if (in_string_)
        {
            if (escaped_)
                escaped_ = false;
            else if (c == '\\')
                escaped_ = true;
            else if (c == '"')
                in_string_ = false;
            continue;
        }
        switch (c)
        {
        case '"': in_string_ = true; break;
        case '{':
        case '[':
            if (open_ < remembered)
                brackets_ = (brackets_ & ~(one << open_)) | (c == '{' ? one << open_ : 0);
            ++open_;
            break;
        case '}':
        case ']':
            if (open_ <= remembered && (brackets_ >> (open_ - 1) & one) != (c == '}' ? one : 0))
            {
                broken_ = true;
                break;
            }
            if (--open_ == 0)
                return finish(input.substr(0, at + 1));
            break;
        default: break;
        }
    }
    scanned_ = at;
    if (input.size() > max_message_)
        return failed(errc::message_too_large);
    return more(input, 0);
}

frame_step framer::next_msgpack_object(std::string_view input) noexcept
{
    if (scanned_ == 0)
        open_ = 1;
    while (open_ > 0)
    {
        if (scanned_ >= input.size())
            return more(input, scanned_ + 1);
        auto const head = head_of(static_cast<std::uint8_t>(input[scanned_]));
        if (head.shape == msgpack_head::invalid)
            return failed(errc::malformed_message);
        auto const body = scanned_ + 1 + head.length_bytes;
        if (body > input.size())
            return more(input, body);
        auto const length =
            head.length_bytes == 0 ? head.count : big_endian(input.substr(scanned_ + 1, head.length_bytes));

        std::uint64_t next = body + head.fixed;
        --open_;
        if (head.shape == msgpack_head::bytes)
            next += length;
        else if (head.shape == msgpack_head::array)
            open_ += length;
        else if (head.shape == msgpack_head::map)
            open_ += 2 * length;

        // Each value to come takes a byte at least, so a count that cannot fit is known here.
        if (next + open_ > max_message_)
            return failed(errc::message_too_large);
        scanned_ = next;
    }
    if (scanned_ > input.size())
    {
        auto const size = scanned_;
        return {.what = frame_step::status::need_more, .exact = true, .size = size};
    }
    return finish(input.substr(0, scanned_));
}

} // namespace oizys::wire
