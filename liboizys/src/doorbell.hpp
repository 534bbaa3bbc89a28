// SPDX-License-Identifier: BSL-1.0
//
// How one process wakes the other: two connected Unix sockets over which nothing is ever sent. Who waits
// holds the ear, and who rings holds the rope: each time the rope is shut down for sending, the kernel wakes who
// waits for the ear, also when it was shut down long ago.
//
// Ringing takes no buffer that could be full, reads no flag that the other process could have changed and
// changes no counter, so nothing that is done to either socket can make it block. The ear is readable for
// ever, since it has met the end of what is sent; who waits looks at edges and never reads.
#pragma once

#include <oizys/unique_fd.hpp>

#include <boost/system/error_code.hpp>

namespace oizys::detail
{

struct doorbell
{
    unique_fd ear;
    unique_fd rope;
};

doorbell make_doorbell(boost::system::error_code& ec) noexcept;

/// Whether a descriptor that somebody else sent may be waited for or rung: a Unix stream socket. Asks nothing
/// that could block, whatever it is.
bool is_doorbell(int fd) noexcept;

/// Wakes who waits for the other end of this rope, if anybody does.
void ring_doorbell(int rope) noexcept;

} // namespace oizys::detail
