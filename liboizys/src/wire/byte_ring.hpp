// SPDX-License-Identifier: BSL-1.0
//
// A ring of bytes in memory that two processes share: one writes, the other reads, without a lock. No I/O:
// when an end has nothing to do it says that it sleeps, and the other end is told whom to wake.
//
// The other process may write anything into that memory at any time. Each end therefore keeps its own index
// to itself, reads only the other one's, believes it only within bounds, and copies bytes out before
// anybody looks at them.
#pragma once

#include <boost/system/error_code.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace oizys::wire
{

/// What both ends share beside the bytes; all zero at first. The indices count bytes and never wrap. Each
/// field has a cache line of its own, because they are written by different processors.
struct ring_control
{
    alignas(64) std::atomic<std::uint64_t> produced{0};
    alignas(64) std::atomic<std::uint64_t> consumed{0};
    alignas(64) std::atomic<std::uint32_t> consumer_sleeps{0}; ///< set by the consumer, taken by the producer
    alignas(64) std::atomic<std::uint32_t> producer_sleeps{0}; ///< set by the producer, taken by the consumer
};

static_assert(sizeof(ring_control) == 256);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::uint32_t>::is_always_lock_free);

/// A ring and where its bytes lie: a power of two of them.
struct ring_view
{
    ring_control* control;
    std::span<char> bytes;
};

/// The end that writes. An error is final: `bad_shared_memory` says that the other end broke the ring.
/// @par Thread safety  unsafe; producer and consumer of one ring: safe.
class ring_producer
{
public:
    explicit ring_producer(ring_view ring) noexcept : control_{ring.control}, bytes_{ring.bytes} {}

    /// Copies as many of the bytes as there is room for, and returns how many that were. The consumer
    /// does not see them before they are published.
    std::size_t put(std::string_view bytes, boost::system::error_code& ec) noexcept;

    /// Shows what was put to a consumer that looks, when more is about to be put.
    void show() noexcept { control_->produced.store(placed_, std::memory_order_release); }

    /// Shows the consumer what was put. True: it sleeps, and must be woken by the caller.
    [[nodiscard]] bool publish() noexcept;

    /// Says that this end sleeps until half of the ring is free. False: it is by now, or the ring is broken:
    /// the next `put` tells.
    [[nodiscard]] bool sleep() noexcept;

    /// Bytes that were put and that the consumer, as it says, has not read.
    std::size_t unread() noexcept
    {
        look();
        return static_cast<std::size_t>(placed_ - consumed_);
    }

private:
    bool look() noexcept;
    std::size_t room() const noexcept { return bytes_.size() - (placed_ - consumed_); }

    ring_control* control_;
    std::span<char> bytes_;
    std::uint64_t placed_ = 0;   ///< bytes put
    std::uint64_t consumed_ = 0; ///< as the consumer last said
    bool broken_ = false;
};

/// The end that reads. An error is final: `bad_shared_memory` says that the other end broke the ring.
/// @par Thread safety  unsafe; producer and consumer of one ring: safe.
class ring_consumer
{
public:
    explicit ring_consumer(ring_view ring) noexcept : control_{ring.control}, bytes_{ring.bytes} {}

    /// Moves as many bytes into `room` as there are, and returns how many that were.
    std::size_t take(std::span<char> room, boost::system::error_code& ec) noexcept;

    /// Whether `take` would do something. May be asked again and again.
    bool readable() noexcept { return !look() || produced_ != consumed_; }

    /// Asked after `take`. True: the producer sleeps and has reason to go on; it must be woken by the caller.
    [[nodiscard]] bool must_wake() noexcept;

    /// Says that this end sleeps until there are bytes. False: there are by now, or the ring is broken: the
    /// next `take` tells.
    [[nodiscard]] bool sleep() noexcept;

private:
    bool look() noexcept;

    ring_control* control_;
    std::span<char> bytes_;
    std::uint64_t consumed_ = 0;
    std::uint64_t produced_ = 0; ///< as the producer last said
    bool broken_ = false;
};

} // namespace oizys::wire
