// SPDX-License-Identifier: BSL-1.0
//
// Where a msgpack object ends.
#include "wire/frame_steps.hpp"

#include <array>

namespace oizys::wire
{
namespace
{

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
