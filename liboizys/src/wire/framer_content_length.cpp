// SPDX-License-Identifier: BSL-1.0
//
// The headers of the Language Server Protocol's base protocol.
#include "wire/frame_steps.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace oizys::wire
{
namespace
{

bool is_content_length(std::string_view name) noexcept
{
    constexpr std::string_view lower = "content-length";
    // OR-ing 0x20 makes lower case of upper case, and '-' of itself and of CR, which no name has.
    return std::ranges::equal(name, lower, {}, [](char c) { return static_cast<char>(c | 0x20); });
}

// A token of RFC 9110, which no beginning of a JSON text is.
bool is_name(std::string_view text) noexcept
{
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
               marks.find(c) != marks.npos;
    });
}

std::string_view without_blanks(std::string_view text) noexcept
{
    auto const begin = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

} // namespace

// The headers are short and are read again from the first byte until they are complete: what is remembered
// of a frame would stay behind when its payload is received elsewhere.
frame_step framer::next_content_length(std::string_view input) const noexcept
{
    auto const headers = input.substr(0, max_content_length_headers);
    std::optional<std::size_t> size;
    for (std::size_t begin = 0;;)
    {
        auto const end = headers.find('\n', begin);
        if (end == headers.npos)
            return headers.size() == max_content_length_headers ? failed(errc::malformed_message)
                                                                : more(input, 0);
        auto line = headers.substr(begin, end - begin);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        begin = end + 1;
        if (line.empty())
            return size ? behind_header(input, begin, *size) : failed(errc::malformed_message);

        auto const name = line.substr(0, line.find(':'));
        if (name.size() == line.size() || !is_name(name))
            return failed(errc::malformed_message);
        if (!is_content_length(name))
            continue;
        auto const digits = without_blanks(line.substr(name.size() + 1));
        std::size_t value = 0;
        auto const [stopped, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        bool const is_number =
            stopped == digits.data() + digits.size() && failure != std::errc::invalid_argument;
        if (size || !is_number)
            return failed(errc::malformed_message);
        if (failure == std::errc::result_out_of_range || value > max_message_ ||
            value > std::numeric_limits<std::size_t>::max() - max_content_length_headers)
            return failed(errc::message_too_large);
        if (value == 0)
            return failed(errc::malformed_message); // no session can carry an empty message
        size = value;
    }
}

} // namespace oizys::wire
