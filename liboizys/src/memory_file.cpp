// SPDX-License-Identifier: BSL-1.0
#include "memory_file.hpp"

#include "last_error.hpp"

#include <boost/interprocess/exceptions.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace ipc = boost::interprocess;

namespace oizys::detail
{
namespace
{

constexpr unsigned not_executable = 0x0008; // MFD_NOEXEC_SEAL, which Debian 12's headers do not know

/// What mapped_region wants to map.
struct mappable
{
    int fd;
    ipc::mapping_handle_t get_mapping_handle() const noexcept
    {
        return ipc::ipcdetail::mapping_handle_from_file_handle(fd);
    }
};

} // namespace

unique_fd make_memory_file(char const* name, std::size_t size, boost::system::error_code& ec) noexcept
{
    ec.clear();
    constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    unique_fd memory{::memfd_create(name, flags | not_executable)};
    if (!memory && errno == EINVAL)
        memory = unique_fd{::memfd_create(name, flags)};
    if (!memory || ::ftruncate(memory.get(), static_cast<off_t>(size)) != 0)
        ec = last_error();
    return memory;
}

void seal(int memory, int seals, boost::system::error_code& ec) noexcept
{
    ec = ::fcntl(memory, F_ADD_SEALS, seals) == 0 ? boost::system::error_code{} : last_error();
}

bool has_seals(int memory, int seals) noexcept
{
    auto const has = ::fcntl(memory, F_GET_SEALS);
    return has >= 0 && (has & seals) == seals;
}

std::optional<std::size_t> size_of(int memory) noexcept
{
    struct ::stat status
    {};
    if (::fstat(memory, &status) != 0 || status.st_size < 0)
        return std::nullopt;
    return static_cast<std::size_t>(status.st_size);
}

std::optional<ipc::mapped_region> map_memory(int memory, ipc::mode_t mode, std::size_t size,
                                             boost::system::error_code& ec)
{
    try
    {
        ec.clear();
        return ipc::mapped_region{mappable{memory}, mode, 0, size};
    }
    catch (ipc::interprocess_exception const& e)
    {
        ec.assign(e.get_native_error(), boost::system::system_category());
        return std::nullopt;
    }
}

} // namespace oizys::detail
