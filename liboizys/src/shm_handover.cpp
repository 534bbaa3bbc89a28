// SPDX-License-Identifier: BSL-1.0
#include "shm_handover.hpp"

#include "doorbell.hpp"
#include "last_error.hpp"

#include <oizys/error.hpp>

#include <boost/asio/error.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

namespace oizys::detail
{
namespace
{

constexpr std::string_view magic{"\1shm\1", 5}; // and the version
constexpr std::size_t descriptors = 3;

} // namespace

std::array<char, shm_hello_size> encode_shm_hello(std::size_t capacity) noexcept
{
    std::array<char, shm_hello_size> bytes{};
    std::ranges::copy(magic, bytes.begin());
    bytes[magic.size()] = static_cast<char>(std::countr_zero(capacity));
    return bytes;
}

std::optional<std::size_t> decode_shm_hello(std::string_view bytes) noexcept
{
    if (bytes.size() != shm_hello_size || !bytes.starts_with(magic) || bytes[6] != 0 || bytes[7] != 0)
        return std::nullopt;
    auto const log2 = static_cast<unsigned char>(bytes[magic.size()]);
    if (log2 < std::countr_zero(shared_area::min_capacity) ||
        log2 > std::countr_zero(shared_area::max_capacity))
        return std::nullopt;
    return std::size_t{1} << log2;
}

shm_offer make_shm_offer(std::size_t capacity, boost::system::error_code& ec) noexcept
{
    auto memory = shared_area::create(capacity, ec);
    doorbell acceptors;
    doorbell connectors;
    if (!ec)
        acceptors = make_doorbell(ec);
    if (!ec)
        connectors = make_doorbell(ec);
    return {.own = {.memory = std::move(memory),
                    .ear = std::move(connectors.ear),
                    .rope = std::move(acceptors.rope),
                    .capacity = capacity},
            .other_ear = std::move(acceptors.ear),
            .other_rope = std::move(connectors.rope)};
}

void send_shm_hello(int socket, shm_offer const& offer, boost::system::error_code& ec) noexcept
{
    auto bytes = encode_shm_hello(offer.own.capacity);
    int const fds[descriptors] = {offer.own.memory.get(), offer.other_ear.get(), offer.other_rope.get()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof fds)] = {};
    iovec vector{.iov_base = bytes.data(), .iov_len = bytes.size()};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fds);
    std::memcpy(CMSG_DATA(header), fds, sizeof fds);

    ssize_t sent = 0;
    do
        sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    ec.clear();
    if (sent < 0)
        ec = last_error();
    else if (std::cmp_not_equal(sent, bytes.size())) // a socket that still has its buffer takes eight bytes
        ec = boost::asio::error::no_buffer_space;
}

std::optional<shm_parts> shm_hello_receiver::receive(int socket, boost::system::error_code& ec) noexcept
{
    while (received_ < bytes_.size())
    {
        if (!receive_some(socket, ec))
            return std::nullopt;
    }
    auto const capacity = decode_shm_hello({bytes_.data(), bytes_.size()});
    bool const good = capacity && descriptor_count_ == descriptors && is_doorbell(descriptors_[1].get()) &&
                      is_doorbell(descriptors_[2].get());
    if (!good)
    {
        ec = errc::bad_shared_memory;
        return std::nullopt;
    }
    return shm_parts{.memory = std::move(descriptors_[0]),
                     .ear = std::move(descriptors_[1]),
                     .rope = std::move(descriptors_[2]),
                     .capacity = *capacity};
}

// The kernel drops what does not fit into `control`, and says so.
bool shm_hello_receiver::receive_some(int socket, boost::system::error_code& ec) noexcept
{
    alignas(cmsghdr) char control[CMSG_SPACE(descriptors * sizeof(int))] = {};
    iovec vector{.iov_base = bytes_.data() + received_, .iov_len = bytes_.size() - received_};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t received = 0;
    do
        received = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (received < 0 && errno == EINTR);
    ec.clear();
    if (received < 0)
        ec = last_error();
    else if (received == 0)
        ec = boost::asio::error::eof;
    if (ec)
        return false;

    bool acceptable = (message.msg_flags & MSG_CTRUNC) == 0;
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header))
    {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        auto const count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i)
        {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            unique_fd owner{fd};
            acceptable = acceptable && descriptor_count_ < descriptors;
            if (acceptable)
                descriptors_[descriptor_count_++] = std::move(owner);
        }
    }
    received_ += static_cast<std::size_t>(received);
    // What is no hello is told before the rest of it has come.
    auto const known = std::min(received_, magic.size());
    acceptable = acceptable && std::string_view{bytes_.data(), known} == magic.substr(0, known);
    if (!acceptable)
        ec = errc::bad_shared_memory;
    return acceptable;
}

} // namespace oizys::detail
