// SPDX-License-Identifier: BSL-1.0
//
// Rows of sessions that a listener accepts and that connect to its endpoint, as users have them.
#pragma once

#include "session_exchange.hpp"

#include <oizys/connect.hpp>
#include <oizys/listener.hpp>

namespace bench
{

/// Listens, and tells `run_endpoint`, which has the same plan, where.
void serve_endpoint(plan const& p, oizys::endpoint const& where, oizys::listener_options const& options);
void run_endpoint(plan const& p, meter& m, oizys::connect_options const& options,
                  oizys::connect_extras const& extras);

} // namespace bench
