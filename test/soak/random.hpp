// SPDX-License-Identifier: BSL-1.0
//
// Random numbers that are the same everywhere for the same seed.
#pragma once

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace oizys::soak
{

/// splitmix64.
class random_source
{
public:
    explicit random_source(std::uint64_t seed) noexcept : state_{seed} {}

    std::uint64_t next() noexcept
    {
        state_ += 0x9e3779b97f4a7c15u;
        auto z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    /// 0 to `bound` - 1.
    std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }
    bool chance(unsigned percent) noexcept { return below(100) < percent; }

    /// 1 to `most`; each power of two is as probable as the next.
    std::size_t size(std::size_t most) noexcept
    {
        auto const bits = below(std::bit_width(most));
        auto const size = (std::size_t{1} << bits) + below(std::size_t{1} << bits);
        return size < most ? size : most;
    }

    std::chrono::microseconds up_to(std::chrono::microseconds most) noexcept
    {
        return std::chrono::microseconds{below(static_cast<std::uint64_t>(most.count()) + 1)};
    }

    template <class T, std::size_t N>
    T const& one_of(T const (&all)[N]) noexcept
    {
        return all[below(N)];
    }

private:
    std::uint64_t state_;
};

} // namespace oizys::soak
