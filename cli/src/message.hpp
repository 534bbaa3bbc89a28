// SPDX-License-Identifier: BSL-1.0
//
// A message that passes by, as far as its bytes tell what it is. No I/O.
#pragma once

#include <oizys/rpc/codec/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::cli
{

enum class message_form : std::uint8_t
{
    json,
    msgpack, ///< an array or a map
    text,    ///< UTF-8 without control characters but white space
    bytes,   ///< anything else
};

struct message
{
    message_form form = message_form::bytes;
    rpc::value content{}; ///< text and bytes: a string of them
};

message decode(std::string_view bytes);

enum class call_part : std::uint8_t
{
    request,
    notification,
    result,
    error,
    other, ///< no message of JSON-RPC or MessagePack-RPC
};

/// "request", "notification", "result", "error" or "other".
std::string_view to_string(call_part part) noexcept;

struct call_message
{
    call_part part = call_part::other;
    std::string method{}; ///< of requests and notifications
    rpc::value id{};      ///< of all but notifications
    rpc::value body{};    ///< parameters, result or error; else the whole message
};

/// The calls in a message: one, or as many as a batch of JSON-RPC has.
std::vector<call_message> calls_in(message const& whole);

/// "00 ff …", at most `limit` bytes of it.
std::string hexadecimal(std::string_view bytes, std::size_t limit);

} // namespace oizys::cli
