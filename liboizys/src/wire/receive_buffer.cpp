// SPDX-License-Identifier: BSL-1.0
#include "wire/receive_buffer.hpp"

#include "wire/spare_memory.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace oizys::wire
{
namespace
{

constexpr std::size_t reads_before_shrinking = 32;

} // namespace

std::span<char> receive_buffer::prepare()
{
    if (receives_large())
    {
        // Clearing a step right before it is overwritten costs little, as it is still in the cache; and
        // a peer that announces much and sends nothing makes nothing resident.
        if (large_filled_ == large_.size())
            large_.resize(std::min(large_size_, large_filled_ + read_step));
        return {large_.data() + large_filled_, large_.size() - large_filled_};
    }
    if (capacity_ == 0)
        reallocate(initial_size - padding);
    else if (begin_ == end_ && capacity_ + padding > largest_size)
        reallocate(initial_size - padding); // it was for one long message; an idle session keeps little
    else if (begin_ == end_ && small_reads_ >= reads_before_shrinking && capacity_ + padding > initial_size)
        reallocate((capacity_ + padding) / 2 - padding);
    else if (filled_ || end_ == capacity_)
        grow(end_ - begin_ + 1);
    else if (begin_ == end_)
        begin_ = end_ = 0;
    return {bytes_.get() + end_, capacity_ - end_};
}

void receive_buffer::commit(std::size_t n) noexcept
{
    if (receives_large())
    {
        large_filled_ += n;
        return;
    }
    end_ += n;
    filled_ = end_ == capacity_;
    small_reads_ = n < capacity_ / 8 ? small_reads_ + 1 : 0;
}

void receive_buffer::expect(std::size_t size, bool exact, std::size_t payload_offset)
{
    if (exact && payload_offset != 0 && size > largest_size)
    {
        auto const received = data().substr(payload_offset);
        large_size_ = size - payload_offset;
        large_ = spare_memory::take(large_size_ + padding);
        large_.assign(received);
        large_filled_ = received.size();
        begin_ = end_ = 0;
        filled_ = false; // by a payload that goes elsewhere: no reason to grow
        return;
    }
    if (exact && begin_ + size > capacity_)
        grow(size);
}

std::string receive_buffer::take_large() noexcept
{
    large_size_ = large_filled_ = 0;
    return std::exchange(large_, {});
}

// Makes room for `data_size` bytes in all, and at least doubles while the buffer is being filled.
void receive_buffer::grow(std::size_t data_size)
{
    auto size = capacity_ + padding;
    if (filled_ && size < largest_size)
        size *= 2;
    while (size - padding < data_size)
        size *= 2;
    filled_ = false;
    reallocate(size - padding);
}

void receive_buffer::reallocate(std::size_t capacity)
{
    auto const kept = end_ - begin_;
    if (capacity == capacity_)
        std::memmove(bytes_.get(), bytes_.get() + begin_, kept);
    else
    {
        auto bytes = std::make_unique_for_overwrite<char[]>(capacity + padding);
        if (kept != 0)
            std::memcpy(bytes.get(), bytes_.get() + begin_, kept);
        bytes_ = std::move(bytes);
        capacity_ = capacity;
    }
    begin_ = 0;
    end_ = kept;
    small_reads_ = 0;
}

} // namespace oizys::wire
