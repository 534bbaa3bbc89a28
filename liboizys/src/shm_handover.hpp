// SPDX-License-Identifier: BSL-1.0
//
// How the two ends of a shared memory session meet on a Unix socket: the connecting end sends eight bytes
// and three descriptors, the accepting end checks them and answers one byte. Nothing else is ever sent
// there; the socket stays open as the sign of life.
//
//     01 73 68 6d  01  LL  00 00      magic "\1shm", version 1, 2^LL bytes in each ring
//     descriptors: the memory, the ear of the acceptor's doorbell, the rope of the connector's doorbell
//     01                              the answer
#pragma once

#include "descriptor_queue.hpp"
#include "shared_area.hpp"

#include <oizys/unique_fd.hpp>

#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace oizys::detail
{

inline constexpr std::size_t shm_hello_size = 8;
inline constexpr char shm_accepted = 1;

std::array<char, shm_hello_size> encode_shm_hello(std::size_t capacity) noexcept;

/// The capacity of the rings, if these are the bytes of a hello.
std::optional<std::size_t> decode_shm_hello(std::string_view bytes) noexcept;

/// What one end needs.
struct shm_parts
{
    unique_fd memory;
    unique_fd ear;            ///< of its own doorbell
    unique_fd rope;           ///< of the other end's
    std::size_t capacity = 0; ///< bytes of one ring
};

/// What the connecting end makes: its own parts, and what the other end is given of the doorbells.
struct shm_offer
{
    shm_parts own;
    unique_fd other_ear;
    unique_fd other_rope;
};

/// Makes it; the descriptors are close-on-exec.
shm_offer make_shm_offer(std::size_t capacity, boost::system::error_code& ec) noexcept;

/// Sends what is the other end's, all at once, over a socket on which nothing was sent before.
void send_shm_hello(int socket, shm_offer const& offer, boost::system::error_code& ec) noexcept;

/// Receives and checks them.
class shm_hello_receiver
{
public:
    /// Takes what is there and nothing behind it. Fails with `would_block` while more is to come, with `eof`,
    /// or with `bad_shared_memory`. All descriptors that came are close-on-exec, and closed on failure.
    std::optional<shm_parts> receive(int socket, boost::system::error_code& ec);

private:
    bool receive_some(int socket, boost::system::error_code& ec);

    std::array<char, shm_hello_size> bytes_{};
    std::size_t received_ = 0;
    descriptor_queue descriptors_;
};

} // namespace oizys::detail
