// SPDX-License-Identifier: BSL-1.0
#include "ancillary.hpp"

#include <oizys/error.hpp>

#include "last_error.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace oizys::detail
{
namespace
{

// Of the kernel's headers, which Debian 12's do not have yet.
constexpr int pass_pidfd = 76; // SO_PASSPIDFD
constexpr int process = 0x04;  // SCM_PIDFD

void take_descriptors(msghdr const& message, descriptor_queue& queue)
{
    // The macros walk a control buffer that the kernel filled in.
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(const_cast<msghdr*>(&message), header))
    {
        bool const sent = header->cmsg_type == SCM_RIGHTS;
        if (header->cmsg_level != SOL_SOCKET || (!sent && header->cmsg_type != process))
            continue;
        auto const count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i)
        {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            unique_fd owner{fd};
            if (sent)
                queue.add(std::move(owner));
        }
    }
}

} // namespace

void attach(msghdr& message, std::span<int const> descriptors, ancillary_room& room) noexcept
{
    room.bytes.fill(0);
    message.msg_control = room.bytes.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
}

void attach(msghdr& message, std::span<unique_fd const> descriptors, ancillary_room& room) noexcept
{
    std::array<int, max_ancillary_descriptors> numbers;
    std::ranges::transform(descriptors, numbers.begin(), &unique_fd::get);
    attach(message, std::span<int const>{numbers}.first(descriptors.size()), room);
}

void want_descriptors_only(int socket) noexcept
{
    int const off = 0;
    // Ignored: what the kernel does not know does not happen.
    for (int const option : {SO_PASSCRED, SO_PASSSEC, pass_pidfd})
        static_cast<void>(::setsockopt(socket, SOL_SOCKET, option, &off, sizeof off));
}

std::size_t receive(int socket, std::span<char> into, descriptor_queue& queue, boost::system::error_code& ec)
{
    iovec vector{.iov_base = into.data(), .iov_len = into.size()};
    ancillary_room room;
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = room.bytes.data();
    message.msg_controllen = room.bytes.size();
    ssize_t n = 0;
    do
        n = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
    {
        ec = last_error();
        return 0;
    }
    take_descriptors(message, queue);
    if ((message.msg_flags & MSG_CTRUNC) != 0)
        ec = errc::bad_descriptors;
    else if (n == 0)
        ec = boost::asio::error::eof;
    return ec ? 0 : static_cast<std::size_t>(n);
}

} // namespace oizys::detail
