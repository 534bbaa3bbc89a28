// SPDX-License-Identifier: BSL-1.0
//
// Sessions over connected stream sockets, with what a richer user and the layers above need beyond
// session_i: views instead of strings, messages encoded in place, back pressure, credentials.
#pragma once

#include <oizys/api.hpp>
#include <oizys/credentials.hpp>
#include <oizys/function.hpp>
#include <oizys/incoming.hpp>
#include <oizys/session_i.hpp>
#include <oizys/wire/framing.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace oizys
{

/// Options of one session. Every bound applies to this session alone.
struct session_options
{
    oizys::framing framing = framing::header24;
    std::size_t max_message = 16777215;            ///< bytes of one message, received or sent
    std::size_t max_queued_bytes = 64u << 20;      ///< bytes waiting to be written, headers included
    std::chrono::milliseconds close_timeout{1000}; ///< for sending what is queued when the session is closed
    /// For the first byte of a session that detects its framing; zero waits as long as the other end does.
    std::chrono::milliseconds handshake_timeout{0};
};

/// Like message_handler, without a copy: given each message where it lies.
using receive_handler = unique_function<void(incoming&)>;

/// A session with everything it can do. Thread safety and lifetime are those of session_i.
class session : public session_i
{
public:
    using session_i::send;

    /// Queues a message; like `send`, but reports failure in `ec` and throws only std::bad_alloc.
    virtual std::size_t send(std::string_view message, boost::system::error_code& ec) = 0;

    /// Queues a message without copying it if it is large (16 KiB and more).
    virtual std::size_t send_owned(std::string message, boost::system::error_code& ec) = 0;

    /// Opens a message to be encoded in place: append its payload to the string (do not touch what is
    /// in front), then call `end_message` or `cancel_message`, and nothing else of the session before.
    virtual std::string& begin_message() = 0;
    /// Queues the open message, or takes it back: `message_empty`, `message_too_large`, `queue_full`,
    /// `session_closed`.
    virtual void end_message(boost::system::error_code& ec) = 0;
    virtual void cancel_message() noexcept = 0;

    /// Sets the handler of messages as `set_onmessage` does; only one of the two can be set.
    virtual void set_onreceive(receive_handler handler) = 0;

    /// Sets a handler that is called whenever all that was queued has been written.
    virtual void set_ondrain(unique_function<void()> handler) = 0;

    /// Stops reading until `resume_reading`; messages that were received already wait.
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;

    /// Closes at once: what is queued is discarded.
    virtual void abort() = 0;

    virtual bool is_open() const noexcept = 0;                ///< neither closed nor closing
    virtual std::size_t max_message() const noexcept = 0;     ///< bytes, of what can be sent
    virtual std::size_t queued_messages() const noexcept = 0; ///< not yet written whole
    virtual std::size_t queued_bytes() const noexcept = 0;    ///< not yet written, headers included
    /// The framing in use: `framing::detect` until the other end's first byte has arrived.
    virtual oizys::framing framing() const noexcept = 0;
    /// Who connected, as the kernel reported it; all unknown where it does not.
    virtual oizys::credentials credentials() const noexcept = 0;
    virtual boost::asio::any_io_executor get_executor() const noexcept = 0;
};

/// Makes a session of a connected socket. It runs on the socket's executor.
///
/// Nothing is read before a message handler is set.
OIZYS_API std::shared_ptr<session> create_session(boost::asio::local::stream_protocol::socket socket);
OIZYS_API std::shared_ptr<session> create_session(boost::asio::generic::stream_protocol::socket socket,
                                                  session_options const& options);

} // namespace oizys
