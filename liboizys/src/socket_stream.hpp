// SPDX-License-Identifier: BSL-1.0
//
// A connected socket of any stream protocol, as stream_session wants it.
#pragma once

#include <oizys/credentials.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace oizys::detail
{

class socket_stream
{
public:
    using socket = boost::asio::generic::stream_protocol::socket;

    static constexpr std::size_t max_pieces = 16; ///< of one gather write

    explicit socket_stream(socket s);

    template <class Handler>
    void async_read(std::span<char> room, Handler&& handler)
    {
        socket_.async_read_some(boost::asio::buffer(room.data(), room.size()),
                                std::forward<Handler>(handler));
    }

    template <class Handler>
    void async_wait_writable(Handler&& handler)
    {
        socket_.async_wait(socket::wait_write, std::forward<Handler>(handler));
    }

    /// Writes what the socket takes at once, in one gather write; `would_block` if it takes nothing.
    std::size_t try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec);

    /// Asks the kernel for larger buffers, once.
    void expect_large_messages();

    void cancel_read();
    void close();

    boost::asio::any_io_executor get_executor() const noexcept;
    credentials get_credentials() const noexcept;

private:
    // The accessors of Asio's sockets that change nothing are not const.
    mutable socket socket_;
    bool has_large_buffers_ = false;
};

} // namespace oizys::detail
