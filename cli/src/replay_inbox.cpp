// SPDX-License-Identifier: BSL-1.0
#include "replay_inbox.hpp"

#include "message.hpp"
#include "print_value.hpp"

#include <algorithm>
#include <utility>

namespace oizys::cli
{

std::string likeness(std::string_view message)
{
    std::string out;
    for (auto const& call : calls_in(decode(message)))
    {
        bool const is_answer = call.part == call_part::result || call.part == call_part::error;
        out +=
            is_answer ? "answer " + compact(call.id) : std::string{to_string(call.part)} + ' ' + call.method;
        out += '\n';
    }
    return out;
}

bool same_content(std::string_view a, std::string_view b)
{
    if (a == b)
        return true;
    auto const first = decode(a);
    auto const second = decode(b);
    return first.form == second.form && first.content == second.content;
}

bool replay_inbox::add(std::string message)
{
    if (waiting_.size() == max_waiting)
        return false;
    auto key = likeness(message);
    waiting_.push_back({std::move(key), std::move(message)});
    return true;
}

std::optional<std::string> replay_inbox::take(std::string_view recorded)
{
    auto const wanted = likeness(recorded);
    auto const found =
        std::find_if(waiting_.begin(), waiting_.end(), [&](entry const& e) { return e.likeness == wanted; });
    if (found == waiting_.end())
        return std::nullopt;
    auto message = std::move(found->message);
    waiting_.erase(found);
    return message;
}

} // namespace oizys::cli
