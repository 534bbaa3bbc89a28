// SPDX-License-Identifier: BSL-1.0
#include "core/pending_calls.hpp"

#include <algorithm>
#include <utility>

namespace oizys::rpc::detail
{

pending_calls::pending_calls(std::size_t max_pending) noexcept : max_pending_{std::min(max_pending, most)} {}

std::optional<std::uint32_t> pending_calls::add(call_handler& on_end, clock::time_point now,
                                                clock::duration timeout)
{
    if (size_ == max_pending_)
        return std::nullopt;
    if (free_ == none)
    {
        slots_.emplace_back();
        free_ = static_cast<std::uint32_t>(slots_.size() - 1);
    }
    auto const index = free_;
    auto& s = slots_[index];
    free_ = std::exchange(s.next, none);
    s.on_end = std::move(on_end);
    s.deadline = now + timeout;
    ++size_;
    if (timeout != clock::duration::zero())
        enqueue(index, queue_for(timeout));
    return static_cast<std::uint32_t>(s.uses) << 16 | index;
}

call_handler pending_calls::extract(std::uint32_t id)
{
    return waits(id) ? release(id & 0xffffu) : call_handler{};
}

call_handler pending_calls::extract_expired(clock::time_point now, std::uint32_t& id)
{
    auto const first = first_to_expire();
    if (first == none || slots_[first].deadline > now)
        return {};
    id = static_cast<std::uint32_t>(slots_[first].uses) << 16 | first;
    return release(first);
}

call_handler pending_calls::extract_any()
{
    if (size_ == 0)
        return {};
    while (any_from_ >= slots_.size() || !slots_[any_from_].on_end)
        any_from_ = any_from_ + 1 < slots_.size() ? any_from_ + 1 : 0;
    return release(static_cast<std::uint32_t>(any_from_));
}

std::optional<pending_calls::clock::time_point> pending_calls::next_deadline() const noexcept
{
    auto const first = first_to_expire();
    return first == none ? std::nullopt : std::optional{slots_[first].deadline};
}

std::uint32_t pending_calls::first_to_expire() const noexcept
{
    auto first = none;
    for (auto const& q : queues_)
        if (q.first != none && (first == none || slots_[q.first].deadline < slots_[first].deadline))
            first = q.first;
    return first;
}

// The queue of this timeout, or one that is empty, or a new one. When there are too many timeouts, the first
// queue takes the rest, in order of their deadlines.
std::uint32_t pending_calls::queue_for(clock::duration timeout)
{
    auto found = queues_.begin();
    while (found != queues_.end() && found->timeout != timeout)
        ++found;
    if (found == queues_.end())
        found = std::ranges::find(queues_, none, &queue::first);
    if (found == queues_.end() && queues_.size() < most_queues)
        found = queues_.emplace(queues_.end());
    if (found == queues_.end())
        return 0;
    found->timeout = timeout;
    return static_cast<std::uint32_t>(found - queues_.begin());
}

void pending_calls::enqueue(std::uint32_t index, std::uint32_t queue_index)
{
    auto& q = queues_[queue_index];
    auto& s = slots_[index];
    s.queue = queue_index;
    s.previous = q.last;
    while (s.previous != none && slots_[s.previous].deadline > s.deadline)
        s.previous = slots_[s.previous].previous;
    s.next = s.previous == none ? q.first : slots_[s.previous].next;
    (s.previous == none ? q.first : slots_[s.previous].next) = index;
    (s.next == none ? q.last : slots_[s.next].previous) = index;
}

call_handler pending_calls::release(std::uint32_t index)
{
    auto& s = slots_[index];
    if (s.queue != none)
    {
        auto& q = queues_[s.queue];
        (s.previous == none ? q.first : slots_[s.previous].next) = s.next;
        (s.next == none ? q.last : slots_[s.next].previous) = s.previous;
        s.queue = s.previous = none;
    }
    ++s.uses;
    s.next = std::exchange(free_, index);
    --size_;
    return std::move(s.on_end);
}

} // namespace oizys::rpc::detail
