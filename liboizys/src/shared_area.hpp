// SPDX-License-Identifier: BSL-1.0
//
// The memory that the two ends of a shared memory session share: one memfd with a ring for each direction.
// It has no name, so nothing is left behind whoever dies; and it is sealed against shrinking, so that the
// other end cannot take pages away that this one is using.
#pragma once

#include "wire/byte_ring.hpp"

#include <oizys/unique_fd.hpp>

#include <boost/interprocess/mapped_region.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>

namespace oizys::detail
{

class shared_area
{
public:
    // Bytes of one ring, a power of two. More than the upper bound is refused before anything is mapped.
    static constexpr std::size_t min_capacity = 4096;
    static constexpr std::size_t max_capacity = 16u << 20;

    /// The least capacity that is allowed and not less than `wanted`, if there is one.
    static std::size_t allowed_capacity(std::size_t wanted) noexcept;

    /// Makes the memory, zeroed and sealed.
    static unique_fd create(std::size_t capacity, boost::system::error_code& ec) noexcept;

    /// Maps it. What is not sealed or has another size than two rings of this capacity take is refused with
    /// `bad_shared_memory`.
    static std::optional<shared_area> map(int memory, std::size_t capacity, boost::system::error_code& ec);

    wire::ring_view from_connector() const noexcept { return ring(0); }
    wire::ring_view from_acceptor() const noexcept { return ring(1); }

private:
    shared_area(boost::interprocess::mapped_region region, std::size_t capacity) noexcept;
    wire::ring_view ring(std::size_t index) const noexcept;

    boost::interprocess::mapped_region region_;
    std::size_t capacity_;
};

} // namespace oizys::detail
