// SPDX-License-Identifier: BSL-1.0
//
// Rows of sessions, whatever they run over: the server echoes what it receives, large messages without
// copying them.
#pragma once

#include "measurement.hpp"
#include "plan.hpp"

#include <oizys/session.hpp>

#include <boost/asio/local/stream_protocol.hpp>

#include <memory>

namespace bench
{

using local = boost::asio::local::stream_protocol;
using session_ptr = std::shared_ptr<oizys::session>;

/// Makes a session of a connected socket. It may run the socket's loop.
using session_maker = session_ptr (*)(local::socket socket);

void serve_sessions(plan const& p, session_maker accepted);
void run_sessions(plan const& p, meter& m, session_maker connected);

} // namespace bench
