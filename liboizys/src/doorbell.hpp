// SPDX-License-Identifier: BSL-1.0
//
// How one process wakes the other: an eventfd that is rung and never read.
//
// Both processes hold the same open file, whose flags and counter the other one may change at any time: it
// may clear O_NONBLOCK and fill or empty the counter, and a read or a write that adds something would then
// block for ever. Therefore the counter is 1 from the beginning and ringing adds 0 to it, which never
// blocks and wakes who waits all the same; and who waits looks at edges and never reads.
#pragma once

#include <oizys/unique_fd.hpp>

#include <boost/system/error_code.hpp>

namespace oizys::detail
{

unique_fd make_doorbell(boost::system::error_code& ec) noexcept;

/// Whether ring_doorbell may be called with a descriptor that somebody else sent. Asks nothing that could
/// block, whatever it is.
bool is_doorbell(int fd) noexcept;

/// Wakes who waits for it. What a doorbell of the other end's making does is its own affair.
void ring_doorbell(int fd) noexcept;

} // namespace oizys::detail
