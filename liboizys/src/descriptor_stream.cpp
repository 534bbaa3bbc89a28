// SPDX-License-Identifier: BSL-1.0
#include "descriptor_stream.hpp"

#include "descriptor_end.hpp"
#include "endpoint_socket.hpp"
#include "pipe_stream.hpp"
#include "socket_stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace oizys::detail
{

using boost::system::error_code;

namespace
{

// Whether these are one socket, perhaps under two numbers.
bool one_socket(int in, int out) noexcept
{
    struct stat first
    {};
    struct stat second
    {};
    return ::fstat(in, &first) == 0 && ::fstat(out, &second) == 0 && S_ISSOCK(first.st_mode) &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

std::unique_ptr<stream> make_socket_stream(boost::asio::any_io_executor const& executor, unique_fd fd,
                                           error_code& ec)
{
    int family = 0;
    socklen_t size = sizeof family;
    int const flags = ::fcntl(fd.get(), F_GETFL);
    if (flags < 0 || ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0 ||
        ::getsockopt(fd.get(), SOL_SOCKET, SO_DOMAIN, &family, &size) != 0)
    {
        ec = last_error();
        return nullptr;
    }
    auto socket = adopt(executor, std::move(fd), family, ec);
    if (ec)
        return nullptr;
    return std::make_unique<socket_stream>(std::move(socket), (flags & O_NONBLOCK) == 0);
}

} // namespace

std::unique_ptr<stream> make_descriptor_stream(boost::asio::any_io_executor const& executor, unique_fd in,
                                               unique_fd out, error_code& ec)
{
    if (out.get() == in.get())
        out.release();
    int const to = out ? out.get() : in.get();
    ec = check_descriptor(in.get(), descriptor_end::direction::in);
    if (!ec)
        ec = check_descriptor(to, descriptor_end::direction::out);
    if (ec)
        return nullptr;
    if (one_socket(in.get(), to))
        return make_socket_stream(executor, std::move(in), ec);
    return make_pipe_stream(executor, std::move(in), std::move(out), ec);
}

std::unique_ptr<stream> make_given_stream(boost::asio::any_io_executor const& executor, endpoint const& where,
                                          boost::system::error_code& ec)
{
    bool const same = where.fd_in() == where.fd_out();
    return make_descriptor_stream(executor, unique_fd{where.fd_in()},
                                  same ? unique_fd{} : unique_fd{where.fd_out()}, ec);
}

std::unique_ptr<stream> make_stdio_stream(boost::asio::any_io_executor const& executor, error_code& ec)
{
    constexpr int first_free = STDERR_FILENO + 1;
    unique_fd in{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, first_free)};
    unique_fd out{in ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, first_free) : -1};
    unique_fd const null{out ? ::open("/dev/null", O_RDWR | O_CLOEXEC) : -1};
    if (!null)
    {
        ec = last_error();
        return nullptr;
    }
    auto result = make_descriptor_stream(executor, std::move(in), std::move(out), ec);
    if (ec)
        return nullptr;
    ::dup2(null.get(), STDIN_FILENO);
    if (::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) // there is none
        ::dup2(null.get(), STDOUT_FILENO);
    return result;
}

} // namespace oizys::detail
