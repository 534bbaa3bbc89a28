// SPDX-License-Identifier: BSL-1.0
//
// Durations that users give, made safe to calculate with.
#pragma once

#include <algorithm>
#include <chrono>

namespace oizys
{

/// As good as for ever, and far from where the clocks' numbers end.
inline constexpr std::chrono::milliseconds longest_timeout = std::chrono::hours{24 * 365};

/// The same timeout within zero and a year: `now + timeout` does not overflow.
constexpr std::chrono::milliseconds clamp_timeout(std::chrono::milliseconds timeout) noexcept
{
    return std::clamp(timeout, std::chrono::milliseconds::zero(), longest_timeout);
}

} // namespace oizys
