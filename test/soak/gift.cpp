// SPDX-License-Identifier: BSL-1.0
#include "gift.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace oizys::soak
{

std::string gift_text(std::uint64_t stream, std::uint64_t number, std::size_t index)
{
    return std::to_string(stream) + ' ' + std::to_string(number) + ' ' + std::to_string(index);
}

unique_fd make_gift(std::string const& text)
{
    unique_fd fd{::memfd_create("soak", MFD_CLOEXEC)};
    if (fd && ::pwrite(fd.get(), text.data(), text.size(), 0) < 0)
        return {};
    return fd;
}

bool is_gift(unique_fd const& gift, std::string const& expected)
{
    std::string text(expected.size() + 1, '\0');
    auto const n = ::pread(gift.get(), text.data(), text.size(), 0);
    return n >= 0 && text.substr(0, static_cast<std::size_t>(n)) == expected;
}

} // namespace oizys::soak
