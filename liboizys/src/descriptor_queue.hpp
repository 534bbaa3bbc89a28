// SPDX-License-Identifier: BSL-1.0
//
// Descriptors that have arrived and whose messages are not complete yet. They arrive in the order in which they
// were sent, no later than the first byte of the frame that says how many are its own.
#pragma once

#include <oizys/unique_fd.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace oizys::detail
{

class descriptor_queue
{
public:
    void add(unique_fd descriptor) { queue_.push_back(std::move(descriptor)); }

    void clear() noexcept { queue_.clear(); }
    std::size_t size() const noexcept { return queue_.size(); }

    /// The oldest `n`; nothing where fewer are there.
    std::optional<std::vector<unique_fd>> take(std::size_t n)
    {
        if (n > queue_.size())
            return std::nullopt;
        std::vector<unique_fd> taken;
        taken.reserve(n);
        for (; n > 0; --n)
        {
            taken.push_back(std::move(queue_.front()));
            queue_.pop_front();
        }
        return taken;
    }

private:
    std::deque<unique_fd> queue_;
};

} // namespace oizys::detail
