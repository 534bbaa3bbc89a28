// SPDX-License-Identifier: BSL-1.0
#include "ancillary.hpp"

#include <oizys/error.hpp>

#include "endpoint_socket.hpp"

#include <boost/asio/error.hpp>

#include <cerrno>
#include <cstring>

namespace oizys::detail
{
namespace
{

void take_descriptors(msghdr const& message, descriptor_queue& queue)
{
    // The macros walk a control buffer that the kernel filled in.
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(const_cast<msghdr*>(&message), header))
    {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        auto const count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i)
        {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            queue.add(unique_fd{fd});
        }
    }
}

} // namespace

void attach(msghdr& message, std::span<unique_fd const> descriptors, ancillary_room& room) noexcept
{
    auto const size = descriptors.size() * sizeof(int);
    room.bytes.fill(0);
    message.msg_control = room.bytes.data();
    message.msg_controllen = CMSG_SPACE(size);
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    for (std::size_t i = 0; i < descriptors.size(); ++i)
    {
        int const fd = descriptors[i].get();
        std::memcpy(CMSG_DATA(header) + i * sizeof fd, &fd, sizeof fd);
    }
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
