// SPDX-License-Identifier: BSL-1.0
//
// A stream through shared memory: two rings, a doorbell for each end, and the Unix socket on which the ends
// met as the sign of life. The kernel closes the socket of a process that dies, however it dies.
#pragma once

#include "stream.hpp"

#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace oizys::detail
{

struct shm_options
{
    /// Bytes of the ring in each direction, 4 KiB to 16 MiB, rounded up to a power of two. The connecting end
    /// decides; the accepting one refuses more than this.
    std::size_t capacity = 262144;
    /// How long an end that has just received something looks for more before it sleeps. Pays with two
    /// processors, and costs one of them so much time after each message.
    std::chrono::microseconds spin{0};
};

/// Of a connected Unix socket on which nothing was sent or received. The handshake is done by
/// async_handshake, or else by what is asked of the stream first.
std::unique_ptr<stream> make_shm_client(boost::asio::generic::stream_protocol::socket socket,
                                        shm_options const& options);
std::unique_ptr<stream> make_shm_server(boost::asio::generic::stream_protocol::socket socket,
                                        shm_options const& options);

} // namespace oizys::detail
