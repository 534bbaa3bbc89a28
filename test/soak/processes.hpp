// SPDX-License-Identifier: BSL-1.0
//
// The parts that the processes of a run play. Each returns what main() returns.
#pragma once

#include "kinds.hpp"

#include <cstdint>
#include <string>

namespace oizys::soak
{

/// Listens on everything, and starts child processes of its own. The supervisor talks to it over its standard input
/// and output: `start`, `measure`, `report`.
int run_server(surroundings const& where, std::uint64_t seed);

/// Connects at random until its standard input says `stop`. `where.ports` is given.
int run_client(surroundings const& where, std::uint64_t seed, bool killable);

/// The other end of an exec session: accepts one session at `where` and ends with it.
int run_child(std::string const& where);

/// Starts all of them, kills some, and judges.
int run_supervisor(std::string const& self, std::uint64_t seed, unsigned seconds);

} // namespace oizys::soak
