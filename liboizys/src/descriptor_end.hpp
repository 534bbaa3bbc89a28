// SPDX-License-Identifier: BSL-1.0
//
// One direction of a descriptor that may be anything, and that other processes may have as well.
//
// O_NONBLOCK belongs to the open file description, which a shell and all its children share: setting it
// on a terminal breaks programs that never heard of us. So it is set only where nobody else sees it:
//
//   it is set already              used as it is
//   socket                         MSG_DONTWAIT; waited for through an epoll instance of our own, since
//                                  Asio sets O_NONBLOCK on what it waits for
//   pipe, FIFO, terminal           opened a second time through /proc/self/fd: a description of our own
//   what cannot be opened again    O_NONBLOCK is set, and taken back at the end
//   regular file, /dev/null        never blocks; epoll refuses these, they are always ready
#pragma once

#include <oizys/unique_fd.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace oizys::detail
{

/// Waits, reads and writes; reading and writing never block.
/// @par Thread safety  unsafe: used on its executor.
class descriptor_end
{
public:
    enum class direction : std::uint8_t
    {
        in,
        out,
    };

    /// Takes `fd` and makes it close-on-exec.
    ///
    /// `bad_descriptor` where it is not open, or not for this direction; `is_a_directory`; for sockets
    /// `not_connected`, and `wrong_protocol_type` where they are not stream sockets.
    descriptor_end(boost::asio::any_io_executor const& executor, unique_fd fd, direction way,
                   boost::system::error_code& ec);
    descriptor_end(descriptor_end&&) = delete;
    ~descriptor_end() { close(); }

    /// Waits until a transfer may succeed, or fail. Never calls the handler within this function.
    template <class Handler>
    void async_wait(Handler&& handler)
    {
        if (waiter_.is_open())
            waiter_.async_wait(events_, std::forward<Handler>(handler));
        else // always ready, or closed: the transfer will say
            boost::asio::post(executor_, [handler = std::forward<Handler>(handler)]() mutable {
                handler(boost::system::error_code{});
            });
    }

    /// At least one byte, or an error: `eof`, `would_block`.
    std::size_t read(std::span<char> room, boost::system::error_code& ec) noexcept;
    std::size_t write(std::span<iovec const> pieces, boost::system::error_code& ec) noexcept;

    /// Asks for a pipe that holds `size` bytes; other kinds stay as they are.
    void enlarge(int size) noexcept;

    void cancel();
    void close();
    /// Gives the descriptor away as it is; this is closed then. Waits complete with `operation_aborted`.
    unique_fd release();
    boost::asio::any_io_executor get_executor() const noexcept { return executor_; }

private:
    void prepare(unique_fd fd, direction way, boost::system::error_code& ec);
    void wait_on(unique_fd fd, boost::system::error_code& ec);

    boost::asio::any_io_executor executor_; ///< the accessor of Asio's is not const
    boost::asio::posix::stream_descriptor waiter_;
    boost::asio::posix::stream_descriptor::wait_type events_;
    unique_fd beside_; ///< the descriptor, where `waiter_` does not own it
    int fd_ = -1;
    bool is_socket_ = false;
    bool restores_ = false; ///< O_NONBLOCK was set on a description that others may share
};

/// What forbids to use `fd` as a transport in this direction; success if nothing does.
boost::system::error_code check_descriptor(int fd, descriptor_end::direction way) noexcept;

/// Takes O_NONBLOCK back.
void make_blocking(int fd) noexcept;

} // namespace oizys::detail
