// SPDX-License-Identifier: BSL-1.0
#include "endpoint_socket.hpp"

#include <boost/asio/ip/address.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace oizys::detail
{

socket_address::socket_address(boost::asio::ip::tcp::endpoint const& from)
    : size{static_cast<socklen_t>(from.size())}
{
    std::memcpy(&storage, from.data(), from.size());
}

socket_address unix_address(endpoint const& where) noexcept
{
    bool const is_abstract = where.kind() == endpoint_kind::unix_abstract;
    auto const& name = where.name();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + (is_abstract ? 1 : 0), name.data(), name.size());

    socket_address result;
    std::memcpy(&result.storage, &address, sizeof address);
    // One more byte: the NUL behind a path, or in front of an abstract name.
    result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1);
    return result;
}

std::optional<socket_address> numeric_address(endpoint const& where)
{
    boost::system::error_code ec;
    auto const address = boost::asio::ip::make_address(where.name(), ec);
    if (ec)
        return std::nullopt;
    return socket_address{boost::asio::ip::tcp::endpoint{address, where.port()}};
}

unique_fd open_stream_socket(int family, boost::system::error_code& ec) noexcept
{
    unique_fd fd{::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    ec = fd ? boost::system::error_code{} : last_error();
    return fd;
}

boost::asio::generic::stream_protocol::socket adopt(boost::asio::any_io_executor const& executor,
                                                    unique_fd fd, int family, boost::system::error_code& ec)
{
    boost::asio::generic::stream_protocol const protocol{family, family == AF_UNIX ? 0 : IPPROTO_TCP};
    if (family != AF_UNIX)
    {
        int const on = 1; // a failure is ignored: the connection is slower and as correct
        ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    boost::asio::generic::stream_protocol::socket socket{executor};
    socket.assign(protocol, fd.get(), ec);
    if (!ec)
        fd.release();
    return socket;
}

} // namespace oizys::detail
