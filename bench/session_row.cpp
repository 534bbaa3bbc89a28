// SPDX-License-Identifier: BSL-1.0
//
// Sessions over a Unix socket.
#include "row.hpp"
#include "session_exchange.hpp"

#include <utility>

namespace bench
{
namespace
{

session_ptr make(local::socket socket) { return oizys::create_session(std::move(socket)); }

} // namespace

row const session_row{
    .name = "session",
    .limit = "raw",
    .supports = [](plan const& p) { return p.holds == contents::any; },
    .serve = [](plan const& p) { serve_sessions(p, make); },
    .run = [](plan const& p, meter& m) { run_sessions(p, m, make); },
};

} // namespace bench
