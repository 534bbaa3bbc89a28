// SPDX-License-Identifier: BSL-1.0
//
// What was measured, for programs (one JSON object per row and round) and for people (a table).
#pragma once

#include "measurement.hpp"

#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bench
{

/// One row in one mode and one round.
struct result
{
    std::string_view mode;
    std::string_view row;
    std::size_t round;
    std::size_t payload; ///< bytes
    measurement measured;
    double p50_ratio = 0; ///< to the raw row of its socket, same mode and round; 0 where there is none
    double cpu_ratio = 0;
};

void write_json(std::FILE* out, result const& r, std::string_view placement);

/// Medians, minima and maxima over the rounds.
void write_table(std::FILE* out, std::span<result const> results);

/// The same beside the targets for this placement.
void write_targets(std::FILE* out, std::span<result const> results, bool two_cores);

/// The machine, the compiler and the versions, on one line.
std::string machine();

} // namespace bench
