// SPDX-License-Identifier: BSL-1.0
//
// How the framers say what they found.
#pragma once

#include <oizys/error.hpp>
#include <oizys/wire/framer.hpp>

namespace oizys::wire
{

inline frame_step failed(errc why) noexcept { return {.what = frame_step::status::failed, .error = why}; }

/// The frame at the front: a payload of `size` bytes behind a header of `header_size` bytes, which are there.
inline frame_step behind_header(std::string_view input, std::size_t header_size, std::size_t size) noexcept
{
    auto const frame_size = header_size + size;
    if (input.size() < frame_size)
        return {.what = frame_step::status::need_more,
                .exact = true,
                .size = frame_size,
                .payload_offset = header_size};
    return {
        .what = frame_step::status::frame, .size = frame_size, .payload = input.substr(header_size, size)};
}

} // namespace oizys::wire
