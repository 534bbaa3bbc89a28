// SPDX-License-Identifier: BSL-1.0
#include "descriptor_end.hpp"

#include "endpoint_socket.hpp"
#include "quiet_write.hpp"

#include <boost/asio/error.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace oizys::detail
{

using boost::system::error_code;

namespace
{

mode_t type_of(int fd) noexcept
{
    struct stat status
    {};
    return ::fstat(fd, &status) == 0 ? status.st_mode & S_IFMT : 0;
}

// Whether opening it again gives the same thing. Other devices make a new one for each who opens them; so
// does the master of a pseudoterminal.
bool can_be_opened_again(int fd) noexcept
{
    unsigned number = 0;
    auto const type = type_of(fd);
    return type == S_IFIFO || (type == S_IFCHR && ::isatty(fd) == 1 && ::ioctl(fd, TIOCGPTN, &number) != 0);
}

error_code check_socket(int fd) noexcept
{
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        return last_error();
    if (type != SOCK_STREAM)
        return {EPROTOTYPE, boost::system::system_category()};
    sockaddr_storage peer;
    size = sizeof peer;
    return ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 ? error_code{} : last_error();
}

// The same file in a description of our own; nothing where /proc is missing, or where who opens it now is
// allowed less than who opened it then. A pipe that nobody reads cannot be opened for writing either.
unique_fd open_again(int fd, descriptor_end::direction way) noexcept
{
    if (!can_be_opened_again(fd))
        return {};
    auto const path = "/proc/self/fd/" + std::to_string(fd); // short enough to allocate nothing
    int const mode = way == descriptor_end::direction::in ? O_RDONLY : O_WRONLY;
    unique_fd own{::open(path.c_str(), mode | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
    // A FIFO that is opened when its last writer has gone does not tell that this is its end.
    pollfd first{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&first, 1, 0) > 0 && (first.revents & POLLHUP) != 0)
        return {};
    return own;
}

std::size_t result_of(ssize_t n, error_code& ec) noexcept
{
    if (n >= 0)
    {
        ec.clear();
        return static_cast<std::size_t>(n);
    }
    ec = last_error();
    return 0;
}

} // namespace

error_code check_descriptor(int fd, descriptor_end::direction way) noexcept
{
    int const flags = ::fcntl(fd, F_GETFL);
    if (flags < 0)
        return last_error();
    int const wanted = way == descriptor_end::direction::in ? O_RDONLY : O_WRONLY;
    int const mode = flags & O_ACCMODE;
    if ((mode != wanted && mode != O_RDWR) || (flags & O_PATH) != 0)
        return boost::asio::error::bad_descriptor;
    struct stat status
    {};
    if (::fstat(fd, &status) != 0)
        return last_error();
    if (S_ISDIR(status.st_mode))
        return {EISDIR, boost::system::system_category()};
    return S_ISSOCK(status.st_mode) ? check_socket(fd) : error_code{};
}

void make_blocking(int fd) noexcept
{
    if (int const flags = ::fcntl(fd, F_GETFL); flags >= 0)
        ::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

descriptor_end::descriptor_end(boost::asio::any_io_executor const& executor, unique_fd fd, direction way,
                               error_code& ec)
    : executor_{executor}
    , waiter_{executor}
    , events_{way == direction::in ? boost::asio::posix::stream_descriptor::wait_read
                                   : boost::asio::posix::stream_descriptor::wait_write}
{
    ec = check_descriptor(fd.get(), way);
    if (!ec && ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0)
        ec = last_error();
    if (!ec)
        prepare(std::move(fd), way, ec);
    if (ec)
        close();
}

void descriptor_end::prepare(unique_fd fd, direction way, error_code& ec)
{
    unique_fd poll{::epoll_create1(EPOLL_CLOEXEC)};
    epoll_event wanted{};
    wanted.events = way == direction::in ? EPOLLIN : EPOLLOUT;
    bool const can_wait = poll && ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, fd.get(), &wanted) == 0;
    if (!can_wait && (!poll || errno != EPERM))
    {
        ec = last_error();
        return;
    }

    fd_ = fd.get();
    is_socket_ = type_of(fd_) == S_IFSOCK;
    int const flags = ::fcntl(fd_, F_GETFL);
    if (!can_wait)
    {
        beside_ = std::move(fd); // always ready
        return;
    }
    if ((flags & O_NONBLOCK) != 0)
        return wait_on(std::move(fd), ec);
    if (is_socket_)
    {
        beside_ = std::move(fd);
        events_ = boost::asio::posix::stream_descriptor::wait_read; // whatever is waited for in there
        return wait_on(std::move(poll), ec);
    }
    if (auto own = open_again(fd_, way))
    {
        fd_ = own.get();
        return wait_on(std::move(own), ec);
    }
    restores_ = ::fcntl(fd_, F_SETFL, flags | O_NONBLOCK) == 0;
    if (!restores_)
    {
        ec = last_error();
        return;
    }
    wait_on(std::move(fd), ec);
}

void descriptor_end::wait_on(unique_fd fd, error_code& ec)
{
    waiter_.assign(fd.get(), ec);
    if (!ec)
        fd.release();
}

std::size_t descriptor_end::read(std::span<char> room, error_code& ec) noexcept
{
    ssize_t n = 0;
    do
        n = is_socket_ ? ::recv(fd_, room.data(), room.size(), MSG_DONTWAIT)
                       : ::read(fd_, room.data(), room.size());
    while (n < 0 && errno == EINTR);
    auto const result = result_of(n, ec);
    if (n == 0)
        ec = boost::asio::error::eof;
    return result;
}

std::size_t descriptor_end::write(std::span<iovec const> pieces, error_code& ec) noexcept
{
    if (!is_socket_)
        return result_of(quiet_write(fd_, pieces), ec);
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    ssize_t n = 0;
    do
        n = ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return result_of(n, ec);
}

void descriptor_end::enlarge(int size) noexcept
{
    if (fd_ >= 0 && !is_socket_)
        ::fcntl(fd_, F_SETPIPE_SZ, size); // fails where it is no pipe, or beyond the user's share
}

void descriptor_end::cancel()
{
    error_code ec; // ignored: it fails only when there is nothing to cancel
    waiter_.cancel(ec);
}

unique_fd descriptor_end::release()
{
    bool const is_beside = static_cast<bool>(beside_);
    auto result = is_beside           ? std::move(beside_)
                  : waiter_.is_open() ? unique_fd{waiter_.release()}
                                      : unique_fd{};
    restores_ = false;
    close();
    return result;
}

void descriptor_end::close()
{
    if (std::exchange(restores_, false))
        make_blocking(fd_);
    fd_ = -1;
    error_code ec; // ignored: the descriptor is gone in any case
    waiter_.close(ec);
    beside_ = unique_fd{};
}

} // namespace oizys::detail
