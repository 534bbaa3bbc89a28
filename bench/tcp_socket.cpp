// SPDX-License-Identifier: BSL-1.0
#include "tcp_socket.hpp"

#include "rendezvous.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace bench
{
namespace
{

void check(bool succeeded, char const* what)
{
    if (!succeeded)
        throw std::system_error{errno, std::generic_category(), what};
}

unique_fd tcp_stream()
{
    unique_fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    check(fd.get() >= 0, "socket");
    return fd;
}

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void send_at_once(unique_fd const& socket)
{
    int const on = 1;
    check(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "TCP_NODELAY");
}

} // namespace

unique_fd tcp_listen_at(std::string const& path)
{
    auto listener = tcp_stream();
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    check(::bind(listener.get(), generic, size) == 0, "bind");
    check(::listen(listener.get(), 1024) == 0, "listen");
    check(::getsockname(listener.get(), generic, &size) == 0, "getsockname");
    announce(path, std::to_string(ntohs(address.sin_port)));
    return listener;
}

unique_fd tcp_accept_from(unique_fd const& listener)
{
    auto socket = accept_from(listener);
    send_at_once(socket);
    return socket;
}

unique_fd tcp_connect_to(std::string const& path)
{
    auto const address = loopback(static_cast<std::uint16_t>(std::stoul(announced(path))));
    auto socket = tcp_stream();
    check(::connect(socket.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0,
          "connect");
    send_at_once(socket);
    return socket;
}

} // namespace bench
