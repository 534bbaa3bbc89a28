// SPDX-License-Identifier: BSL-1.0
//
// How many bytes of pongs wait to be written: an end that asks and does not read the answers must not fill memory
// with them. A plain count: no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace oizys::detail
{

class waiting_pongs
{
public:
    static constexpr std::size_t most = 65536; ///< bytes; a single pong may be longer

    /// Whether one more may wait. `written`: how many bytes the session has ever written.
    bool has_room_for(std::size_t size, std::uint64_t written)
    {
        while (!waiting_.empty() && waiting_.front().end <= written)
        {
            bytes_ -= waiting_.front().size;
            waiting_.pop_front();
        }
        return waiting_.empty() || bytes_ + size <= most;
    }

    /// It is written when the session has written `end` bytes.
    void add(std::size_t size, std::uint64_t end)
    {
        waiting_.push_back({.size = size, .end = end});
        bytes_ += size;
    }

private:
    struct pong
    {
        std::size_t size;
        std::uint64_t end;
    };

    std::deque<pong> waiting_;
    std::size_t bytes_ = 0;
};

} // namespace oizys::detail
