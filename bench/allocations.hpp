// SPDX-License-Identifier: BSL-1.0
//
// Counts what this process takes from the heap, in the libraries too.
#pragma once

#include <cstdint>

namespace bench
{

/// From now on allocations of this process are counted there. Not in sanitized builds.
void count_allocations_in(std::uint64_t& counter);

} // namespace bench
