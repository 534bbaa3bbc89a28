// SPDX-License-Identifier: BSL-1.0
#include <oizys/error.hpp>

#include <boost/system/error_condition.hpp>

#include <string>

namespace oizys
{
namespace
{

char const* text_of(errc e) noexcept
{
    switch (e)
    {
    case errc::bad_frame: return "not a frame: the first byte must be 0 and the length 1 to 16777215";
    case errc::message_too_large: return "the message is longer than max_message";
    case errc::message_empty: return "an empty message cannot be sent";
    case errc::malformed_message: return "the bytes cannot be delimited as messages";
    case errc::unknown_protocol:
        return "unknown protocol: expected a header24 frame, a JSON text, a Content-Length header or a msgpack-RPC array";
    case errc::handshake_timeout: return "the other end sent nothing within handshake_timeout";
    case errc::queue_full: return "the other end does not read: max_queued_bytes are waiting";
    case errc::session_closed: return "the session is closed";
    case errc::handler_failed: return "a message handler threw an exception";
    case errc::close_timeout: return "what was queued could not be sent within close_timeout";
    case errc::bad_endpoint:
        return "not an endpoint that can be used here: expected unix:/path, tcp:host:port or another kind";
    case errc::path_too_long: return "the path or name of a Unix socket may have 107 bytes at most";
    case errc::address_in_use: return "another process is listening on this address";
    case errc::not_a_socket: return "what is there, a file or a descriptor, is not a socket";
    case errc::message_has_newline:
        return "a message of the newline framing holds a line feed, or ends with a carriage return";
    case errc::write_timeout: return "the other end did not read for write_timeout";
    case errc::idle_timeout: return "no message in either direction for idle_timeout";
    case errc::hello_malformed:
        return "not a RawSocket hello: the other end does not speak the negotiated mode";
    case errc::serializer_unsupported: return "the serializer that was asked for is not spoken by both ends";
    case errc::frame_length_unacceptable: return "the other end refuses our limit of the frame length";
    case errc::too_many_connections: return "the other end has too many connections";
    case errc::descriptors_unsupported:
        return "descriptors can only be sent over a Unix socket on which both ends have negotiated it";
    case errc::bad_descriptors:
        return "the descriptors that came are not those that were announced or allowed";
    case errc::bad_payload: return "a compressed or shared payload is damaged";
    case errc::unknown_name: return "there is no such user or group";
    case errc::bad_shared_memory:
        return "the other end does not keep to the rules of a shared memory session";
    case errc::handshake_refused: return "the WebSocket handshake was refused";
    case errc::no_descriptor: return "systemd handed over no descriptor of this name, or none that is left";
    case errc::ambiguous_descriptor:
        return "systemd handed over several descriptors: put each into a socket unit of its own, with its own "
               "FileDescriptorName, and ask for one";
    case errc::not_a_stream_socket:
        return "the descriptor is a socket for datagrams or packets: ListenStream= makes one for streams";
    }
    return "unknown oizys error";
}

class category final : public boost::system::error_category
{
public:
    char const* name() const noexcept override { return "oizys"; }

    std::string message(int value) const override { return text_of(static_cast<errc>(value)); }

    char const* message(int value, char*, std::size_t) const noexcept override
    {
        return text_of(static_cast<errc>(value));
    }

    boost::system::error_condition default_error_condition(int value) const noexcept override
    {
        namespace posix = boost::system::errc;
        switch (static_cast<errc>(value))
        {
        case errc::bad_frame:
        case errc::bad_descriptors:
        case errc::bad_payload:
        case errc::bad_shared_memory:
        case errc::malformed_message: return posix::make_error_condition(posix::bad_message);
        case errc::message_too_large:
        case errc::message_empty: return posix::make_error_condition(posix::message_size);
        case errc::hello_malformed:
        case errc::serializer_unsupported:
        case errc::frame_length_unacceptable:
        case errc::unknown_protocol: return posix::make_error_condition(posix::protocol_error);
        case errc::handshake_timeout:
        case errc::write_timeout:
        case errc::idle_timeout:
        case errc::close_timeout: return posix::make_error_condition(posix::timed_out);
        case errc::queue_full: return posix::make_error_condition(posix::no_buffer_space);
        case errc::session_closed: return posix::make_error_condition(posix::not_connected);
        case errc::message_has_newline:
        case errc::unknown_name:
        case errc::bad_endpoint: return posix::make_error_condition(posix::invalid_argument);
        case errc::path_too_long: return posix::make_error_condition(posix::filename_too_long);
        case errc::address_in_use: return posix::make_error_condition(posix::address_in_use);
        case errc::not_a_socket: return posix::make_error_condition(posix::not_a_socket);
        case errc::handshake_refused:
        case errc::too_many_connections: return posix::make_error_condition(posix::connection_refused);
        case errc::descriptors_unsupported:
            return posix::make_error_condition(posix::operation_not_supported);
        case errc::no_descriptor: return posix::make_error_condition(posix::bad_file_descriptor);
        case errc::not_a_stream_socket: return posix::make_error_condition(posix::wrong_protocol_type);
        case errc::ambiguous_descriptor:
        case errc::handler_failed: break; // nothing in POSIX means this
        }
        return {value, *this};
    }
};

} // namespace

boost::system::error_category const& error_category() noexcept
{
    static category const instance;
    return instance;
}

} // namespace oizys
