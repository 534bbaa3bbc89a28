// SPDX-License-Identifier: BSL-1.0
#include "shared_area.hpp"

#include <oizys/error.hpp>

#include <boost/interprocess/exceptions.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

namespace ipc = boost::interprocess;

namespace oizys::detail
{
namespace
{

constexpr std::size_t control_size = 4096; // bytes, in front of the rings: a page, so that they begin on one
constexpr int required_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

constexpr std::size_t area_size(std::size_t capacity) { return control_size + 2 * capacity; }

boost::system::error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

/// What mapped_region wants to map.
struct mappable
{
    int fd;
    ipc::mapping_handle_t get_mapping_handle() const noexcept
    {
        return ipc::ipcdetail::mapping_handle_from_file_handle(fd);
    }
};

// The seals come first: only memory has any, and asking a file of some other kind for its size can take as
// long as whoever serves that file likes (FUSE).
bool is_sealed(int fd) noexcept
{
    auto const seals = ::fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & required_seals) == required_seals;
}

bool has_size(int fd, std::size_t size) noexcept
{
    struct stat info
    {};
    return ::fstat(fd, &info) == 0 && std::cmp_equal(info.st_size, size);
}

} // namespace

std::size_t shared_area::allowed_capacity(std::size_t wanted) noexcept
{
    return std::bit_ceil(std::clamp(wanted, min_capacity, max_capacity));
}

unique_fd shared_area::create(std::size_t capacity, boost::system::error_code& ec) noexcept
{
    ec.clear();
    unique_fd memory{::memfd_create("oizys-session", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    bool const made = memory && ::ftruncate(memory.get(), static_cast<off_t>(area_size(capacity))) == 0 &&
                      ::fcntl(memory.get(), F_ADD_SEALS, required_seals) == 0;
    if (!made)
    {
        ec = last_error();
        return {};
    }
    return memory;
}

std::optional<shared_area> shared_area::map(int memory, std::size_t capacity, boost::system::error_code& ec)
{
    ec.clear();
    bool const allowed =
        std::has_single_bit(capacity) && capacity >= min_capacity && capacity <= max_capacity;
    if (!allowed || !is_sealed(memory) || !has_size(memory, area_size(capacity)))
    {
        ec = errc::bad_shared_memory;
        return std::nullopt;
    }
    try
    {
        return shared_area{{mappable{memory}, ipc::read_write, 0, area_size(capacity)}, capacity};
    }
    catch (ipc::interprocess_exception const& e)
    {
        ec.assign(e.get_native_error(), boost::system::system_category());
        return std::nullopt;
    }
}

shared_area::shared_area(ipc::mapped_region region, std::size_t capacity) noexcept
    : region_{std::move(region)}, capacity_{capacity}
{
}

// Nothing is constructed in the memory: zeroed as it is made, it is two empty rings, and whatever the other
// end has written since is for the rings to judge.
wire::ring_view shared_area::ring(std::size_t index) const noexcept
{
    auto* const base = static_cast<char*>(region_.get_address());
    return {.control = reinterpret_cast<wire::ring_control*>(base) + index,
            .bytes = {base + control_size + index * capacity_, capacity_}};
}

} // namespace oizys::detail
