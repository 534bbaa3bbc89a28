// SPDX-License-Identifier: BSL-1.0
//
// Bounds what is kept on behalf of the other end, wherever it is kept and whoever lets go of it. In bytes.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace oizys::rpc::detail
{

/// What charges are taken from.
class budget
{
public:
    explicit budget(std::size_t limit) noexcept : limit_{limit} {}

    std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }

private:
    friend class charge;

    std::size_t limit_;
    std::atomic<std::size_t> used_ = 0;
};

/// A part of a budget, given back when this is destroyed. Parts are taken on one thread and given back on any.
class charge
{
public:
    explicit charge(std::shared_ptr<budget> from) noexcept : from_{std::move(from)} {}
    charge(charge&& other) noexcept : from_{std::move(other.from_)}, size_{std::exchange(other.size_, 0)} {}
    charge& operator=(charge&&) = delete;
    ~charge()
    {
        if (size_ != 0)
            from_->used_.fetch_sub(size_, std::memory_order_relaxed);
    }

    /// Adds `size` bytes, or returns false if the budget has not so many left.
    bool try_add(std::size_t size) noexcept
    {
        auto const used = from_->used();
        if (used > from_->limit_ || size > from_->limit_ - used)
            return false;
        add(size);
        return true;
    }

    /// Adds `size` bytes whatever is left: for what cannot be refused any more.
    void add(std::size_t size) noexcept
    {
        from_->used_.fetch_add(size, std::memory_order_relaxed);
        size_ += size;
    }

private:
    std::shared_ptr<budget> from_;
    std::size_t size_ = 0;
};

} // namespace oizys::rpc::detail
