// SPDX-License-Identifier: BSL-1.0
//
// Where the tokens of a JSON text begin. This is the vectorised first stage of simdjson (the one that its
// own front ends stand on), and the only file of the project that knows simdjson. Nothing is read beyond
// the text. Everything else about JSON (grammar, numbers, escapes) is in the files json_*.
#pragma once

#include <oizys/rpc/codec/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace oizys::rpc::detail
{

bool is_utf8(std::string_view text) noexcept;

/// Finds brackets, commas, colons, opening quotes and the first characters of everything else; looks at
/// UTF-8, at control characters in strings and at the last string's end, and at nothing else.
class json_tokens
{
public:
    json_tokens() noexcept;
    ~json_tokens();

    /// No error: `begin()` to `end()` are the offsets of the tokens, at least one, and `*end()` is the size of
    /// the text. The memory is kept for the next text. Throws std::bad_alloc.
    codec_errc find(std::string_view text);

    std::uint32_t* begin() noexcept;
    std::uint32_t* end() noexcept;

    /// The longest text that takes no more memory.
    std::size_t capacity() const noexcept { return capacity_; }

private:
    struct impl;
    std::unique_ptr<impl> impl_;
    std::size_t capacity_ = 0;
};

} // namespace oizys::rpc::detail
