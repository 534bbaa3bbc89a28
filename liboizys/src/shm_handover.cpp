// SPDX-License-Identifier: BSL-1.0
#include "shm_handover.hpp"

#include "ancillary.hpp"
#include "doorbell.hpp"
#include "last_error.hpp"

#include <oizys/error.hpp>

#include <boost/asio/error.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <span>
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
    std::array<int, descriptors> const fds{offer.own.memory.get(), offer.other_ear.get(),
                                           offer.other_rope.get()};
    iovec vector{.iov_base = bytes.data(), .iov_len = bytes.size()};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    ancillary_room room;
    attach(message, fds, room);

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

std::optional<shm_parts> shm_hello_receiver::receive(int socket, boost::system::error_code& ec)
{
    while (received_ < bytes_.size())
    {
        if (!receive_some(socket, ec))
            return std::nullopt;
    }
    auto const capacity = decode_shm_hello({bytes_.data(), bytes_.size()});
    auto taken = descriptors_.take(descriptors);
    if (!capacity || !taken || !is_doorbell((*taken)[1].get()) || !is_doorbell((*taken)[2].get()))
    {
        ec = errc::bad_shared_memory;
        return std::nullopt;
    }
    return shm_parts{.memory = std::move((*taken)[0]),
                     .ear = std::move((*taken)[1]),
                     .rope = std::move((*taken)[2]),
                     .capacity = *capacity};
}

bool shm_hello_receiver::receive_some(int socket, boost::system::error_code& ec)
{
    received_ += detail::receive(socket, std::span{bytes_}.subspan(received_), descriptors_, ec);
    if (ec == errc::bad_descriptors) // some were lost
        ec = errc::bad_shared_memory;
    if (ec)
        return false;
    // What is no hello is told before the rest of it has come.
    auto const known = std::min(received_, magic.size());
    if (descriptors_.size() > descriptors || std::string_view{bytes_.data(), known} != magic.substr(0, known))
        ec = errc::bad_shared_memory;
    return !ec;
}

} // namespace oizys::detail
