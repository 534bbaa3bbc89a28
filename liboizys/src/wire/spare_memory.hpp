// SPDX-License-Identifier: BSL-1.0
//
// Large strings that are no longer needed, kept for the next large messages of the same thread: memory that malloc gave
// back to the system must be cleared page by page when it is needed again, which costs several times as much as
// what is done with it.
#pragma once

#include <cstddef>
#include <string>

namespace oizys::wire
{

/// Sessions keep nothing of this: what one of them gives back the next one takes.
/// @par Thread safety  safe: each thread has its own.
struct spare_memory
{
    static constexpr std::size_t smallest = 65536;     ///< bytes of a string that is kept
    static constexpr std::size_t most_bytes = 4 << 20; ///< kept for one thread; the oldest is freed first
    static constexpr std::size_t most_strings = 16;

    /// An empty string with room for `size` bytes; of the kept ones the smallest that has it.
    static std::string take(std::size_t size);
    /// Keeps the memory of a string that is not needed, or frees it.
    static void give(std::string unneeded) noexcept;
    /// Makes room for `size` bytes in all, by moving what there is into such a string.
    static void reserve(std::string& in, std::size_t size);
    /// Bytes that are kept for this thread.
    static std::size_t kept() noexcept;
};

} // namespace oizys::wire
