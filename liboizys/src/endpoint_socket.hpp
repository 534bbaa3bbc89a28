// SPDX-License-Identifier: BSL-1.0
//
// Sockets and addresses for connect and listen. They are made by hand because Asio's are inherited by
// exec()ed programs: SOCK_CLOEXEC must be there from the start.
#pragma once

#include <oizys/endpoint.hpp>
#include <oizys/unique_fd.hpp>

#include "last_error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <sys/socket.h>

#include <optional>

namespace oizys::detail
{

/// An address as the system wants it.
struct socket_address
{
    sockaddr_storage storage{};
    socklen_t size = 0;

    socket_address() = default;
    explicit socket_address(boost::asio::ip::tcp::endpoint const& from);

    sockaddr const* data() const noexcept { return reinterpret_cast<sockaddr const*>(&storage); }
    int family() const noexcept { return storage.ss_family; }
};

/// The address of a Unix endpoint.
socket_address unix_address(endpoint const& where) noexcept;

/// The address of a tcp endpoint whose host is an address, so that nothing needs to be resolved.
std::optional<socket_address> numeric_address(endpoint const& where);

/// A stream socket that neither blocks nor is inherited by programs that are executed.
unique_fd open_stream_socket(int family, boost::system::error_code& ec) noexcept;

/// Hands a connected socket to Asio; TCP_NODELAY is set where it exists.
boost::asio::generic::stream_protocol::socket adopt(boost::asio::any_io_executor const& executor,
                                                    unique_fd fd, int family, boost::system::error_code& ec);

} // namespace oizys::detail
