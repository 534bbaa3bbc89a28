// SPDX-License-Identifier: BSL-1.0
//
// An operator new that remembers, for this test executable.
#include "unit/codec/largest_allocation.hpp"

#include <cstdlib>
#include <new>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define OIZYS_TEST_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OIZYS_TEST_SANITIZED
#endif

std::size_t& oizys::test::largest_allocation() noexcept
{
    static thread_local std::size_t largest = 0;
    return largest;
}

#ifndef OIZYS_TEST_SANITIZED
void* operator new(std::size_t size)
{
    auto& largest = oizys::test::largest_allocation();
    if (size > largest)
        largest = size;
    if (void* const p = std::malloc(size == 0 ? 1 : size))
        return p;
    throw std::bad_alloc{};
}

void operator delete(void* p) noexcept { std::free(p); }

void operator delete(void* p, std::size_t) noexcept { std::free(p); }
#endif
