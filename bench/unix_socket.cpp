// SPDX-License-Identifier: BSL-1.0
#include "unix_socket.hpp"

#include <oizys/wire/header24.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace bench
{
namespace
{

[[noreturn]] void fail(char const* what) { throw std::system_error{errno, std::generic_category(), what}; }

std::size_t checked(ssize_t result, char const* what)
{
    if (result < 0)
        fail(what);
    return static_cast<std::size_t>(result);
}

unique_fd unix_stream()
{
    unique_fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (fd.get() < 0)
        fail("socket");
    return fd;
}

sockaddr_un address_of(std::string const& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw std::runtime_error{"the path of the socket is too long: " + path};
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

} // namespace

unique_fd::~unique_fd()
{
    if (fd_ >= 0)
        ::close(fd_);
}

unique_fd listen_at(std::string const& path)
{
    auto listener = unix_stream();
    auto const address = address_of(path);
    if (::bind(listener.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0)
        fail("bind");
    if (::listen(listener.get(), 1024) != 0)
        fail("listen");
    return listener;
}

unique_fd accept_from(unique_fd const& listener)
{
    unique_fd fd{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (fd.get() < 0)
        fail("accept");
    return fd;
}

unique_fd connect_to(std::string const& path)
{
    auto const address = address_of(path);
    for (int tries = 0;; ++tries)
    {
        auto fd = unix_stream();
        if (::connect(fd.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0)
            return fd;
        if (tries == 5000 || (errno != ENOENT && errno != ECONNREFUSED))
            fail("connect");
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

void raise_buffers(unique_fd const& socket)
{
    int const wanted = 1 << 20; // bytes
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
}

std::size_t read_some(unique_fd const& socket, std::span<char> room)
{
    return checked(::read(socket.get(), room.data(), room.size()), "read");
}

void read_all(unique_fd const& socket, std::span<char> room)
{
    while (!room.empty())
    {
        auto const n = read_some(socket, room);
        if (n == 0)
            throw std::runtime_error{"the other process closed the connection"};
        room = room.subspan(n);
    }
}

void write_all(unique_fd const& socket, std::string_view bytes)
{
    while (!bytes.empty())
        bytes.remove_prefix(checked(::write(socket.get(), bytes.data(), bytes.size()), "write"));
}

std::string frame(std::string_view payload)
{
    auto const header =
        oizys::wire::encode_header24({.type = 0, .size = static_cast<std::uint32_t>(payload.size())});
    return std::string{header.data(), header.size()}.append(payload);
}

} // namespace bench
