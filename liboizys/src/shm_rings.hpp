// SPDX-License-Identifier: BSL-1.0
//
// What one end of an established shared memory session moves bytes with: the ring it writes, the ring it
// reads and the doorbell of the other end. No waiting: it says when there is something to wait for.
#pragma once

#include "shared_area.hpp"
#include "wire/byte_ring.hpp"

#include <oizys/unique_fd.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace oizys::detail
{

enum class shm_role : std::uint8_t
{
    connector,
    acceptor,
};

class shm_rings
{
public:
    shm_rings(shared_area area, unique_fd rope, shm_role role) noexcept;

    /// Moves what has arrived into `room`; nothing without an error: nothing is there.
    std::size_t read(std::span<char> room, boost::system::error_code& ec) noexcept;
    /// Whether `read` would do something; cheap.
    bool readable() noexcept { return in_.readable(); }
    /// False: `read` again. True: the doorbell is rung when there is something to read.
    bool sleep_until_readable() noexcept { return in_.sleep(); }

    /// Moves as much into the ring as there is room for; nothing without an error: the ring is full.
    std::size_t write(std::span<std::string_view const> pieces, boost::system::error_code& ec) noexcept;
    /// False: `write` again. True: the doorbell is rung when much of the ring is free.
    bool sleep_until_writable() noexcept { return out_.sleep(); }
    /// Bytes written that the other end has not read.
    std::size_t unread() noexcept { return out_.unread(); }

private:
    std::size_t finish_write(std::size_t written, boost::system::error_code& ec) noexcept;

    shared_area area_;
    unique_fd rope_;
    wire::ring_producer out_;
    wire::ring_consumer in_;
};

} // namespace oizys::detail
