// SPDX-License-Identifier: BSL-1.0
//
// Owns a file descriptor.
#pragma once

#include <oizys/api.hpp>

#include <utility>

namespace oizys
{

/// Closes its descriptor when it goes. Moved, never copied.
class OIZYS_API unique_fd
{
public:
    unique_fd() noexcept = default;
    explicit unique_fd(int fd) noexcept : fd_{fd} {}
    unique_fd(unique_fd&& other) noexcept : fd_{other.release()} {}
    unique_fd& operator=(unique_fd&& other) noexcept
    {
        unique_fd const old{std::exchange(fd_, other.release())};
        return *this;
    }
    ~unique_fd();

    explicit operator bool() const noexcept { return fd_ >= 0; }
    int get() const noexcept { return fd_; }
    /// Gives the descriptor away: the caller closes it.
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

} // namespace oizys
