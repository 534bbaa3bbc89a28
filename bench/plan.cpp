// SPDX-License-Identifier: BSL-1.0
#include "plan.hpp"

#include <algorithm>

namespace bench
{

std::vector<plan> all_plans(bool quick)
{
    using enum pattern;
    constexpr std::size_t kilobytes_100 = 100'000;
    constexpr std::size_t mebibyte = 1u << 20;
    constexpr std::size_t small = 50; // bytes
    std::vector<plan> plans{
        {"latency", window, 1, 1, small, 30'000, 3'000},
        {"pipelined-64", window, 1, 64, small, 400'000, 40'000},
        {"pipelined-1000", window, 1, 1000, small, 400'000, 40'000},
        {"posted-64", burst, 1, 64, small, 400'000, 40'000},
        {"large-100k", large, 1, 1, kilobytes_100, 6'000, 300},
        {"large-1m", large, 1, 1, mebibyte, 600, 30},
        {"large-15m", large, 1, 1, 15 * mebibyte, 32, 3},
        {"oneway", oneway, 1, 64, small, 640'000, 64'000},
        {"active-1000", burst, 1000, 1000, small, 50'000, 5'000},
        {"idle-1000", idle, 1000, 0, small, 1000, 0},
        {"idle-10000", idle, 10'000, 0, small, 10'000, 0},
    };
    if (!quick)
        return plans;
    for (auto& p : plans)
    {
        p.connections = std::min<std::size_t>(p.connections, 20);
        p.outstanding = p.shape == burst ? std::min<std::size_t>(p.outstanding, 64) : p.outstanding;
        p.count = p.shape == idle ? p.connections : 2 * p.outstanding;
        p.warm_up = p.outstanding;
    }
    return plans;
}

} // namespace bench
