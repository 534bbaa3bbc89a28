// SPDX-License-Identifier: BSL-1.0
//
// Sessions over connected stream sockets, with what a richer user and the layers above need beyond
// session_i: views instead of strings, messages encoded in place, back pressure, credentials.
#pragma once

#include <oizys/api.hpp>
#include <oizys/credentials.hpp>
#include <oizys/function.hpp>
#include <oizys/incoming.hpp>
#include <oizys/negotiation.hpp>
#include <oizys/session_i.hpp>
#include <oizys/unique_fd.hpp>
#include <oizys/wire/framing.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace oizys
{

/// What happens to a message that would exceed max_queued_bytes.
enum class overflow : std::uint8_t
{
    fail,  ///< it is refused; the session goes on
    close, ///< the session ends with `errc::queue_full`
};

/// Options of one session. Every bound applies to this session alone.
///
/// Trivial on purpose, as connect_options is: gcc 12 destroys others twice where they are written in braces within
/// a co_await expression (gcc bug 99576).
struct session_options
{
    oizys::framing framing = framing::header24;
    std::size_t max_message = 16777215;        ///< bytes of one message, received or sent
    std::size_t max_queued_bytes = 64u << 20;  ///< bytes waiting to be written, headers included
    oizys::overflow overflow = overflow::fail; ///< what happens to a message for which there is no room
    /// Bytes waiting to be written above which nothing is read, until half of them are left: who asks and does
    /// not read the answers is not asked for more. Zero: it is read on.
    std::size_t pause_reading_above = 0;
    std::chrono::milliseconds close_timeout{1000}; ///< for sending what is queued when the session is closed
    /// Of an accepted session, from when a handler of messages is set, since nothing is read before: for the first byte
    /// where it detects its framing, and for the handshakes of TLS, WebSockets, shared memory and the negotiated mode.
    /// Without a handler there is no bound. Of `async_open_session`: for all of it. Zero: as long as the other end takes.
    std::chrono::milliseconds handshake_timeout{10000};
    /// While something waits to be written and the other end takes nothing; zero: for ever.
    std::chrono::milliseconds write_timeout{30000};
    /// Without a message in either direction; zero: for ever. Found up to a quarter of it later.
    std::chrono::milliseconds idle_timeout{0};
    negotiation_options negotiation{}; ///< of header24, where both ends want it
};

static_assert(std::is_trivially_destructible_v<session_options>);

/// Like message_handler, without a copy: given each message where it lies.
using receive_handler = unique_function<void(incoming&)>;

/// What a session has moved since it was made.
struct session_counters
{
    std::uint64_t messages_received = 0;
    std::uint64_t messages_sent = 0;    ///< queued, and not refused
    std::uint64_t bytes_received = 0;   ///< framing included
    std::uint64_t bytes_sent = 0;       ///< written; framing included
    std::uint64_t messages_refused = 0; ///< by `send`, for whatever reason
    std::uint64_t messages_dropped = 0; ///< queued, and not written whole when the session ended
};

/// A session with everything it can do. Thread safety and lifetime are those of session_i.
class OIZYS_API session : public session_i
{
public:
    using session_i::send;

    /// Queues a message; like `send`, but reports failure in `ec` and throws only std::bad_alloc.
    virtual std::size_t send(std::string_view message, boost::system::error_code& ec) = 0;

    /// Queues a message without copying it if it is large (16 KiB and more).
    virtual std::size_t send_owned(std::string message, boost::system::error_code& ec) = 0;

    /// Queues a message with descriptors, which the other end's handler finds in `incoming::take_descriptors`. They are
    /// closed here once they are written, or when the message is refused. Only where
    /// `passes_descriptors()`; at most `negotiation.max_descriptors` of both ends.
    /// Errors besides those of `send`: `errc::descriptors_unsupported`, `bad_descriptors` (too many). `queue_full` also
    /// where more than `negotiation.max_queued_descriptors` would wait.
    virtual std::size_t send(std::string_view message, std::vector<unique_fd> descriptors,
                             boost::system::error_code& ec) = 0;

    /// Opens a message to be encoded in place: append its payload to the string (do not touch what is
    /// in front), then call `end_message` or `cancel_message`, and nothing else of the session before.
    virtual std::string& begin_message() = 0;
    /// Queues the open message, or takes it back: `message_empty`, `message_too_large`, `queue_full`,
    /// `session_closed`.
    virtual void end_message(boost::system::error_code& ec) = 0;
    virtual void cancel_message() noexcept = 0;

    /// Sets the handler of messages as `set_onmessage` does; only one of the two can be set.
    virtual void set_onreceive(receive_handler handler) = 0;

    /// Sets a handler that is called whenever all that was queued has been written. Where writing has failed it is
    /// also called when the session is paused; `is_open()` is false then.
    virtual void set_ondrain(unique_function<void()> handler) = 0;

    /// Completes when all that is queued now, and what is queued meanwhile, has been written: soon, if
    /// nothing is. Completes with the error that ended the session if it ends before.
    /// @par Handler       void(error_code); never called inside this function.
    /// @par Cancellation  terminal, partial and total: completes with `operation_aborted`; nothing else happens.
    template <boost::asio::completion_token_for<void(boost::system::error_code)> Token>
    auto async_drain(Token&& token)
    {
        return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
            [](auto handler, session* self) { self->drain(drain_handler{std::move(handler)}); }, token, this);
    }

    /// Delivers nothing until `resume_reading`; messages that were received already wait. Nothing more is read, and the
    /// other end is held back by the socket. In the negotiated mode up to `negotiation.max_held_bytes` are still
    /// read and kept, and pings answered; beyond, the other end is pinged once in each `ping_interval` instead.
    ///
    /// If the other end goes meanwhile, the end is reported behind the messages, after `resume_reading`, or without
    /// them after `write_timeout`.
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
    /// Who connected, as the kernel reported it; all unknown where it does not. Of a Unix socket that is closed uid, gid
    /// and pid stay, so that `onclose` can tell who has gone; groups do not, nor anything of shared memory and children.
    virtual oizys::credentials credentials() const noexcept = 0;
    /// A new descriptor of the process at the other end, see oizys::peer_pidfd; empty where there is none.
    virtual unique_fd peer_pidfd() const noexcept = 0;
    virtual boost::asio::any_io_executor get_executor() const noexcept = 0;

    virtual session_counters counters() const noexcept = 0;
    /// How long the last ping and its pong took; nothing before the first, or where there are none.
    virtual std::optional<std::chrono::nanoseconds> round_trip() const noexcept = 0;
    /// Whether messages can be sent with descriptors.
    virtual bool passes_descriptors() const noexcept = 0;
    /// What was agreed on; nothing where nothing was negotiated (yet).
    virtual std::optional<oizys::serializer> negotiated() const noexcept = 0;

protected:
    using drain_handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;
    virtual void drain(drain_handler handler) = 0;
};

/// Makes a session of a connected socket. It runs on the socket's executor.
///
/// Nothing is read before a message handler is set.
OIZYS_API std::shared_ptr<session> create_session(boost::asio::local::stream_protocol::socket socket);
OIZYS_API std::shared_ptr<session> create_session(boost::asio::generic::stream_protocol::socket socket,
                                                  session_options const& options);

} // namespace oizys
