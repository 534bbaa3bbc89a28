// SPDX-License-Identifier: BSL-1.0
//
// Rows of sessions, whatever they run over: the server echoes what it receives, large messages without
// copying them.
#pragma once

#include "measurement.hpp"
#include "plan.hpp"

#include <oizys/function.hpp>
#include <oizys/session.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <memory>
#include <vector>

namespace bench
{

using local = boost::asio::local::stream_protocol;
using session_ptr = std::shared_ptr<oizys::session>;

/// Makes a session of a connected socket. It may run the socket's loop.
using session_maker = session_ptr (*)(local::socket socket);

void serve_sessions(plan const& p, session_maker accepted);
void run_sessions(plan const& p, meter& m, session_maker connected);

/// Sends back what its sessions receive.
class echo_server
{
public:
    explicit echo_server(plan const& p) : oneway_{p.shape == pattern::oneway} {}
    void take(session_ptr accepted);

private:
    bool oneway_;
    std::vector<session_ptr> sessions_;
};

/// Makes a session on this loop, which it may run.
using session_connector = oizys::unique_function<session_ptr(boost::asio::io_context& io)>;

void run_sessions(plan const& p, meter& m, session_connector connect);

} // namespace bench
