// SPDX-License-Identifier: BSL-1.0
//
// Whether tokens make a JSON text: the whole grammar in one pass without recursion. What it has accepted, the
// reader reads without looking for mistakes, and without commas and colons: they are left out on the way.
#pragma once

#include "codec/json_tokens.hpp"

#include <oizys/rpc/codec/nesting.hpp>

#include <string_view>

namespace oizys::rpc::detail
{

/// The string that begins at token `token` of `text`, without its quotes, as it stands. The token that follows
/// tells where to look for the closing quote: there may be white space, a comma or a colon in between.
inline std::string_view raw_string(char const* text, std::uint32_t const* token) noexcept
{
    char const* const open = text + token[0];
    char const* close = text + token[1] - 1;
    while (*close != '"')
        --close;
    return {open + 1, static_cast<std::size_t>(close - open - 1)};
}

/// Checks all of `text` against RFC 8259: no error, or the first one in the text. `open` is memory to be used
/// again; strings that end before `first_escape` have no escapes to check.
///
/// Takes commas and colons out of the tokens; `last` is behind those that are left, where the size of the text is.
codec_errc check_json(std::string_view text, json_tokens& tokens, char const* first_escape,
                      std::size_t max_depth, nesting& open, std::uint32_t const*& last);

} // namespace oizys::rpc::detail
