// SPDX-License-Identifier: BSL-1.0
#include "listener_systemd.hpp"

#include "endpoint_text.hpp"
#include "systemd_descriptors.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <fcntl.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

namespace oizys::detail
{
namespace
{

std::optional<socket_address> local_address(int fd, boost::system::error_code& ec)
{
    socket_address result;
    result.size = sizeof result.storage;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&result.storage), &result.size) == 0)
        return result;
    ec = last_error();
    return std::nullopt;
}

std::string unix_text(socket_address const& address)
{
    sockaddr_un local{};
    std::memcpy(&local, &address.storage, sizeof local);
    constexpr std::size_t begin = offsetof(sockaddr_un, sun_path);
    std::size_t const size = address.size > begin ? address.size - begin : 0;
    bool const is_abstract = size > 1 && local.sun_path[0] == '\0';
    if (is_abstract)
        return "unix:@" + percent_encoded({local.sun_path + 1, size - 1}, "?");
    return "unix:" + percent_encoded({local.sun_path, ::strnlen(local.sun_path, size)}, "?");
}

std::string tcp_text(socket_address const& address)
{
    boost::asio::ip::tcp::endpoint local;
    std::memcpy(local.data(), &address.storage, address.size);
    auto const host = local.address().to_string();
    return "tcp:" + (local.address().is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(local.port());
}

endpoint endpoint_of(socket_address const& address, endpoint const& otherwise)
{
    std::string text;
    switch (address.family())
    {
    case AF_UNIX: text = unix_text(address); break;
    case AF_INET:
    case AF_INET6: text = tcp_text(address); break;
    default: return otherwise;
    }
    boost::system::error_code ec; // not an error: the socket has no name, or one that an endpoint cannot have
    auto result = endpoint::parse(text, ec);
    return ec ? otherwise : result;
}

} // namespace

listening_socket open_systemd_socket(systemd::descriptor_table& table, std::string_view name,
                                     endpoint const& where, boost::system::error_code& ec)
{
    listening_socket result;
    result.fd = table.take_stream(name, ec);
    if (ec)
        return result;
    result.is_connection = systemd::kind_of(result.fd.get()) == systemd::descriptor_kind::connection;
    // systemd hands sockets over that block, unless NonBlocking= says otherwise.
    int const flags = ::fcntl(result.fd.get(), F_GETFL);
    auto const address = local_address(result.fd.get(), ec);
    if (flags < 0 || ::fcntl(result.fd.get(), F_SETFL, flags | O_NONBLOCK) != 0)
        ec = last_error();
    if (ec)
        return result;
    result.family = address->family();
    result.local = endpoint_of(*address, where);
    return result;
}

listening_socket open_systemd_socket(std::string_view name, endpoint const& where,
                                     boost::system::error_code& ec)
{
    listening_socket result;
    boost::system::error_code failure;
    systemd::use_own_table(
        [&](systemd::descriptor_table& table) { result = open_systemd_socket(table, name, where, failure); },
        ec);
    if (!ec)
        ec = failure;
    return result;
}

} // namespace oizys::detail
