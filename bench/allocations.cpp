// SPDX-License-Identifier: BSL-1.0
//
// Stands in front of the C library's allocator. `operator new` comes here too, and so does what Asio
// takes with `aligned_alloc`, which a replaced `operator new` alone would miss.
#include "allocations.hpp"

#include <cerrno>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BENCH_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BENCH_COUNTS_ALLOCATIONS 0
#endif
#endif
#if !defined(BENCH_COUNTS_ALLOCATIONS) && defined(__GLIBC__)
#define BENCH_COUNTS_ALLOCATIONS 1
#endif

namespace bench
{
namespace
{

std::uint64_t nobody_looks = 0;
std::uint64_t* counter_in_use = &nobody_looks;

} // namespace

void count_allocations_in(std::uint64_t& counter) { counter_in_use = &counter; }

} // namespace bench

#if BENCH_COUNTS_ALLOCATIONS
// The sessions measured here have one thread, so a plain increment is enough.
extern "C"
{
    void* __libc_malloc(std::size_t size);
    void* __libc_calloc(std::size_t count, std::size_t size);
    void* __libc_realloc(void* old, std::size_t size);
    void* __libc_memalign(std::size_t alignment, std::size_t size);

    void* malloc(std::size_t size) noexcept
    {
        ++*bench::counter_in_use;
        return __libc_malloc(size);
    }

    void* calloc(std::size_t count, std::size_t size) noexcept
    {
        ++*bench::counter_in_use;
        return __libc_calloc(count, size);
    }

    void* realloc(void* old, std::size_t size) noexcept
    {
        ++*bench::counter_in_use;
        return __libc_realloc(old, size);
    }

    void* memalign(std::size_t alignment, std::size_t size) noexcept
    {
        ++*bench::counter_in_use;
        return __libc_memalign(alignment, size);
    }

    void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
    {
        return memalign(alignment, size);
    }

    int posix_memalign(void** result, std::size_t alignment, std::size_t size) noexcept
    {
        auto* const memory = memalign(alignment, size);
        if (memory == nullptr)
            return ENOMEM;
        *result = memory;
        return 0;
    }
}
#endif
