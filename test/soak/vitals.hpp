// SPDX-License-Identifier: BSL-1.0
//
// What a process holds of the system's.
#pragma once

#include <cstddef>
#include <string>

namespace oizys::soak
{

struct vitals
{
    std::size_t descriptors = 0;
    std::size_t mappings = 0; ///< lines of /proc/self/maps
    std::size_t children = 0; ///< running, or not collected
    std::size_t resident = 0; ///< KiB of private memory, after what is free was given back
    std::size_t shared = 0;   ///< files in /dev/shm

    std::string to_string() const;
};

vitals measure();

} // namespace oizys::soak
