// SPDX-License-Identifier: BSL-1.0
//
// The values of a stream that have come and wait to be read, and how many more the other end may send.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace oizys::rpc::detail
{

/// At any time the values that wait and those that may come are no more than the window.
class incoming_items
{
public:
    explicit incoming_items(std::uint32_t window) noexcept
        : window_{std::max<std::uint32_t>(window, 1)}, allowed_{window_}
    {
    }

    /// One has come, and need not be kept if somebody waits for it; false if it was not allowed.
    bool expect() noexcept
    {
        if (allowed_ == 0)
            return false;
        --allowed_;
        return true;
    }
    void keep(std::string_view encoded) { waiting_.emplace_back(encoded); }

    /// The one that came first; nothing if none waits.
    std::optional<std::string> take()
    {
        if (waiting_.empty())
            return std::nullopt;
        auto first = std::move(waiting_.front());
        waiting_.pop_front();
        return first;
    }

    /// One has been read. How many more the other end may be told that it may send; 0: not yet, since half a window at a
    /// time is often enough.
    std::uint32_t on_read() noexcept
    {
        if (++read_ < std::max<std::uint32_t>(window_ / 2, 1))
            return 0;
        allowed_ += read_;
        return std::exchange(read_, 0);
    }

    std::uint32_t window() const noexcept { return window_; }
    std::size_t waiting() const noexcept { return waiting_.size(); }

private:
    std::uint32_t window_;
    std::uint32_t allowed_;  ///< may come
    std::uint32_t read_ = 0; ///< and the other end has not been told
    std::deque<std::string> waiting_;
};

} // namespace oizys::rpc::detail
