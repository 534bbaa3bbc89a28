// SPDX-License-Identifier: BSL-1.0
//
// How long many calls took, in fixed memory: durations are kept with an error of at most 1 in 32.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace oizys::cli
{

class histogram
{
public:
    using duration = std::chrono::nanoseconds;

    void add(duration d);

    std::uint64_t count() const noexcept { return count_; }
    duration min() const noexcept { return duration{count_ == 0 ? 0 : min_}; }
    duration max() const noexcept { return duration{max_}; }
    duration mean() const noexcept;
    /// The duration that this part of all (0 … 1) did not exceed.
    duration percentile(double part) const noexcept;

    struct row
    {
        duration up_to; ///< in steps of 1, 2, 5
        std::uint64_t count;
    };
    /// From the row of the shortest to that of the longest; none if there is nothing.
    std::vector<row> rows() const;

private:
    static constexpr unsigned sub_bits = 5; ///< parts of each power of two: 2^5
    static constexpr std::size_t buckets = (65 - sub_bits) << sub_bits;

    static std::size_t bucket_of(std::uint64_t v) noexcept;
    static std::uint64_t last_of(std::size_t bucket) noexcept; ///< the largest that belongs to it

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t min_ = UINT64_MAX;
    std::uint64_t max_ = 0;
    double sum_ = 0;
};

/// "850 ns", "12.3 us", "4.56 ms", "1.23 s".
std::string duration_text(std::chrono::nanoseconds d);

/// The rows as lines with bars of at most `width` characters.
std::string draw(histogram const& of, std::size_t width);

} // namespace oizys::cli
