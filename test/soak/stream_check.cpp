// SPDX-License-Identifier: BSL-1.0
#include "stream_check.hpp"

namespace oizys::soak
{
namespace
{

// Letters, so that it fits into every dress.
std::uint64_t number_of(std::string_view letters)
{
    std::uint64_t n = 0;
    for (char const c : letters)
        n = n << 4 | static_cast<std::uint64_t>((c - 'a') & 15);
    return n;
}

std::string letters_of(std::uint64_t n)
{
    std::string letters;
    for (int shift = 60; shift >= 0; shift -= 4)
        letters += static_cast<char>('a' + (n >> shift & 15));
    return letters;
}

} // namespace

std::string encode(lane_totals const& totals) { return letters_of(totals.small) + letters_of(totals.large); }

bool stream_check::is_tiny(std::string_view message) const noexcept
{
    return known_ && can_be_tiny(as_) && message.size() < tiny;
}

std::optional<parsed_message> stream_check::on_message(std::string_view message, std::string& wrong)
{
    if (is_tiny(message))
    {
        if (message != make_tiny(as_, message.size(), stream_, next_small_))
            wrong = "tiny message " + std::to_string(next_small_) + " is corrupted, or out of order";
        ++next_small_;
        return std::nullopt;
    }
    auto const parsed = parse_message(message);
    if (!parsed)
    {
        wrong =
            "a message of " + std::to_string(message.size()) + " bytes is corrupted; before it " + describe();
        return std::nullopt;
    }
    if (!known_)
    {
        known_ = true;
        as_ = dress_of(message);
        stream_ = parsed->label.stream;
        if (parsed->label.type != message_type::hello)
            wrong = "the first message is lost";
    }
    if (parsed->label.stream != stream_)
        wrong = "a message of another session";
    if (auto why = check_number(parsed->label); !why.empty())
        wrong = std::move(why);
    if (parsed->label.type == message_type::totals)
        totals_ = {number_of(parsed->content.substr(0, 16)), number_of(parsed->content.substr(16))};
    return parsed;
}

std::string stream_check::check_number(message_label const& label)
{
    if (label.lane == lane::small)
    {
        auto const expected = next_small_;
        next_small_ = label.number + 1;
        if (label.number == expected)
            return {};
        return "message " + std::to_string(label.number) + " came instead of " + std::to_string(expected);
    }
    if (label.number < next_large_ || !early_.insert(label.number).second)
        return "large message " + std::to_string(label.number) + " came twice";
    while (early_.erase(next_large_) != 0)
        ++next_large_;
    return {};
}

std::string stream_check::describe() const
{
    auto const got = received();
    auto text = "received " + std::to_string(got.small) + " + " + std::to_string(got.large);
    if (totals_)
        text += " of " + std::to_string(totals_->small) + " + " + std::to_string(totals_->large);
    return text;
}

} // namespace oizys::soak
