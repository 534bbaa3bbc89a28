// SPDX-License-Identifier: BSL-1.0
#include "listener_socket.hpp"

#include "descriptor_stream.hpp"
#include "transport.hpp"

#include "listener_systemd.hpp"

#include <oizys/error.hpp>

#include "account.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace oizys::detail
{
namespace
{

boost::system::error_code bind_error()
{
    return errno == EADDRINUSE ? make_error_code(errc::address_in_use) : last_error();
}

listening_socket listen_unix(endpoint const& where, listener_options const& options,
                             boost::system::error_code& ec)
{
    auto const& named = where.options();
    listening_socket result;
    result.family = AF_UNIX;
    result.local = where;
    result.group_name = named.group.empty() ? options.socket_group : named.group;
    if (!result.group_name.empty())
        result.group = gid_of_group_or_number(result.group_name, ec);
    if (ec)
        result.why = "group " + result.group_name;
    if (!ec)
        result.fd = open_stream_socket(AF_UNIX, ec);
    if (ec)
        return result;
    if (where.kind() != endpoint_kind::unix_abstract)
    {
        result.file = listen_at_path(result.fd.get(), where,
                                     {.mode = named.mode.value_or(options.socket_mode),
                                      .group = result.group,
                                      .backlog = options.backlog},
                                     ec, result.why);
        return result;
    }
    auto const address = unix_address(where);
    if (::bind(result.fd.get(), address.data(), address.size) != 0 ||
        ::listen(result.fd.get(), options.backlog) != 0)
        ec = bind_error();
    return result;
}

std::uint16_t local_port(int fd, boost::system::error_code& ec)
{
    boost::asio::ip::tcp::endpoint local;
    auto size = static_cast<socklen_t>(local.capacity());
    if (::getsockname(fd, local.data(), &size) != 0)
        ec = last_error();
    return local.port();
}

listening_socket listen_tcp(endpoint const& where, socket_address const& address, int backlog,
                            boost::system::error_code& ec)
{
    int const family = address.family();
    listening_socket result;
    result.fd = open_stream_socket(family, ec);
    result.family = family;
    result.local = where;
    if (ec)
        return result;
    // A server that starts again must not wait for its old connections to be forgotten (TIME_WAIT).
    int const on = 1;
    if (::setsockopt(result.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        ec = last_error();
    else if (::bind(result.fd.get(), address.data(), address.size) != 0 ||
             ::listen(result.fd.get(), backlog) != 0)
        ec = bind_error();
    else
        result.local = where.with_port(local_port(result.fd.get(), ec));
    return result;
}

std::vector<socket_address> addresses_of(boost::asio::any_io_executor const& executor, endpoint const& where,
                                         boost::system::error_code& ec)
{
    using resolver = boost::asio::ip::tcp::resolver;
    if (auto const address = numeric_address(where))
        return {*address};
    std::vector<socket_address> result;
    for (auto const& entry : resolver{executor}.resolve(where.name(), std::to_string(where.port()),
                                                        resolver::numeric_service | resolver::passive, ec))
        result.emplace_back(entry.endpoint());
    return result;
}

// The first address of the host that can be listened on.
listening_socket listen_tcp(boost::asio::any_io_executor const& executor, endpoint const& where,
                            listener_options const& options, boost::system::error_code& ec)
{
    for (auto const& address : addresses_of(executor, where, ec))
    {
        auto result = listen_tcp(where, address, options.backlog, ec);
        if (!ec)
            return result;
    }
    if (!ec)
        ec = boost::asio::error::host_not_found;
    return {};
}

} // namespace

listening_socket open_listening_socket(boost::asio::any_io_executor const& executor, endpoint const& where,
                                       listener_options const& options, boost::system::error_code& ec)
{
    ec.clear();
    switch (carrier_of(where.kind()))
    {
    case carrier::unix_socket: return listen_unix(where, options, ec);
    case carrier::tcp: return listen_tcp(executor, where, options, ec);
    case carrier::none: break;
    }
    if (where.kind() == endpoint_kind::systemd)
        return open_systemd_socket(where.name(), where, ec);

    listening_socket result;
    result.local = where;
    if (where.kind() == endpoint_kind::stdio)
        result.connection = make_stdio_stream(executor, ec);
    else if (where.kind() == endpoint_kind::fd)
        result.connection = make_given_stream(executor, where, ec);
    else
        ec = errc::bad_endpoint; // nobody can listen on a command, or nowhere
    return result;
}

} // namespace oizys::detail
