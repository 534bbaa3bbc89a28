// SPDX-License-Identifier: BSL-1.0
//
// TCP discards what the other end has not acknowledged when a socket is closed while something is unread, or when
// something arrives after that. Who closes in the middle of a conversation would lose its last messages.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>

namespace oizys::detail
{

/// Whether closing it now might take back what was written: it is TCP, and not all has been received.
bool needs_lingering(int socket) noexcept;

/// Says that nothing more will be sent, and reads and discards what comes until the other end closes too, or for so
/// long. Then the socket is closed; nobody is told.
void close_lingering(boost::asio::generic::stream_protocol::socket socket, std::chrono::milliseconds most);

} // namespace oizys::detail
