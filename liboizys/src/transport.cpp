// SPDX-License-Identifier: BSL-1.0
#include "transport.hpp"

#include <oizys/error.hpp>

#include "shm_stream.hpp"
#include "socket_stream.hpp"
#include "tls_stream.hpp"
#include "websocket_stream.hpp"

#include <utility>

namespace oizys::detail
{
namespace
{

bool is_encrypted(endpoint_kind kind) noexcept
{
    return kind == endpoint_kind::tls || kind == endpoint_kind::wss;
}

bool is_websocket(endpoint_kind kind) noexcept
{
    return kind == endpoint_kind::ws || kind == endpoint_kind::wss || kind == endpoint_kind::ws_unix;
}

/// What the endpoint names takes the place of what the options name.
tls_options files_for(endpoint const& where, tls_options tls)
{
    auto const& named = where.options();
    if (!named.certificate.empty())
    {
        tls.cert = named.certificate;
        tls.key = named.private_key;
    }
    else if (!named.private_key.empty())
        tls.key = named.private_key;
    if (!named.authorities.empty())
        tls.ca = named.authorities;
    return tls;
}

/// As the Host header has it: RFC 9110, section 7.2.
std::string host_header(endpoint const& where)
{
    if (where.kind() == endpoint_kind::ws_unix)
        return "localhost";
    bool const is_v6 = where.name().find(':') != std::string::npos;
    auto host = is_v6 ? '[' + where.name() + ']' : where.name();
    bool const is_default = where.port() == (is_encrypted(where.kind()) ? 443 : 80);
    return is_default ? host : host + ':' + std::to_string(where.port());
}

} // namespace

carrier carrier_of(endpoint_kind kind) noexcept
{
    switch (kind)
    {
    case endpoint_kind::unix_path:
    case endpoint_kind::unix_abstract:
    case endpoint_kind::ws_unix:
    case endpoint_kind::shm: return carrier::unix_socket;
    case endpoint_kind::tcp:
    case endpoint_kind::tls:
    case endpoint_kind::ws:
    case endpoint_kind::wss: return carrier::tcp;
    case endpoint_kind::none:
    case endpoint_kind::stdio:
    case endpoint_kind::fd:
    case endpoint_kind::exec:
    case endpoint_kind::exec_fd:
    case endpoint_kind::systemd: break;
    }
    return carrier::none;
}

session_settings settings_for(tls_role role, endpoint const& where, session_settings settings)
{
    auto const& named = where.options();
    settings.framing = named.framing.value_or(settings.framing);
    settings.negotiation.enabled = named.negotiate.value_or(settings.negotiation.enabled);
    if (is_websocket(where.kind()))
    {
        settings.framing = framing::message; // a WebSocket keeps messages apart, whatever is asked for
        settings.negotiation.enabled = false;
        if (!named.protocols.empty())
            settings.websocket.protocols = named.protocols;
        // Who listens at a path serves that path; a query is a matter of each request.
        auto const path = where.target().substr(0, where.target().find('?'));
        if (role == tls_role::server && settings.websocket.target.empty() && path != "/")
            settings.websocket.target = path;
    }
    return settings;
}

transport::transport(tls_role role, endpoint const& where, tls_options const& tls,
                     session_settings const& session, boost::system::error_code& ec)
    : role_{role}
    , where_{where}
    , session_{std::make_shared<session_settings const>(settings_for(role, where, session))}
{
    auto const framing = session_->framing;
    bool const connects = role == tls_role::client;
    bool const may_negotiate = framing == framing::header24 || (!connects && framing == framing::detect);
    if (session_->negotiation.enabled && !may_negotiate)
    {
        why_ = "only header24 can be negotiated";
        ec = errc::bad_endpoint;
    }
    else if (is_encrypted(where.kind()))
        tls_ = tls_context::make(role, files_for(where, tls), ec, why_);
}

std::unique_ptr<stream> transport::over(boost::asio::generic::stream_protocol::socket socket) const
{
    if (where_.kind() == endpoint_kind::shm)
    {
        shm_options options;
        options.capacity = where_.options().capacity.value_or(options.capacity);
        options.spin = where_.options().spin.value_or(options.spin);
        return role_ == tls_role::client ? make_shm_client(std::move(socket), options)
                                         : make_shm_server(std::move(socket), options);
    }
    std::unique_ptr<stream> result = std::make_unique<socket_stream>(std::move(socket));
    if (tls_)
        result = encrypted(std::move(result));
    return is_websocket(where_.kind()) ? websocket(std::move(result)) : std::move(result);
}

bool transport::hears_hello() const noexcept
{
    return session_->negotiation.enabled && !tls_ && where_.kind() != endpoint_kind::shm;
}

std::unique_ptr<stream> transport::encrypted(std::unique_ptr<stream> below) const
{
    return role_ == tls_role::client ? tls_stream::client(std::move(below), tls_, where_.name())
                                     : tls_stream::server(std::move(below), tls_);
}

std::unique_ptr<stream> transport::websocket(std::unique_ptr<stream> below) const
{
    auto const& options = session_->websocket;
    if (role_ == tls_role::server)
        return websocket_stream::server(std::move(below), {}, session_->max_message, options);
    return websocket_stream::client(std::move(below), host_header(where_), where_.target(),
                                    session_->max_message, options);
}

} // namespace oizys::detail
