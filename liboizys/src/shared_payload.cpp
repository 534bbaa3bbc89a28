// SPDX-License-Identifier: BSL-1.0
#include "shared_payload.hpp"

#include <oizys/error.hpp>

#include "endpoint_socket.hpp"
#include "wire/receive_buffer.hpp"

#include <boost/interprocess/exceptions.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace oizys::detail
{
namespace
{

constexpr int all_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
constexpr std::size_t padding = wire::receive_buffer::padding;

/// What Boost.Interprocess wants to map.
struct mappable
{
    int fd;
    boost::interprocess::mapping_handle_t get_mapping_handle() const { return {fd, false}; }
};

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

bool is_sealed(int fd) noexcept
{
    int const seals = ::fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & all_seals) == all_seals;
}

bool holds(int fd, std::uint64_t size) noexcept
{
    struct ::stat status
    {};
    if (::fstat(fd, &status) != 0 || status.st_size < static_cast<off_t>(padding))
        return false;
    return static_cast<std::uint64_t>(status.st_size) - padding >= size;
}

} // namespace

unique_fd make_shared_payload(std::string_view message, boost::system::error_code& ec)
{
    unique_fd memory{::memfd_create("oizys-message", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!memory || ::ftruncate(memory.get(), static_cast<off_t>(message.size() + padding)) != 0)
        ec = last_error();
    else
        write_all(memory.get(), message, ec);
    if (!ec && ::fcntl(memory.get(), F_ADD_SEALS, all_seals | F_SEAL_SEAL) != 0)
        ec = last_error();
    return memory;
}

shared_payload::shared_payload(unique_fd memory, std::uint64_t size, boost::system::error_code& ec)
{
    // In this order: what is sealed cannot change its size any more.
    if (!is_sealed(memory.get()) || !holds(memory.get(), size))
    {
        ec = errc::bad_payload;
        return;
    }
    try
    {
        region_ = boost::interprocess::mapped_region{mappable{memory.get()}, boost::interprocess::read_only,
                                                     0, static_cast<std::size_t>(size) + padding};
    }
    catch (boost::interprocess::interprocess_exception const& failure)
    {
        ec.assign(failure.get_native_error(), boost::system::system_category());
        return;
    }
    view_ = {static_cast<char const*>(region_.get_address()), static_cast<std::size_t>(size)};
}

} // namespace oizys::detail
