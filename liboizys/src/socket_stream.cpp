// SPDX-License-Identifier: BSL-1.0
#include "socket_stream.hpp"

#include "ancillary.hpp"
#include "descriptor_end.hpp"
#include "lingering_close.hpp"
#include "peer_identity.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

namespace oizys::detail
{
namespace
{

constexpr std::chrono::milliseconds try_again_after{20};

/// The kernel has no room now, though the socket may: too many descriptors of this user are on their way to
/// processes that do not read (unix(7)), or memory is short. None of that is the fault of this connection.
bool is_starved(int error) noexcept { return error == ETOOMANYREFS || error == ENOBUFS || error == ENOMEM; }

} // namespace

socket_stream::socket_stream(socket s, bool restores_blocking)
    : socket_{std::move(s)}, restores_blocking_{restores_blocking}
{
}

void socket_stream::async_read(std::span<char> room, read_handler handler)
{
    if (descriptors_ != nullptr)
        return read_with_descriptors(room, std::move(handler));
    socket_.async_read_some(boost::asio::buffer(room.data(), room.size()), std::move(handler));
}

// Asio reads no ancillary data. Like its own reads, this one tries first and waits only if nothing is there.
void socket_stream::read_with_descriptors(std::span<char> room, read_handler handler)
{
    boost::system::error_code ec;
    auto const n = receive(socket_.native_handle(), room, *descriptors_, ec);
    if (ec != boost::asio::error::would_block)
        return boost::asio::post(socket_.get_executor(), boost::asio::append(std::move(handler), ec, n));
    socket_.async_wait(socket::wait_read,
                       [this, room, handler = std::move(handler)](boost::system::error_code failure) mutable {
                           // Without a failure the socket was not closed, and this is alive.
                           failure ? handler(failure, 0) : read_with_descriptors(room, std::move(handler));
                       });
}

std::size_t socket_stream::unread() const noexcept
{
    int bytes = 0;
    return ::ioctl(socket_.native_handle(), TIOCOUTQ, &bytes) == 0 && bytes > 0
               ? static_cast<std::size_t>(bytes)
               : 0;
}

int socket_stream::family() const noexcept
{
    sockaddr_storage local{};
    socklen_t size = sizeof local;
    bool const known = socket_.is_open() && ::getsockname(socket_.native_handle(),
                                                          reinterpret_cast<sockaddr*>(&local), &size) == 0;
    return known ? local.ss_family : AF_UNSPEC;
}

bool socket_stream::crosses_network() const noexcept { return family() == AF_INET || family() == AF_INET6; }

bool socket_stream::passes_descriptors() const noexcept { return family() == AF_UNIX; }

void socket_stream::receive_descriptors(descriptor_queue& queue)
{
    descriptors_ = &queue;
    want_descriptors_only(socket_.native_handle());
}

void socket_stream::async_wait_writable(wait_handler handler)
{
    if (!std::exchange(starved_, false))
        return socket_.async_wait(socket::wait_write, std::move(handler));
    if (!patience_)
        patience_ = std::make_unique<boost::asio::steady_timer>(socket_.get_executor());
    patience_->expires_after(try_again_after);
    patience_->async_wait(std::move(handler));
}

std::size_t socket_stream::try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec)
{
    return try_write_with(pieces, {}, ec);
}

std::size_t socket_stream::try_write_with(std::span<std::string_view const> pieces,
                                          std::span<unique_fd const> descriptors,
                                          boost::system::error_code& ec)
{
    // Asio's write_some does the same with more steps; this runs once per turn and is worth the lines.
    std::array<iovec, max_pieces> vectors;
    for (std::size_t i = 0; i < pieces.size(); ++i)
        vectors[i] = {.iov_base = const_cast<char*>(pieces[i].data()), .iov_len = pieces[i].size()};
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = pieces.size();
    ancillary_room room;
    if (!descriptors.empty())
        attach(message, descriptors, room);
    ssize_t written = 0;
    do
        written = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (written < 0 && errno == EINTR);
    if (written >= 0)
    {
        ec.clear();
        return static_cast<std::size_t>(written);
    }
    starved_ = is_starved(errno);
    if (starved_)
        ec = boost::asio::error::would_block;
    else
        ec.assign(errno, boost::system::system_category());
    return 0;
}

void socket_stream::expect_large_messages()
{
    constexpr int wanted = 1 << 20; // bytes; the kernel gives what net.core.wmem_max and rmem_max allow
    if (std::exchange(has_large_buffers_, true))
        return;
    boost::system::error_code ec; // ignored: smaller buffers are slower and as correct
    socket_.set_option(boost::asio::socket_base::send_buffer_size{wanted}, ec);
    socket_.set_option(boost::asio::socket_base::receive_buffer_size{wanted}, ec);
}

void socket_stream::cancel_read()
{
    if (patience_)
        patience_->cancel();
    boost::system::error_code ec; // ignored: it fails only when there is nothing to cancel
    socket_.cancel(ec);
}

void socket_stream::close()
{
    patience_.reset();
    if (std::exchange(restores_blocking_, false) && socket_.is_open())
        make_blocking(socket_.native_handle());
    remember_peer();
    boost::system::error_code ec; // ignored: the descriptor is gone in any case
    if (linger_.count() > 0 && socket_.is_open() && needs_lingering(socket_.native_handle()))
    {
        socket_.cancel(ec);
        return close_lingering(std::move(socket_), std::exchange(linger_, {}));
    }
    socket_.close(ec);
}

unique_fd socket_stream::release_input()
{
    if (!socket_.is_open())
        return {};
    ::shutdown(socket_.native_handle(), SHUT_WR); // fails where the other end has gone
    boost::system::error_code ec; // ignored: without a descriptor there is nothing to give away
    return unique_fd{socket_.release(ec)};
}

boost::asio::any_io_executor socket_stream::get_executor() const noexcept { return socket_.get_executor(); }

credentials socket_stream::get_credentials() const noexcept
{
    if (socket_.is_open())
        return peer_credentials(socket_.native_handle());
    return last_peer_.uid == nobody_known ? credentials{} : detail::identity_of(last_peer_);
}

void socket_stream::remember_peer() noexcept
{
    socklen_t size = sizeof last_peer_;
    if (socket_.is_open()) // fails where the kernel knows nobody
        ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_PEERCRED, &last_peer_, &size);
}

unique_fd socket_stream::get_peer_pidfd() const noexcept
{
    return socket_.is_open() ? peer_pidfd(socket_.native_handle()) : unique_fd{};
}

} // namespace oizys::detail
