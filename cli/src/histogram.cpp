// SPDX-License-Identifier: BSL-1.0
#include "histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>

namespace oizys::cli
{
namespace
{

template <class... Arguments>
std::string formatted(char const* format, Arguments... arguments)
{
    std::array<char, 128> text{};
    std::snprintf(text.data(), text.size(), format, arguments...);
    return text.data();
}

/// The smallest of 1, 2, 5, 10, 20, 50 … that is not less than `v`.
std::uint64_t round_up(std::uint64_t v)
{
    for (std::uint64_t ten = 1;; ten *= 10)
    {
        for (auto const step : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{5}})
        {
            if (v <= step * ten)
                return step * ten;
        }
        if (ten > UINT64_MAX / 100)
            return INT64_MAX;
    }
}

} // namespace

std::size_t histogram::bucket_of(std::uint64_t v) noexcept
{
    auto const width = static_cast<unsigned>(std::bit_width(v));
    if (width <= sub_bits)
        return static_cast<std::size_t>(v); // small numbers are kept as they are
    auto const shift = width - sub_bits - 1;
    return (static_cast<std::size_t>(shift) << sub_bits) + static_cast<std::size_t>(v >> shift);
}

std::uint64_t histogram::last_of(std::size_t bucket) noexcept
{
    if (bucket < 2u << sub_bits)
        return bucket;
    auto const shift = (bucket >> sub_bits) - 1;
    auto const head = (bucket & ((1u << sub_bits) - 1)) + (1u << sub_bits);
    return ((head + 1) << shift) - 1;
}

void histogram::add(duration d)
{
    auto const v = static_cast<std::uint64_t>(std::max<duration::rep>(d.count(), 0));
    ++counts_[bucket_of(v)];
    ++count_;
    min_ = std::min(min_, v);
    max_ = std::max(max_, v);
    sum_ += static_cast<double>(v);
}

histogram::duration histogram::mean() const noexcept
{
    return duration{count_ == 0 ? 0 : static_cast<duration::rep>(sum_ / static_cast<double>(count_))};
}

histogram::duration histogram::percentile(double part) const noexcept
{
    auto const wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets; ++i)
    {
        seen += counts_[i];
        if (seen >= std::max<std::uint64_t>(wanted, 1))
            return duration{std::clamp(last_of(i), min_, max_)};
    }
    return max();
}

std::vector<histogram::row> histogram::rows() const
{
    std::vector<row> out;
    for (std::size_t i = 0; i < buckets; ++i)
    {
        if (counts_[i] == 0)
            continue;
        // By its first one, so that 10 us are in the row of 10 us.
        auto const first = i == 0 ? 0 : last_of(i - 1) + 1;
        duration const up_to{static_cast<duration::rep>(round_up(std::clamp(first, min_, max_)))};
        // Rows between that are empty belong to the picture.
        while (!out.empty() && out.back().up_to < up_to)
            out.push_back({duration{round_up(static_cast<std::uint64_t>(out.back().up_to.count()) + 1)}, 0});
        if (out.empty())
            out.push_back({up_to, 0});
        out.back().count += counts_[i];
    }
    return out;
}

std::string duration_text(std::chrono::nanoseconds d)
{
    auto const ns = static_cast<double>(d.count());
    if (ns < 1e3)
        return formatted("%.0f ns", ns);
    if (ns < 1e6)
        return formatted("%.3g us", ns / 1e3);
    if (ns < 1e9)
        return formatted("%.3g ms", ns / 1e6);
    return formatted("%.3g s", ns / 1e9);
}

std::string draw(histogram const& of, std::size_t width)
{
    auto const rows = of.rows();
    std::uint64_t most = 1;
    for (auto const& row : rows)
        most = std::max(most, row.count);
    std::string out;
    for (auto const& row : rows)
    {
        auto const part = static_cast<double>(row.count) / static_cast<double>(most);
        auto length = static_cast<std::size_t>(std::lround(part * static_cast<double>(width)));
        if (row.count > 0)
            length = std::max<std::size_t>(length, 1);
        out += formatted("%9s |", duration_text(row.up_to).c_str()) + std::string(length, '#') +
               std::string(width - length, ' ') +
               formatted(" %10llu %6.2f %%\n", static_cast<unsigned long long>(row.count),
                         100 * static_cast<double>(row.count) / static_cast<double>(of.count()));
    }
    return out;
}

} // namespace oizys::cli
