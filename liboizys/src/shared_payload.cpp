// SPDX-License-Identifier: BSL-1.0
#include "shared_payload.hpp"

#include <oizys/error.hpp>

#include "last_error.hpp"
#include "memory_file.hpp"
#include "wire/receive_buffer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <utility>

namespace oizys::detail
{
namespace
{

constexpr int all_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
constexpr std::size_t padding = wire::receive_buffer::padding;

void write_all(int fd, std::string_view bytes, boost::system::error_code& ec)
{
    while (!bytes.empty())
    {
        auto const n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno != EINTR)
        {
            ec = last_error();
            return;
        }
        bytes.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
}

} // namespace

unique_fd make_shared_payload(std::string_view message, boost::system::error_code& ec)
{
    auto memory = make_memory_file("oizys-message", message.size() + padding, ec);
    if (!ec)
        write_all(memory.get(), message, ec);
    if (!ec)
        seal(memory.get(), all_seals | F_SEAL_SEAL, ec);
    return memory;
}

shared_payload::shared_payload(unique_fd memory, std::uint64_t size, boost::system::error_code& ec)
{
    // In this order: what is sealed cannot change its size any more.
    auto const held = has_seals(memory.get(), all_seals) ? size_of(memory.get()) : std::nullopt;
    if (!held || *held < padding || *held - padding < size)
    {
        ec = errc::bad_payload;
        return;
    }
    // Private: before 6.7, Linux does not map shared what is sealed against writing.
    auto region = map_memory(memory.get(), boost::interprocess::read_private,
                             static_cast<std::size_t>(size) + padding, ec);
    if (!region)
        return;
    region_ = std::move(*region);
    view_ = {static_cast<char const*>(region_.get_address()), static_cast<std::size_t>(size)};
}

} // namespace oizys::detail
