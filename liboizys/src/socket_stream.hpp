// SPDX-License-Identifier: BSL-1.0
//
// A connected socket of any stream protocol.
#pragma once

#include "stream.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/socket.h>

namespace oizys::detail
{

class socket_stream final : public stream
{
public:
    using socket = boost::asio::generic::stream_protocol::socket;

    /// `restores_blocking`: others may share what this process was given, and it was blocking: so it is again
    /// when the stream is closed.
    explicit socket_stream(socket s, bool restores_blocking = false);
    ~socket_stream() override { close(); }

    void async_read(std::span<char> room, read_handler handler) override;
    std::size_t try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec) override;
    void async_wait_writable(wait_handler handler) override;
    std::size_t unread() const noexcept override;
    bool crosses_network() const noexcept override;
    bool passes_descriptors() const noexcept override;
    void receive_descriptors(descriptor_queue& queue) override;
    std::size_t try_write_with(std::span<std::string_view const> pieces,
                               std::span<unique_fd const> descriptors,
                               boost::system::error_code& ec) override;
    void expect_large_messages() override;
    void cancel_read() override;
    void linger(std::chrono::milliseconds most) override { linger_ = most; }
    void close() override;
    boost::asio::any_io_executor get_executor() const noexcept override;
    credentials get_credentials() const noexcept override;
    unique_fd get_peer_pidfd() const noexcept override;

    /// Closes, but for the descriptor, which it gives away: nothing more is sent on it.
    unique_fd release_input();

private:
    static constexpr auto nobody_known = static_cast<uid_t>(-1);

    int family() const noexcept;
    void remember_peer() noexcept;
    void read_with_descriptors(std::span<char> room, read_handler handler);

    // The accessors of Asio's sockets that change nothing are not const.
    mutable socket socket_;
    descriptor_queue* descriptors_ = nullptr;
    std::unique_ptr<boost::asio::steady_timer> patience_; ///< where the kernel once had no room
    std::chrono::milliseconds linger_{0};
    ucred last_peer_{.pid = 0, .uid = nobody_known, .gid = nobody_known}; ///< since it is closed
    bool has_large_buffers_ = false;
    bool starved_ = false; ///< the last write met a limit that the socket does not tell about
    bool restores_blocking_ = false;
};

} // namespace oizys::detail
