// SPDX-License-Identifier: BSL-1.0
//
// A descriptor that a message brings along, by whose content the other end knows that it is the right one.
#pragma once

#include <oizys/unique_fd.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace oizys::soak
{

/// What gift `index` of a message holds.
std::string gift_text(std::uint64_t stream, std::uint64_t number, std::size_t index);

/// Empty where the system has no descriptor to give.
unique_fd make_gift(std::string const& text);

bool is_gift(unique_fd const& gift, std::string const& text);

} // namespace oizys::soak
