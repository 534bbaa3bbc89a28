// SPDX-License-Identifier: BSL-1.0
//
// What can go wrong below the calls: frames, sessions, endpoints. Errors of the operating
// system are reported as they are, in the system category.
#pragma once

#include <oizys/api.hpp>

#include <boost/system/error_code.hpp>

namespace oizys
{

/// Errors of the transport. Where one means the same as a POSIX error, it compares equal to it:
/// `ec == boost::system::errc::bad_message` holds for `errc::bad_frame`.
enum class errc
{
    bad_frame = 1,       ///< a frame header that header24 forbids: type is not 0, or length is 0
    message_too_large,   ///< a message, received or to be sent, is longer than max_message
    message_empty,       ///< an empty message was to be sent; no framing can carry one
    malformed_message,   ///< the bytes of a self-delimiting framing cannot be delimited
    unknown_protocol,    ///< the first bytes belong to no protocol that this end speaks
    handshake_timeout,   ///< the other end said nothing within handshake_timeout
    queue_full,          ///< the message would exceed max_queued_bytes
    session_closed,      ///< the session is closed; nothing was sent
    handler_failed,      ///< a handler of the user's threw an exception
    close_timeout,       ///< what was queued could not be sent within close_timeout
    bad_endpoint,        ///< not an endpoint, or not one that can be used like this
    path_too_long,       ///< a Unix socket's path or name is longer than the system allows
    address_in_use,      ///< another process listens there
    not_a_socket,        ///< the path or the descriptor is something else than a socket; it is left alone
    message_has_newline, ///< a message of framing::newline holds a line feed, or ends with a carriage return
    write_timeout,       ///< the other end did not read for write_timeout
    idle_timeout,        ///< no message in either direction for idle_timeout
    hello_malformed,     ///< negotiation: the other end's hello or offer is not one
    serializer_unsupported,    ///< negotiation: one end does not speak the serializer that was asked for
    frame_length_unacceptable, ///< negotiation: the other end refuses our limit of frames
    too_many_connections,      ///< negotiation: the other end has no room for another connection
    descriptors_unsupported,   ///< descriptors were to be sent over what cannot pass them
    bad_descriptors,   ///< more or fewer descriptors than allowed or announced, or not of the right kind
    bad_payload,       ///< a payload that cannot be decompressed, or shared memory that is not sealed
    unknown_name,      ///< a user or group of an access policy or a socket's file does not exist
    bad_shared_memory, ///< the other end handed over something else than shared memory, or broke it
    handshake_refused, ///< the HTTP request that asks for a WebSocket was refused, here or by the other end
    no_descriptor,     ///< systemd handed over no descriptor of this name, or it was taken already
    ambiguous_descriptor, ///< systemd handed over several descriptors of this name
    not_a_stream_socket,  ///< the descriptor is a socket for datagrams or packets
};

/// The category "oizys".
OIZYS_API boost::system::error_category const& error_category() noexcept;

inline boost::system::error_code make_error_code(errc e) noexcept
{
    return {static_cast<int>(e), error_category()};
}

} // namespace oizys

/// @cond
template <>
struct boost::system::is_error_code_enum<oizys::errc> : std::true_type
{
};
/// @endcond
