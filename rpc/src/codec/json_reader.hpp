// SPDX-License-Identifier: BSL-1.0
//
// Reads JSON by walking tokens: those that simdjson's first stage has found, or those of a short, plain text.
// start() checks the whole text, so that reading meets only well-formed JSON and a place in the text (a mark) can be
// read any number of times.
#pragma once

#include "codec/json_grammar.hpp"
#include "codec/json_number.hpp"
#include "codec/json_plain.hpp"
#include "codec/json_tokens.hpp"
#include "codec/scratch.hpp"

#include <oizys/rpc/codec/nesting.hpp>
#include <oizys/rpc/codec/reader.hpp>

#include <array>
#include <vector>

namespace oizys::rpc
{

/// Strings without escapes are views into the text; others are views into the reader, valid until the next
/// start(). Of members with the same name all are given, in order. One reader serves many texts.
class json_reader final : public reader
{
public:
    explicit json_reader(codec_limits limits = {}) noexcept : max_depth_(limits.max_depth) {}

    void set_limits(codec_limits limits) noexcept { max_depth_ = limits.max_depth; }

    /// Checks all of `text`, which must be one JSON value and stay where it is, and goes to its beginning.
    /// False, and error() tells why, when there is any mistake in it. Reads no byte beyond the text.
    bool start(std::string_view text);

    /// The place of the next value.
    struct place
    {
        std::uint32_t const* token;
    };

    /// Where the next value is. Valid until start().
    place mark() const noexcept { return {token_}; }

    /// Goes to a marked value although something has failed since; the failure is forgotten.
    void restart(place p) noexcept
    {
        error_ = {};
        token_ = p.token;
    }

    /// Goes to a marked value, as often as one likes. The reader is then inside the array or object in which
    /// the mark was made. A failure of reading is forgotten.
    void rewind(place p) noexcept
    {
        error_ = {};
        token_ = p.token;
    }

    kind next() override;
    bool has_next() override
    {
        char const c = peek();
        return c != ']' && c != '}' && c != 0;
    }
    /// The first character of the next value, which tells its kind up to that of a number: cheaper than next().
    /// A closing bracket or 0 where there is none.
    char first() const noexcept { return peek(); }

    bool read_null() override;
    bool read_bool(bool& out) override;
    bool read_int64(std::int64_t& out) override;
    bool read_uint64(std::uint64_t& out) override;
    bool read_integer(std::uint64_t& bits, bool& negative) override;
    bool read_double(double& out) override;
    bool read_string(std::string_view& out) override
    {
        if (peek() != '"')
            return fail_type();
        return take_string(out);
    }
    /// A string of base64.
    bool read_binary(std::string_view& out) override;
    bool read_extension(std::int8_t& type, std::string_view& out) override;

    bool enter_array(std::size_t& count) override { return enter('[', count); }
    bool leave_array() override { return leave(); }
    bool enter_object(std::size_t& count) override { return enter('{', count); }
    bool read_key(std::string_view& out) override { return peek() == '"' && take_string(out); }
    bool leave_object() override { return leave(); }

    bool skip() override;
    bool read_raw(std::string_view& out) override;

    void want_counts() override;

    boost::system::error_code error() const noexcept override;
    bool fail(codec_errc why) noexcept override;

    /// Grows with the memory that is kept for the next text: the longest text, or the text of decoded
    /// strings, that takes no more.
    std::size_t capacity() const noexcept
    {
        return tokens_.capacity() > strings_.capacity() ? tokens_.capacity() : strings_.capacity();
    }

private:
    bool failed() const noexcept { return error_ != codec_errc{}; }

    /// The first character of the next value; 0 at the text's end and after an error.
    char peek() const noexcept { return token_ == last_ ? char{} : text_[*token_]; }
    char const* value_begin() const noexcept { return text_ + token_[0]; }
    /// Where the next token begins: the value, white space and a comma end there.
    char const* value_end() const noexcept { return text_ + token_[1]; }

    bool at_number() const noexcept
    {
        char const c = peek();
        return detail::is_digit(c) || c == '-';
    }
    bool enter(char bracket, std::size_t& count) noexcept
    {
        if (peek() != bracket)
            return fail_type();
        count = counts_.empty() ? unknown_count : counts_[static_cast<std::size_t>(token_ - first_)];
        ++token_;
        return true;
    }
    /// Takes the string that peek() has seen.
    bool take_string(std::string_view& out)
    {
        out = detail::raw_string(text_, token_);
        ++token_;
        return out.data() + out.size() <= first_escape_ || take_escapes(out);
    }
    bool take_escapes(std::string_view& string);
    bool leave();
    /// Goes behind the closing bracket that ends `levels` levels.
    void close(std::size_t levels) noexcept;
    bool fail_type() noexcept;

    /// The way that any text may take.
    bool start_any(std::string_view text);

    char const* text_ = nullptr;
    std::uint32_t const* first_ = nullptr; ///< the first token
    std::uint32_t const* token_ = nullptr; ///< the next token
    std::uint32_t const* last_ = nullptr;  ///< behind the last token; the same as token_ after an error
    char const* first_escape_ = nullptr;
    codec_errc error_{};
    std::size_t max_depth_;
    detail::json_tokens tokens_;
    detail::nesting open_;
    detail::scratch strings_;
    std::vector<std::uint32_t> counts_; ///< empty, or of each opening bracket's token: how many elements
    std::array<std::uint32_t, detail::longest_plain_text + 1> plain_tokens_; ///< not initialised
};

} // namespace oizys::rpc
