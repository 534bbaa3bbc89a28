// SPDX-License-Identifier: BSL-1.0
#include "wire/message_handover.hpp"

#include "wire/message_header.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace oizys::wire
{

std::span<char> message_handover::prepare()
{
    auto const kept = received();
    // A message in many fragments is gathered: its size is known when the last one is here.
    auto const least = kept == 0 && !has_begun() ? first_part : next_part;
    if (capacity_ - kept < least)
    {
        auto const capacity = std::max(kept + least, kept == 0 ? 0 : 2 * capacity_);
        auto larger = std::make_unique_for_overwrite<char[]>(capacity);
        if (kept != 0)
            std::memcpy(larger.get(), bytes_.get() + begin_, kept);
        bytes_ = std::move(larger);
        capacity_ = capacity;
    }
    else if (begin_ != 0 && kept != 0)
        std::memmove(bytes_.get(), bytes_.get() + begin_, kept);
    begin_ = 0;
    end_ = kept;
    return {bytes_.get() + end_, least};
}

void message_handover::begin(std::size_t size) noexcept
{
    size_ = size;
    handed_out_ = 0;
}

std::size_t message_handover::hand_out(std::span<char> room)
{
    if (!has_begun())
        return 0;
    auto const header = encode_message_header(size_);
    std::size_t n = 0;
    if (handed_out_ < header.size())
        n = std::string_view{header.data(), header.size()}.substr(handed_out_).copy(room.data(), room.size());
    auto const part =
        std::string_view{bytes_.get() + begin_, received()}.copy(room.data() + n, room.size() - n);
    begin_ += part;
    passed(n + part);
    return n + part;
}

void message_handover::passed(std::size_t n) noexcept
{
    handed_out_ += n;
    if (handed_out_ != message_header_size + size_)
        return;
    size_ = handed_out_ = begin_ = end_ = 0;
    if (capacity_ > next_part)
    {
        bytes_.reset();
        capacity_ = 0;
    }
}

} // namespace oizys::wire
