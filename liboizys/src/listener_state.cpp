// SPDX-License-Identifier: BSL-1.0
#include "listener_state.hpp"

#include "listener_accept.hpp"
#include "log_emit.hpp"

#include <utility>

namespace oizys::detail
{

listener_state::listener_state(boost::asio::any_io_executor const& executor, endpoint const& where,
                               listener_options const& how, boost::system::error_code& ec)
    : options{how}, socket{executor}, local{where}, refusals{how.max_lingering_refusals, how.refusal_timeout}
{
    transport.emplace(tls_role::server, where, how.tls, session_settings{how.session, how.websocket}, ec);
    if (ec)
    {
        explain(transport->why());
        return;
    }
    auto opened = open_listening_socket(executor, where, how, ec);
    if (ec)
    {
        explain(std::move(opened.why));
        return;
    }
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
    // Who may write to the file of a socket that systemd made is up to its unit: SocketMode=, SocketUser=,
    // SocketGroup=. Nothing but the policy guards an abstract name.
    bool const decided_by_unit =
        where.kind() == endpoint_kind::systemd && local.kind() != endpoint_kind::unix_abstract;
    gate.emplace(options, local, decided_by_unit ? AF_UNSPEC : family, opened.group, opened.group_name);
    file = std::move(opened.file);
    is_connection = opened.is_connection;
}

void listener_state::explain(std::string reason)
{
    why = std::move(reason);
    if (options.log && !why.empty())
        emit(options.log, {.level = log_level::error, .text = why, .fields = {}});
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
