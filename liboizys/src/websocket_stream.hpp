// SPDX-License-Identifier: BSL-1.0
//
// WebSocket (RFC 6455) over any other stream, in both roles.
#pragma once

#include <oizys/websocket_options.hpp>

#include "stream.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace oizys::detail
{

class websocket_connection;

/// What is written and read are the bytes of `framing::message`: each message with its length in front, in eight
/// bytes, big endian, which do not travel. A message is sent as one frame, as text if it looks like JSON
/// and is UTF-8, else as binary. Received messages are joined from their fragments; empty ones are passed over,
/// since no session can carry them. One read hands over all messages that have arrived, as far as there is room. A long
/// message in one frame is handed over as it comes: where the stream ends, the last message may be there in part.
///
/// Reads end with `eof` when the other end has sent a close frame, `connection_reset` when it has gone without one,
/// `errc::message_too_large`, `errc::handshake_refused`, `errc::handshake_timeout`, `timed_out` (see
/// `websocket_options::idle_timeout`), or with an error of Beast's that says how the protocol was broken, and which
/// the other end was told by a close frame: 1002, or 1007 for text that is not UTF-8, or 1009.
///
/// `close()` sends a close frame. The stream below is closed once the other end has answered, or after
/// `close_timeout`; that goes on by itself, while this object may be gone.
class websocket_stream final : public stream
{
public:
    /// The end that connects, and asks `host` (as the Host header wants it) for `target`.
    static std::unique_ptr<websocket_stream> client(std::unique_ptr<stream> below, std::string host,
                                                    std::string target, std::size_t max_message,
                                                    websocket_options const& options);
    /// The end that accepts. `received` are bytes that were read from the stream already. Requests that are not granted
    /// are answered: 403 to web pages, 404 for a wrong target, 426 if no WebSocket is asked for, 431 if the header is
    /// too long, 400 if it is none.
    static std::unique_ptr<websocket_stream> server(std::unique_ptr<stream> below, std::string received,
                                                    std::size_t max_message,
                                                    websocket_options const& options);
    websocket_stream(websocket_stream const&) = delete;
    websocket_stream& operator=(websocket_stream const&) = delete;
    ~websocket_stream() override;

    /// The sub-protocol agreed upon; empty if there is none.
    std::string const& protocol() const noexcept;
    /// Of the answer to the request, sent or received; 0 before that. What a refusal (`errc::handshake_refused`) said.
    unsigned http_status() const noexcept;

    void async_handshake(wait_handler handler) override;
    bool established() const noexcept override;
    void async_read(std::span<char> room, read_handler handler) override;
    std::size_t try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec) override;
    void async_wait_writable(wait_handler handler) override;
    bool flushed() const noexcept override;
    std::size_t unread() const noexcept override;
    void expect_large_messages() override;
    void cancel_read() override;
    void close() override;
    boost::asio::any_io_executor get_executor() const noexcept override;
    credentials get_credentials() const noexcept override;

private:
    explicit websocket_stream(std::shared_ptr<websocket_connection> made) : connection_{std::move(made)} {}

    std::shared_ptr<websocket_connection> connection_;
};

} // namespace oizys::detail
