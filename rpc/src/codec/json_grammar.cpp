// SPDX-License-Identifier: BSL-1.0
//
// The grammar of JSON over tokens.
#include "codec/json_grammar.hpp"

#include "codec/json_number.hpp"
#include "codec/json_string.hpp"

#include <algorithm>

namespace oizys::rpc::detail
{
namespace
{

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

class checker
{
public:
    checker(std::string_view text, json_tokens& tokens, char const* first_escape) noexcept
        : text_(text.data())
        , end_(text.data() + text.size())
        , first_escape_(first_escape)
        , token_(tokens.begin())
        , last_(tokens.end())
        , kept_(tokens.begin())
    {
    }

    codec_errc run(std::size_t max_depth, nesting& open);

    std::uint32_t* kept() const noexcept { return kept_; }

private:
    char peek() const noexcept { return text_[*token_]; }
    bool at_end() const noexcept { return token_ == last_; }
    void keep() noexcept { *kept_++ = *token_++; }

    codec_errc string() noexcept;
    codec_errc number() noexcept;
    codec_errc literal(std::string_view word) noexcept;
    codec_errc scalar() noexcept;
    codec_errc name() noexcept;

    /// Whether nothing but white space stands between `p` and the next token.
    bool ends_at(char const* p) const noexcept { return p == text_ + token_[1] || is_space(*p); }

    char const* text_;
    char const* end_;
    char const* first_escape_;
    std::uint32_t const* token_;
    std::uint32_t const* last_;
    std::uint32_t* kept_; ///< never beyond token_
};

codec_errc checker::string() noexcept
{
    char const* const open = text_ + token_[0];
    char const* close = text_ + token_[1] - 1;
    while (is_space(*close))
        --close;
    if (close == open || *close != '"')
        return codec_errc::malformed;
    if (close > first_escape_)
        return check_escapes({open + 1, static_cast<std::size_t>(close - open - 1)});
    return {};
}

codec_errc checker::number() noexcept
{
    char const* stopped_at;
    char const* const p = scan_number(text_ + token_[0], end_, stopped_at);
    if (p == nullptr)
        return stopped_at == end_ ? codec_errc::truncated : codec_errc::malformed;
    return ends_at(p) ? codec_errc{} : codec_errc::malformed;
}

codec_errc checker::literal(std::string_view word) noexcept
{
    char const* const p = text_ + token_[0];
    std::string_view const found{p, std::min(word.size(), static_cast<std::size_t>(end_ - p))};
    if (found == word)
        return ends_at(p + word.size()) ? codec_errc{} : codec_errc::malformed;
    return p + found.size() == end_ && word.starts_with(found) ? codec_errc::truncated
                                                               : codec_errc::malformed;
}

codec_errc checker::scalar() noexcept
{
    switch (peek())
    {
    case '"': return string();
    case 't': return literal("true");
    case 'f': return literal("false");
    case 'n': return literal("null");
    default: return is_digit(peek()) || peek() == '-' ? number() : codec_errc::malformed;
    }
}

/// A member's name and the colon.
codec_errc checker::name() noexcept
{
    if (at_end())
        return codec_errc::truncated;
    if (peek() != '"')
        return codec_errc::malformed;
    if (codec_errc const e = string(); e != codec_errc{})
        return e;
    keep();
    if (at_end())
        return codec_errc::truncated;
    if (peek() != ':')
        return codec_errc::malformed;
    ++token_;
    return {};
}

codec_errc checker::run(std::size_t max_depth, nesting& open)
{
    open.clear();
    for (;;) // each turn: a value, and all that may end with it
    {
        if (open.depth() != 0 && open.in_object())
            if (codec_errc const e = name(); e != codec_errc{})
                return e;
        if (at_end())
            return codec_errc::truncated;
        char const c = peek();
        if (c == '[' || c == '{')
        {
            if (open.depth() == max_depth)
                return codec_errc::too_deep;
            open.push(c == '{');
            keep();
            if (at_end() || peek() != (c == '{' ? '}' : ']'))
                continue;
        }
        else
        {
            if (codec_errc const e = scalar(); e != codec_errc{})
                return e;
            keep();
        }
        for (;;)
        {
            if (open.depth() == 0)
                return at_end() ? codec_errc{} : codec_errc::trailing_bytes;
            if (at_end())
                return codec_errc::truncated;
            char const after = peek();
            if (after == ',')
                break;
            if (after != (open.in_object() ? '}' : ']'))
                return codec_errc::malformed;
            keep();
            open.pop();
        }
        ++token_; // the comma
    }
}

} // namespace

codec_errc check_json(std::string_view text, json_tokens& tokens, char const* first_escape,
                      std::size_t max_depth, nesting& open, std::uint32_t const*& last)
{
    checker check{text, tokens, first_escape};
    codec_errc const e = check.run(max_depth, open);
    *check.kept() = static_cast<std::uint32_t>(text.size());
    last = check.kept();
    return e;
}

} // namespace oizys::rpc::detail
