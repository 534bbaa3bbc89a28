// SPDX-License-Identifier: BSL-1.0
#include "shared_area.hpp"

#include <oizys/error.hpp>

#include "memory_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace ipc = boost::interprocess;

namespace oizys::detail
{
namespace
{

constexpr std::size_t control_size = 4096; // bytes, in front of the rings: a page, so that they begin on one
constexpr int required_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

constexpr std::size_t area_size(std::size_t capacity) { return control_size + 2 * capacity; }

} // namespace

std::size_t shared_area::allowed_capacity(std::size_t wanted) noexcept
{
    return std::bit_ceil(std::clamp(wanted, min_capacity, max_capacity));
}

unique_fd shared_area::create(std::size_t capacity, boost::system::error_code& ec) noexcept
{
    auto memory = make_memory_file("oizys-session", area_size(capacity), ec);
    if (!ec)
        seal(memory.get(), required_seals, ec);
    return ec ? unique_fd{} : std::move(memory);
}

std::optional<shared_area> shared_area::map(int memory, std::size_t capacity, boost::system::error_code& ec)
{
    ec.clear();
    bool const allowed =
        std::has_single_bit(capacity) && capacity >= min_capacity && capacity <= max_capacity;
    if (!allowed || !has_seals(memory, required_seals) || size_of(memory) != area_size(capacity))
    {
        ec = errc::bad_shared_memory;
        return std::nullopt;
    }
    auto region = map_memory(memory, ipc::read_write, area_size(capacity), ec);
    return region ? std::optional{shared_area{std::move(*region), capacity}} : std::nullopt;
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
