// SPDX-License-Identifier: BSL-1.0
//
// How many at once, and how many may wait for that. No I/O.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

namespace oizys::cli
{

class child_pool
{
public:
    static constexpr std::size_t max_waiting_bytes = 64u << 20; ///< of what waits, as `run` is told

    child_pool(std::size_t max_running, std::size_t max_waiting) noexcept
        : max_running_{max_running}, max_waiting_{max_waiting}
    {
    }

    /// Starts now, or when one of those that run has ended. False if too much waits.
    bool run(std::size_t bytes, std::function<void()> start)
    {
        if (running_ < max_running_)
        {
            ++running_;
            start();
            return true;
        }
        if (waiting_.size() >= max_waiting_ || bytes > max_waiting_bytes - waiting_bytes_)
            return false;
        waiting_bytes_ += bytes;
        waiting_.push_back({bytes, std::move(start)});
        return true;
    }

    /// One that was started has ended.
    void ended()
    {
        if (waiting_.empty())
        {
            --running_;
            return;
        }
        auto const next = std::move(waiting_.front());
        waiting_.pop_front();
        waiting_bytes_ -= next.bytes;
        next.start();
    }

    /// What waits is never started.
    void clear()
    {
        waiting_.clear();
        waiting_bytes_ = 0;
    }

    std::size_t running() const noexcept { return running_; }
    std::size_t waiting() const noexcept { return waiting_.size(); }

private:
    struct one
    {
        std::size_t bytes;
        std::function<void()> start;
    };

    std::size_t max_running_;
    std::size_t max_waiting_;
    std::size_t running_ = 0;
    std::size_t waiting_bytes_ = 0;
    std::deque<one> waiting_;
};

} // namespace oizys::cli
