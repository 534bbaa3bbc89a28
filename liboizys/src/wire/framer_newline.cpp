// SPDX-License-Identifier: BSL-1.0
//
// Lines as messages.
#include "wire/frame_steps.hpp"

namespace oizys::wire
{

// A carriage return in front of the line feed belongs to the end of the line; any other to the message.
frame_step framer::next_newline(std::string_view input) noexcept
{
    auto const found = input.find('\n', scanned_);
    bool const whole = found != input.npos;
    auto const line = input.substr(0, found);
    bool const has_return = line.ends_with('\r');
    auto const payload = line.substr(0, line.size() - (has_return ? 1 : 0));
    if (payload.size() > max_message_)
        return failed(errc::message_too_large);
    scanned_ = whole ? 0 : line.size();
    if (!whole)
        return more(input, 0);
    if (payload.empty())
        return {.what = frame_step::status::skip, .size = line.size() + 1};
    return {.what = frame_step::status::frame, .size = line.size() + 1, .payload = payload};
}

} // namespace oizys::wire
