// SPDX-License-Identifier: BSL-1.0
//
// What an endpoint's kind puts between a connected socket and its session: nothing, TLS, a WebSocket, both,
// or shared memory. What can be found wrong before there is a connection is found here.
#pragma once

#include <oizys/endpoint.hpp>
#include <oizys/tls_options.hpp>

#include "session_settings.hpp"
#include "stream.hpp"
#include "tls_context.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace oizys::detail
{

/// How an endpoint of this kind is reached.
enum class carrier : std::uint8_t
{
    none, ///< not by a socket, or not at all
    unix_socket,
    tcp,
};

carrier carrier_of(endpoint_kind kind) noexcept;

/// The options of a session, with what the endpoint says of it.
session_settings settings_for(tls_role role, endpoint const& where, session_settings settings);

/// Shared by all connections of one listener, or made for one that connects.
class transport
{
public:
    /// Reads certificates where there are any. With an error, `why()` says what is wrong in words.
    transport(tls_role role, endpoint const& where, tls_options const& tls, session_settings const& session,
              boost::system::error_code& ec);

    std::string const& why() const noexcept { return why_; }

    /// The stream over a socket that is connected.
    std::unique_ptr<stream> over(boost::asio::generic::stream_protocol::socket socket) const;

    /// Whether the first bytes on a socket may be the hello of the negotiated mode.
    bool hears_hello() const noexcept;

    /// The session's options, with what the endpoint says.
    std::shared_ptr<session_settings const> const& session() const noexcept { return session_; }

private:
    std::unique_ptr<stream> encrypted(std::unique_ptr<stream> below) const;
    std::unique_ptr<stream> websocket(std::unique_ptr<stream> below) const;

    tls_role role_;
    endpoint where_;
    std::shared_ptr<session_settings const> session_;
    std::shared_ptr<tls_context const> tls_;
    std::string why_;
};

} // namespace oizys::detail
