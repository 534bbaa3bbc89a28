// SPDX-License-Identifier: BSL-1.0
#include "doorbell.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace oizys::detail
{

unique_fd make_doorbell(boost::system::error_code& ec) noexcept
{
    ec.clear();
    unique_fd bell{::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!bell)
        ec.assign(errno, boost::system::system_category());
    return bell;
}

bool is_doorbell(int fd) noexcept
{
    constexpr std::string_view expected = "anon_inode:[eventfd]";
    std::array<char, 32> path{};
    std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", fd);
    std::array<char, 64> target{};
    auto const n = ::readlink(path.data(), target.data(), target.size());
    return n > 0 && std::string_view{target.data(), static_cast<std::size_t>(n)} == expected;
}

void ring_doorbell(int fd) noexcept
{
    std::uint64_t const nothing = 0;
    // Ignored: it fails only for what is no eventfd, and then nobody hears it.
    [[maybe_unused]] auto const ignored = ::write(fd, &nothing, sizeof nothing);
}

} // namespace oizys::detail
