// SPDX-License-Identifier: BSL-1.0
#include "listener_state.hpp"

#include "listener_accept.hpp"
#include "log_emit.hpp"

namespace oizys::detail
{

listener_state::listener_state(boost::asio::any_io_executor const& executor, endpoint const& where,
                               listener_options const& how, boost::system::error_code& ec)
    : options{how}, socket{executor}, local{where}, refusals{how.max_lingering_refusals, how.refusal_timeout}
{
    transport.emplace(tls_role::server, where, how.tls, session_settings{how.session, how.websocket}, ec);
    if (ec)
    {
        why = transport->why();
        if (options.log && !why.empty())
            emit(options.log, {.level = log_level::error, .text = why, .fields = {}});
        return;
    }
    auto opened = open_listening_socket(executor, where, how, ec);
    if (ec)
        return;
    connection = std::move(opened.connection);
    if (opened.fd)
        socket.assign(opened.fd.get(), ec);
    if (ec)
    {
        opened.file.remove();
        return;
    }
    opened.fd.release();
    family = opened.family;
    local = std::move(opened.local);
    // Who may write to a socket that systemd made is up to its unit: SocketMode=, SocketUser=, SocketGroup=.
    gate.emplace(options, local, where.kind() == endpoint_kind::systemd ? AF_UNSPEC : family, opened.group);
    file = std::move(opened.file);
    is_connection = opened.is_connection;
}

void listener_state::close() noexcept
{
    is_exhausted = false;
    connection.reset();
    refusals.close();
    if (!socket.is_open())
        return;
    file.remove();
    boost::system::error_code ignored; // the descriptor is gone in any case
    socket.close(ignored);
    if (auto const operation = pending.lock())
        operation->cancel();
}

} // namespace oizys::detail
