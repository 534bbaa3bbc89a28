// SPDX-License-Identifier: BSL-1.0
//
// Descriptors beside the bytes of a Unix socket: SCM_RIGHTS, unix(7).
#pragma once

#include <oizys/unique_fd.hpp>

#include "descriptor_queue.hpp"

#include <boost/system/error_code.hpp>

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <span>

namespace oizys::detail
{

/// Of one sendmsg; the kernel's own limit (SCM_MAX_FD).
inline constexpr std::size_t max_ancillary_descriptors = 253;

/// Room for the control message of so many descriptors.
struct alignas(cmsghdr) ancillary_room
{
    std::array<char, CMSG_SPACE(max_ancillary_descriptors * sizeof(int))> bytes;
};

/// Makes `message` carry the descriptors, at most max_ancillary_descriptors; `room` must outlive its use.
void attach(msghdr& message, std::span<int const> descriptors, ancillary_room& room) noexcept;
void attach(msghdr& message, std::span<unique_fd const> descriptors, ancillary_room& room) noexcept;

/// From now on nothing but descriptors comes along. Whoever made the socket may have asked the kernel for
/// credentials or for a descriptor of the sender's process with each message.
void want_descriptors_only(int socket) noexcept;

/// Reads what is there without waiting: at least one byte, or none with an error (`would_block`, `eof`). Descriptors
/// that come along are made close-on-exec and put into `queue`; one that nobody sent is closed.
/// `errc::bad_descriptors` where some were lost, because this process has no more of them.
std::size_t receive(int socket, std::span<char> into, descriptor_queue& queue, boost::system::error_code& ec);

} // namespace oizys::detail
