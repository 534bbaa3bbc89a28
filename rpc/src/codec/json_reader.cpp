// SPDX-License-Identifier: BSL-1.0
//
// The JSON reader: values out of tokens that are known to be well-formed.
#include "codec/json_reader.hpp"

#include "codec/base64.hpp"
#include "codec/json_string.hpp"

#include <cassert>
#include <cstring>

namespace oizys::rpc
{

bool json_reader::start(std::string_view text)
{
    error_ = {};
    strings_.clear();
    counts_.clear();
    text_ = text.data();
    auto const plain = detail::scan_plain_json(text, max_depth_, plain_tokens_.data());
    if (plain == 0)
        return start_any(text);
    first_ = token_ = plain_tokens_.data();
    last_ = token_ + plain;
    first_escape_ = text_ + text.size();
    return true;
}

bool json_reader::start_any(std::string_view text)
{
    token_ = last_ = nullptr;
    codec_errc e = tokens_.find(text);
    if (e != codec_errc{})
        return fail(e);
    first_ = token_ = tokens_.begin();
    char const* const end = text_ + text.size();
    auto const* backslash = static_cast<char const*>(std::memchr(text_, '\\', text.size()));
    first_escape_ = backslash == nullptr ? end : backslash;
    e = detail::check_json(text, tokens_, first_escape_, max_depth_, open_, last_);
    return e == codec_errc{} || fail(e);
}

bool json_reader::fail(codec_errc why) noexcept
{
    if (!failed())
        error_ = why;
    token_ = last_; // so that every read stops here
    return false;
}

bool json_reader::fail_type() noexcept
{
    char const c = peek();
    return fail(c == 0 || c == ']' || c == '}' ? codec_errc::wrong_length : codec_errc::wrong_type);
}

boost::system::error_code json_reader::error() const noexcept
{
    return failed() ? make_error_code(error_) : boost::system::error_code{};
}

kind json_reader::next()
{
    switch (peek())
    {
    case '"': return kind::string;
    case '{': return kind::object;
    case '[': return kind::array;
    case 'n': return kind::null;
    case 't':
    case 'f': return kind::boolean;
    case 0:
    case ']':
    case '}': return kind::none;
    default:
        return is_integer(detail::parse_integer(value_begin(), value_end())) ? kind::integer : kind::floating;
    }
}

bool json_reader::read_null()
{
    if (peek() != 'n')
        return fail_type();
    ++token_;
    return true;
}

bool json_reader::read_bool(bool& out)
{
    char const c = peek();
    if (c != 't' && c != 'f')
        return fail_type();
    out = c == 't';
    ++token_;
    return true;
}

bool json_reader::read_integer(std::uint64_t& bits, bool& negative)
{
    if (!at_number())
        return fail_type();
    auto const number = detail::parse_integer(value_begin(), value_end());
    if (number.is == detail::integer_text::floating)
        return fail(codec_errc::wrong_type);
    if (!is_integer(number))
        return fail(codec_errc::out_of_range);
    negative = number.negative && number.magnitude != 0;
    bits = number.negative ? 0 - number.magnitude : number.magnitude;
    ++token_;
    return true;
}

bool json_reader::read_int64(std::int64_t& out)
{
    std::uint64_t bits;
    bool negative;
    if (!read_integer(bits, negative))
        return false;
    out = static_cast<std::int64_t>(bits);
    return negative || out >= 0 || fail(codec_errc::out_of_range);
}

bool json_reader::read_uint64(std::uint64_t& out)
{
    bool negative;
    return read_integer(out, negative) && (!negative || fail(codec_errc::out_of_range));
}

bool json_reader::read_double(double& out)
{
    if (!at_number())
        return fail_type();
    auto const number = detail::parse_double(value_begin(), value_end());
    if (!number)
        return fail(codec_errc::out_of_range);
    out = *number;
    ++token_;
    return true;
}

bool json_reader::read_binary(std::string_view& out)
{
    std::string_view text;
    if (!read_string(text))
        return false;
    char* const bytes = strings_.reserve(detail::base64_bound(text));
    auto const size = detail::decode_base64(text, bytes);
    if (!size)
        return fail(codec_errc::wrong_type);
    strings_.keep(*size);
    out = {bytes, *size};
    return true;
}

bool json_reader::read_extension(std::int8_t&, std::string_view&) { return fail_type(); }

bool json_reader::take_escapes(std::string_view& string)
{
    if (string.find('\\') == std::string_view::npos)
        return true;
    char* const to = strings_.reserve(string.size());
    std::size_t const size = detail::unescape(string, to);
    strings_.keep(size);
    string = {to, size};
    return true;
}

void json_reader::close(std::size_t levels) noexcept
{
    while (levels != 0)
    {
        char const c = static_cast<char>(text_[*token_++] | 0x20); // '[' | 0x20 is '{', ']' | 0x20 is '}'
        levels += static_cast<std::size_t>(c == '{');
        levels -= static_cast<std::size_t>(c == '}');
    }
}

bool json_reader::leave()
{
    assert(failed() || token_ != last_);
    if (token_ == last_)
        return fail(codec_errc::wrong_length);
    close(1);
    return true;
}

bool json_reader::skip()
{
    switch (peek())
    {
    case 0:
    case ']':
    case '}': return fail_type();
    case '[':
    case '{':
        ++token_;
        close(1);
        return true;
    default: ++token_; return true;
    }
}

bool json_reader::read_raw(std::string_view& out)
{
    std::uint32_t const* const first = token_;
    if (!skip())
        return false;
    char const* const from = text_ + *first;
    char const* to = text_ + *token_; // behind it may be white space and a comma
    while (to[-1] == ',' || to[-1] == ' ' || to[-1] == '\n' || to[-1] == '\r' || to[-1] == '\t')
        --to;
    out = {from, static_cast<std::size_t>(to - from)};
    return true;
}

void json_reader::want_counts()
{
    if (failed() || !counts_.empty())
        return;
    auto const size = static_cast<std::size_t>(last_ - first_);
    counts_.resize(size);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < size; ++i)
    {
        char const c = text_[first_[i]];
        if (c == ']' || c == '}')
        {
            if (c == '}')
                counts_[open.back()] /= 2; // the names were counted too
            open.pop_back();
            continue;
        }
        if (!open.empty())
            ++counts_[open.back()];
        if (c == '[' || c == '{')
            open.push_back(i);
    }
}

} // namespace oizys::rpc
