// SPDX-License-Identifier: BSL-1.0
//
// The calls that wait for an answer: who asked, and until when. No I/O and no clock; time is an argument.
#pragma once

#include <oizys/function.hpp>
#include <oizys/rpc/protocol/call_end.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace oizys::rpc::detail
{

/// A table of slots. An id is a slot's index and, in its upper half, how often the slot was used, so that an
/// answer is matched without a search and a late or double answer matches nothing.
///
/// Calls with the same timeout end in the order in which they were made, so each timeout has a queue and only
/// the queues' fronts are looked at.
class pending_calls
{
public:
    using clock = std::chrono::steady_clock;

    static constexpr std::size_t most = 65536; ///< calls: an index has 16 bits

    explicit pending_calls(std::size_t max_pending) noexcept;

    /// Adds a call and returns its id; nothing if max_pending are waiting, and `on_end` is left as it was.
    /// A timeout of zero never ends.
    std::optional<std::uint32_t> add(call_handler& on_end, clock::time_point now, clock::duration timeout);

    /// Whether such a call waits.
    bool waits(std::uint32_t id) const noexcept
    {
        auto const index = id & 0xffffu;
        return index < slots_.size() && slots_[index].uses == id >> 16 && slots_[index].on_end;
    }
    /// Takes a call out; empty if no such call waits.
    call_handler extract(std::uint32_t id);
    /// Takes out the call whose time was up first, and tells its id; empty if there is none.
    call_handler extract_expired(clock::time_point now, std::uint32_t& id);
    /// Takes out any call; empty if none waits.
    call_handler extract_any();

    /// When the next call's time is up.
    std::optional<clock::time_point> next_deadline() const noexcept;

    std::size_t size() const noexcept { return size_; }

private:
    static constexpr std::uint32_t none = 0xffffffff;
    static constexpr std::size_t most_queues = 32; ///< timeouts in use at once that have a queue of their own

    struct slot
    {
        call_handler on_end;
        clock::time_point deadline{};
        std::uint32_t queue = none;
        std::uint32_t previous = none;
        std::uint32_t next = none; ///< in its queue, or among the free slots
        std::uint16_t uses = 0;
    };

    struct queue
    {
        clock::duration timeout{};
        std::uint32_t first = none;
        std::uint32_t last = none;
    };

    std::uint32_t first_to_expire() const noexcept;
    std::uint32_t queue_for(clock::duration timeout);
    void enqueue(std::uint32_t index, std::uint32_t queue_index);
    call_handler release(std::uint32_t index);

    std::vector<slot> slots_;
    std::vector<queue> queues_;
    std::size_t max_pending_;
    std::size_t size_ = 0;
    std::uint32_t free_ = none;
    std::size_t any_from_ = 0; ///< where extract_any looks first: ending all calls is linear
};

} // namespace oizys::rpc::detail
