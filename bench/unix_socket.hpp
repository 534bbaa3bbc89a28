// SPDX-License-Identifier: BSL-1.0
//
// Blocking Unix sockets without any library: what the raw rows are made of, and how clients connect.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace bench
{

/// Owns a file descriptor.
class unique_fd
{
public:
    explicit unique_fd(int fd = -1) noexcept : fd_{fd} {}
    unique_fd(unique_fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    unique_fd& operator=(unique_fd&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~unique_fd();

    int get() const noexcept { return fd_; }
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_;
};

unique_fd listen_at(std::string const& path);
unique_fd accept_from(unique_fd const& listener);
/// Waits for the server to be there.
unique_fd connect_to(std::string const& path);

/// Lets a large message lie in the socket whole, or as much of it as pays.
void raise_buffers(unique_fd const& socket);

// These finish what they begin or throw std::system_error; `read_some` returns 0 at the end.
std::size_t read_some(unique_fd const& socket, std::span<char> room);
void read_all(unique_fd const& socket, std::span<char> room);
void write_all(unique_fd const& socket, std::string_view bytes);

/// `payload` bytes behind a header of liboizys.
std::string frame(std::string_view payload);

} // namespace bench
