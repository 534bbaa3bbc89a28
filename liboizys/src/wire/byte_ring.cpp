// SPDX-License-Identifier: BSL-1.0
//
// No wake-up is lost: who goes to sleep stores its flag and then loads the other one's index; who moves its
// index stores it and then loads the flag. These four are sequentially consistent, so that at least one
// of the two sees what the other one stored.
#include "wire/byte_ring.hpp"

#include <oizys/error.hpp>

#include <algorithm>
#include <cstring>

namespace oizys::wire
{
namespace
{

// Takes the flag, so that one sleep costs one wake-up.
bool take_flag(std::atomic<std::uint32_t>& flag) noexcept
{
    return flag.load(std::memory_order_seq_cst) != 0 && flag.exchange(0, std::memory_order_relaxed) != 0;
}

} // namespace

// What the consumer says it has read lies between what it said before and what there was to read.
bool ring_producer::look() noexcept
{
    if (broken_)
        return false;
    auto const consumed = control_->consumed.load(std::memory_order_seq_cst);
    if (consumed - consumed_ > placed_ - consumed_)
        broken_ = true;
    else
        consumed_ = consumed;
    return !broken_;
}

std::size_t ring_producer::put(std::string_view bytes, boost::system::error_code& ec) noexcept
{
    ec.clear();
    if (!look())
    {
        ec = errc::bad_shared_memory;
        return 0;
    }
    auto const n = std::min(bytes.size(), room());
    if (n == 0)
        return 0;
    auto const at = static_cast<std::size_t>(placed_ & (bytes_.size() - 1));
    auto const first = std::min(n, bytes_.size() - at);
    std::memcpy(bytes_.data() + at, bytes.data(), first);
    std::memcpy(bytes_.data(), bytes.data() + first, n - first);
    placed_ += n;
    return n;
}

bool ring_producer::publish() noexcept
{
    control_->produced.store(placed_, std::memory_order_seq_cst);
    return take_flag(control_->consumer_sleeps);
}

bool ring_producer::sleep() noexcept
{
    control_->producer_sleeps.store(1, std::memory_order_seq_cst);
    if (look() && room() < bytes_.size() / 2)
        return true;
    control_->producer_sleeps.store(0, std::memory_order_relaxed);
    return false;
}

// What the producer says it has written lies between what it said before and a full ring.
bool ring_consumer::look() noexcept
{
    if (broken_)
        return false;
    auto const produced = control_->produced.load(std::memory_order_seq_cst);
    if (produced - consumed_ > bytes_.size() || produced - consumed_ < produced_ - consumed_)
        broken_ = true;
    else
        produced_ = produced;
    return !broken_;
}

std::size_t ring_consumer::take(std::span<char> room, boost::system::error_code& ec) noexcept
{
    ec.clear();
    if (!look())
    {
        ec = errc::bad_shared_memory;
        return 0;
    }
    auto const n = std::min(room.size(), static_cast<std::size_t>(produced_ - consumed_));
    if (n == 0)
        return 0;
    auto const at = static_cast<std::size_t>(consumed_ & (bytes_.size() - 1));
    auto const first = std::min(n, bytes_.size() - at);
    std::memcpy(room.data(), bytes_.data() + at, first);
    std::memcpy(room.data() + first, bytes_.data(), n - first);
    consumed_ += n;
    control_->consumed.store(consumed_, std::memory_order_seq_cst);
    return n;
}

// An older `produced_` only makes more of the ring look free: the producer is woken too early, never too late.
bool ring_consumer::must_wake() noexcept
{
    auto const filled = static_cast<std::size_t>(produced_ - consumed_);
    return filled <= bytes_.size() / 2 && take_flag(control_->producer_sleeps);
}

bool ring_consumer::sleep() noexcept
{
    control_->consumer_sleeps.store(1, std::memory_order_seq_cst);
    if (look() && produced_ == consumed_)
        return true;
    control_->consumer_sleeps.store(0, std::memory_order_relaxed);
    return false;
}

} // namespace oizys::wire
