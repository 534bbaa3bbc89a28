// SPDX-License-Identifier: BSL-1.0
#include "message.hpp"

#include "text.hpp"

#include <oizys/rpc/codec/json.hpp>
#include <oizys/rpc/codec/msgpack.hpp>

#include <algorithm>

namespace oizys::cli
{
namespace
{

/// Whether a msgpack array or map begins so. Plain text does not: these bytes are above ASCII, and no UTF-8 begins
/// with them.
bool begins_like_msgpack(unsigned char first)
{
    return (first >= 0x80 && first <= 0x9f) || (first >= 0xdc && first <= 0xdf);
}

bool is_text(std::string_view bytes)
{
    auto const is_control = [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
    };
    return std::none_of(bytes.begin(), bytes.end(), is_control) && is_utf8(bytes);
}

call_message from_json_object(rpc::object const& from)
{
    static rpc::value const none;
    auto const get = [&](std::string_view name) -> rpc::value const& {
        auto const* const found = from.find(name);
        return found != nullptr ? *found : none;
    };
    if (auto const* const method = get("method").get_if<std::string>())
    {
        auto const part = from.contains("id") ? call_part::request : call_part::notification;
        return {.part = part, .method = *method, .id = get("id"), .body = get("params")};
    }
    if (from.contains("id") && from.contains("error") && !get("error").is_null())
        return {.part = call_part::error, .id = get("id"), .body = get("error")};
    if (from.contains("id") && from.contains("result"))
        return {.part = call_part::result, .id = get("id"), .body = get("result")};
    return {.body = from};
}

call_message from_msgpack_array(rpc::array const& from)
{
    auto const type = from.empty() ? nullptr : from[0].get_if<std::int64_t>();
    auto const* const method =
        from.size() < 3 ? nullptr : from[from.size() == 3 ? 1 : 2].get_if<std::string>();
    if (type != nullptr && *type == 0 && from.size() == 4 && method != nullptr)
        return {.part = call_part::request, .method = *method, .id = from[1], .body = from[3]};
    if (type != nullptr && *type == 1 && from.size() == 4)
    {
        bool const failed = !from[2].is_null();
        return {.part = failed ? call_part::error : call_part::result,
                .id = from[1],
                .body = from[failed ? 2 : 3]};
    }
    if (type != nullptr && *type == 2 && from.size() == 3 && method != nullptr)
        return {.part = call_part::notification, .method = *method, .body = from[2]};
    return {.body = from};
}

} // namespace

message decode(std::string_view bytes)
{
    if (bytes.empty())
        return {};
    if (begins_like_msgpack(static_cast<unsigned char>(bytes.front())))
    {
        if (auto read = rpc::from_msgpack<rpc::value>(bytes))
            return {message_form::msgpack, std::move(*read)};
    }
    else if (auto read = rpc::from_json<rpc::value>(bytes))
        return {message_form::json, std::move(*read)};
    return {is_text(bytes) ? message_form::text : message_form::bytes, bytes};
}

std::string_view to_string(call_part part) noexcept
{
    switch (part)
    {
    case call_part::request: return "request";
    case call_part::notification: return "notification";
    case call_part::result: return "result";
    case call_part::error: return "error";
    case call_part::other: return "other";
    }
    return {};
}

std::vector<call_message> calls_in(message const& whole)
{
    auto const* const elements = whole.content.get_if<rpc::array>();
    auto const* const object = whole.content.get_if<rpc::object>();
    if (whole.form == message_form::json && object != nullptr)
        return {from_json_object(*object)};
    if (whole.form == message_form::msgpack && elements != nullptr)
        return {from_msgpack_array(*elements)};

    std::vector<call_message> batch;
    if (whole.form == message_form::json && elements != nullptr)
    {
        for (auto const& element : *elements)
        {
            auto const* const one = element.get_if<rpc::object>();
            auto call = one != nullptr ? from_json_object(*one) : call_message{};
            if (call.part == call_part::other)
                return {call_message{.body = whole.content}}; // just an array
            batch.push_back(std::move(call));
        }
    }
    if (batch.empty())
        batch.push_back({.body = whole.content});
    return batch;
}

std::string hexadecimal(std::string_view bytes, std::size_t limit)
{
    constexpr auto digits = "0123456789abcdef";
    std::string out;
    for (char const c : bytes.substr(0, limit))
    {
        auto const byte = static_cast<unsigned char>(c);
        if (!out.empty())
            out += ' ';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    if (bytes.size() > limit)
        out += " ... (" + std::to_string(bytes.size() - limit) + " more bytes)";
    return out;
}

} // namespace oizys::cli
