// SPDX-License-Identifier: BSL-1.0
//
// The clock of deadlines.
#pragma once

#include "core/pending_calls.hpp"

#include <time.h>

#include <chrono>

namespace oizys::rpc::detail
{

inline std::chrono::nanoseconds duration_of(timespec const& t) noexcept
{
    return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
}

// A cheap clock that moves by a tick at a time. It may be behind the steady clock by more than that, so its times
// are compared with its own only.
inline pending_calls::clock::time_point coarse_now() noexcept
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return pending_calls::clock::time_point{duration_of(now)};
}

inline std::chrono::nanoseconds coarse_tick() noexcept
{
    static auto const tick = [] {
        timespec t{};
        ::clock_getres(CLOCK_MONOTONIC_COARSE, &t);
        return duration_of(t);
    }();
    return tick;
}

} // namespace oizys::rpc::detail
