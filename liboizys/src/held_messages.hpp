// SPDX-License-Identifier: BSL-1.0
//
// Messages that were received while nobody wants them: the session is paused, or has no handler yet. They are kept
// so that the pings behind them can be read and answered.
#pragma once

#include "negotiated_link.hpp"

#include <cstddef>
#include <list>
#include <string>

namespace oizys::detail
{

class held_messages
{
public:
    bool empty() const noexcept { return queue_.empty(); }
    /// Counting what it takes to keep them.
    std::size_t bytes() const noexcept { return bytes_; }
    std::size_t descriptors() const noexcept { return descriptors_; }

    /// Keeps a message, wherever it lies. `own`: the frame's payload, if that can be taken.
    void add(received_message&& message, std::string* own);

    received_message take();

    void clear() noexcept
    {
        queue_.clear();
        bytes_ = descriptors_ = 0;
    }

private:
    std::list<received_message> queue_; // of which an empty one takes no memory
    std::size_t bytes_ = 0;
    std::size_t descriptors_ = 0;
};

} // namespace oizys::detail
