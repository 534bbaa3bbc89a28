// SPDX-License-Identifier: BSL-1.0
//
// The two ways through a JSON text, to be compared: they must find the same tokens.
#pragma once

#include "codec/json_grammar.hpp"
#include "codec/json_plain.hpp"
#include "codec/json_tokens.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace oizys::test
{

/// The tokens and the size of the text behind them; empty if the text is not JSON.
inline std::vector<std::uint32_t> scan_any_way(std::string_view text, std::size_t max_depth)
{
    rpc::detail::json_tokens tokens;
    rpc::detail::nesting open;
    if (tokens.find(text) != rpc::codec_errc{})
        return {};
    char const* const end = text.data() + text.size();
    char const* const first_escape = std::find(text.data(), end, '\\');
    std::uint32_t const* last = nullptr;
    if (rpc::detail::check_json(text, tokens, first_escape, max_depth, open, last) != rpc::codec_errc{})
        return {};
    return {tokens.begin(), tokens.begin() + (last - tokens.begin() + 1)};
}

/// The same by the way for plain texts; empty if the text is not plain. The text is copied to where a sanitizer sees
/// what is read beyond it.
inline std::vector<std::uint32_t> scan_plain_way(std::string_view text, std::size_t max_depth)
{
    std::unique_ptr<char[]> const exact{new char[text.size()]};
    std::unique_ptr<std::uint32_t[]> const tokens{new std::uint32_t[text.size() + 1]};
    std::copy(text.begin(), text.end(), exact.get());
    auto const count = rpc::detail::scan_plain_json({exact.get(), text.size()}, max_depth, tokens.get());
    if (count == 0)
        return {};
    return {tokens.get(), tokens.get() + count + 1};
}

/// Whether JSON that is at most 64 levels deep is plain.
inline bool is_plain(std::string_view json)
{
    return json.size() <= rpc::detail::longest_plain_text && (json.back() == '}' || json.back() == ']') &&
           json.find('\\') == std::string_view::npos;
}

/// Whether the two ways agree about `text`.
inline bool scans_agree(std::string_view text, std::size_t max_depth)
{
    auto expected = scan_any_way(text, std::min<std::size_t>(max_depth, 64));
    if (!expected.empty() && !is_plain(text))
        expected.clear();
    return scan_plain_way(text, max_depth) == expected;
}

} // namespace oizys::test
