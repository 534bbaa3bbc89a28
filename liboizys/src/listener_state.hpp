// SPDX-License-Identifier: BSL-1.0
//
// What a listener and its pending accept share: the open socket, and who may come in.
#pragma once

#include <oizys/listener.hpp>

#include "lingering_refusals.hpp"
#include "listener_gate.hpp"
#include "listener_socket.hpp"
#include "transport.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>
#include <optional>
#include <string>

namespace oizys::detail
{

class accept_operation;

struct listener_state final
{
    listener_state(boost::asio::any_io_executor const& executor, endpoint const& where,
                   listener_options const& how, boost::system::error_code& ec);

    void close() noexcept;
    void explain(std::string reason); ///< why it could not be opened
    bool is_open() const noexcept { return socket.is_open() || connection; }

    listener_options const options;
    std::optional<detail::transport> transport;
    // Asio's acceptors cannot accept with SOCK_CLOEXEC, so Asio only waits, and accept4 accepts.
    boost::asio::posix::stream_descriptor socket;
    std::string why; ///< it could not be opened, where that needs more words than an error code has
    int family = 0;
    endpoint local;
    socket_file file;
    std::optional<listener_gate> gate;  ///< since the socket is open
    std::unique_ptr<stream> connection; ///< to be accepted, where there is only one and no socket
    lingering_refusals refusals;
    bool is_connection = false; ///< `socket` does not listen: it is the one connection to be accepted
    bool is_exhausted = false;  ///< that one was accepted
    // Not shared: the operation owns the user's handler, which may own the listener.
    std::weak_ptr<accept_operation> pending;
};

} // namespace oizys::detail
