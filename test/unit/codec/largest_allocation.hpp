// SPDX-License-Identifier: BSL-1.0
//
// The size of the largest piece of memory that is taken while something runs. Sanitizers bring their own
// operator new, which stays: with them nothing is measured, and the answer is 0.
#pragma once

#include <cstddef>

namespace oizys::test
{

/// Since it was last set to 0, on this thread.
std::size_t& largest_allocation() noexcept;

template <class F>
std::size_t largest_allocation_in(F f)
{
    largest_allocation() = 0;
    f();
    return largest_allocation();
}

} // namespace oizys::test
