// SPDX-License-Identifier: BSL-1.0
//
// Says in one line what an envelope is, so that tests of decoders are tables of messages and lines.
#pragma once

#include "protocol/envelope.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace oizys::test
{

/// "93 02 a1": for people, and for tables.
inline std::string to_hex(std::string_view bytes)
{
    std::string text;
    for (char const c : bytes)
    {
        char two[4];
        std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        text.append(text.empty() ? "" : " ").append(two);
    }
    return text;
}

/// The bytes of "93 02 a1"; white space may stand anywhere between two bytes, text in apostrophes is itself.
inline std::string from_hex(std::string_view text)
{
    std::string bytes;
    for (std::size_t i = 0; i < text.size();)
    {
        if (text[i] == ' ' || text[i] == '\n')
            ++i;
        else if (text[i] == '\'')
        {
            auto const end = text.find('\'', i + 1);
            bytes.append(text.substr(i + 1, end - i - 1));
            i = end + 1;
        }
        else
        {
            bytes.push_back(
                static_cast<char>(std::strtol(std::string{text.substr(i, 2)}.c_str(), nullptr, 16)));
            i += 2;
        }
    }
    return bytes;
}

/// One line for an envelope; `show` writes ids and bodies as they came.
template <class Decoder, class Show>
std::string describe(Decoder& in, rpc::detail::envelope const& e, Show show)
{
    using type = rpc::detail::envelope::type;
    auto const body = [&]() -> std::string {
        std::string_view raw;
        if (!e.has_body)
            return "";
        return in.body().read_raw(raw) ? ' ' + show(raw) : " unreadable";
    };
    auto const id = [&] { return e.id.empty() ? std::string{"nobody"} : show(e.id); };
    switch (e.what)
    {
    case type::request: return "request " + id() + ' ' + std::string{e.method} + body();
    case type::notification: return "notification " + std::string{e.method} + body();
    case type::response:
        return (e.is_error ? "error for " : "result for ") + std::to_string(e.answers) + body();
    case type::invalid: return "invalid, to " + id();
    case type::ignored: return "ignored";
    }
    return "?";
}

} // namespace oizys::test
