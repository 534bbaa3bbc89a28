// SPDX-License-Identifier: BSL-1.0
//
// What the library promises itself: upper bounds, nearly all of them for both processes on one core.
#pragma once

#include "report.hpp"

#include <span>
#include <string_view>

namespace bench
{

struct target
{
    std::string_view mode;
    std::string_view row;
    std::string_view what;
    std::string_view unit;
    double (*value)(result const& r);
    double limit;
    bool two_cores = false; ///< holds there; else on one
};

std::span<target const> targets();

} // namespace bench
