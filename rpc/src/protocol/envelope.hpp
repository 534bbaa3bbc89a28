// SPDX-License-Identifier: BSL-1.0
//
// What a message says before anybody looks at its parameters or result.
#pragma once

#include "protocol/metadata.hpp"

#include <oizys/rpc/codec/error.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace oizys::rpc::detail
{

/// One request, notification or response. Views are valid as long as the message.
struct envelope
{
    enum class type : std::uint8_t
    {
        request,
        notification,
        response,
        invalid, ///< none of these
        ignored, ///< what needs no answer, and means nothing: a response to a call that was not made here
    };

    type what = type::invalid;
    bool has_body = false;     ///< parameters, result or error are there
    bool is_error = false;     ///< response: the body is an error
    std::uint32_t answers = 0; ///< response: the id of the call
    std::string_view id{};     ///< request, invalid: as it came, byte for byte; empty: unknown
    std::string_view method{}; ///< request, notification
    call_metadata const* metadata =
        nullptr; ///< request, notification: belongs to the decoder; null if there is none
};

/// The limits of a value that stands `levels` deep in a message, so that the other end, which counts all levels,
/// can read it.
constexpr codec_limits within(codec_limits message, std::size_t levels) noexcept
{
    return {.max_depth = message.max_depth - std::min(message.max_depth, levels)};
}

} // namespace oizys::rpc::detail
