// SPDX-License-Identifier: BSL-1.0
//
// What a session has beside the rest once it negotiates.
#pragma once

#include "descriptor_queue.hpp"
#include "held_messages.hpp"
#include "negotiated_link.hpp"
#include "stream.hpp"
#include "waiting_pongs.hpp"
#include "wire/hello.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace oizys::detail
{

struct session_negotiation
{
    explicit session_negotiation(wire::hello_exchange e) : exchange{std::move(e)} {}

    /// The session has ended: nothing is sent any more, and descriptors that have arrived are closed.
    void clear() noexcept
    {
        descriptors.clear();
        held.clear();
        if (link)
            link->clear();
    }

    wire::hello_exchange exchange;
    std::optional<negotiated_link> link; ///< once both ends have agreed
    descriptor_queue descriptors;
    held_messages held;
    waiting_pongs pongs;
    bool is_full = false;        ///< what is being received does not fit to what is held
    std::uint8_t large_type = 0; ///< of the frame that is being received into its own storage
};

} // namespace oizys::detail
