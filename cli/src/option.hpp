// SPDX-License-Identifier: BSL-1.0
//
// Options of a form that several sub-commands have.
#pragma once

#include <CLI/App.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace oizys::cli
{

/// A duration, from 0 to 1,000,000 seconds.
CLI::Option* add_seconds(CLI::App& command, std::string const& name, double& to,
                         std::string const& description);

/// A number from `least` to `most`.
CLI::Option* add_count(CLI::App& command, std::string const& name, std::uint64_t& to,
                       std::string const& description, std::uint64_t least, std::uint64_t most);

/// Seconds as the library wants them; what is not 0 is at least a millisecond.
std::chrono::milliseconds to_milliseconds(double seconds);

} // namespace oizys::cli
