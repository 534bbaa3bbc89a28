// SPDX-License-Identifier: BSL-1.0
//
// Opens many connections that do nothing, and weighs the server.
#pragma once

#include "measurement.hpp"

#include <string>

namespace bench
{

/// `request` is one call as it goes over the wire; the server answers it.
void run_idle(plan const& p, meter& m, std::string const& request);

} // namespace bench
