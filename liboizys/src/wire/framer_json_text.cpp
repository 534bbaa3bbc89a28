// SPDX-License-Identifier: BSL-1.0
//
// Where a JSON text ends.
#include "wire/frame_steps.hpp"

#include <algorithm>

namespace oizys::wire
{
namespace
{

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

} // namespace

// A text ends where its first bracket closes. What cannot be a text (brackets that do not match, a
// line feed within a string, something else than a bracket in front) ends with its line and is
// handed over as it is: the reader of JSON refuses it, and the next line is a new beginning.
frame_step framer::next_json_text(std::string_view input) noexcept
{
    if (open_ == 0 && !broken_)
    {
        auto const begin =
            static_cast<std::size_t>(std::ranges::find_if_not(input, is_space) - input.begin());
        if (begin != 0)
            return {.what = frame_step::status::skip, .size = begin};
        broken_ = input.front() != '{' && input.front() != '[';
    }

    constexpr std::uint64_t remembered =
        64; // levels whose kind of bracket is known; deeper ones are only counted
    constexpr std::uint64_t one = 1;
    auto const end = std::min(input.size(), max_message_);
    auto at = scanned_;
    for (; at < end; ++at)
    {
        char const c = input[at];
        if (c == '\n' && (broken_ || in_string_))
            return finish(input.substr(0, at));
        if (broken_)
            continue;
        if (in_string_)
        {
            if (escaped_)
                escaped_ = false;
            else if (c == '\\')
                escaped_ = true;
            else if (c == '"')
                in_string_ = false;
            continue;
        }
        switch (c)
        {
        case '"': in_string_ = true; break;
        case '{':
        case '[':
            if (open_ < remembered)
                brackets_ = (brackets_ & ~(one << open_)) | (c == '{' ? one << open_ : 0);
            ++open_;
            break;
        case '}':
        case ']':
            if (open_ <= remembered && (brackets_ >> (open_ - 1) & one) != (c == '}' ? one : 0))
            {
                broken_ = true;
                break;
            }
            if (--open_ == 0)
                return finish(input.substr(0, at + 1));
            break;
        default: break;
        }
    }
    scanned_ = at;
    if (input.size() > max_message_)
        return failed(errc::message_too_large);
    return more(input, 0);
}

} // namespace oizys::wire
