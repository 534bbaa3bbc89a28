// SPDX-License-Identifier: BSL-1.0
//
// The connection behind a websocket_stream, which it may outlive: it is kept by its operations, and the close frame and
// its answer are still exchanged when nobody holds the stream any more.
#pragma once

#include <oizys/websocket_options.hpp>

#include "stream.hpp"
#include "stream_layer.hpp"
#include "websocket_handshake.hpp"
#include "wire/message_handover.hpp"
#include "wire/message_splitter.hpp"
#include "wire/websocket_input.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace oizys::detail
{

/// See websocket_stream for what its functions do.
class websocket_connection final : public websocket_handshake::owner,
                                   public std::enable_shared_from_this<websocket_connection>
{
public:
    websocket_connection(stream_layer layer, std::string host, std::string target, std::size_t max_message,
                         websocket_options const& options);

    ~websocket_connection();

    stream_layer& layer() noexcept;
    stream_layer const& layer() const noexcept;
    std::string const& protocol() const noexcept { return protocol_; }
    unsigned http_status() const noexcept { return http_status_; }
    bool established() const noexcept { return state_ == state::established; }

    void handshake(wait_handler handler);
    void read(std::span<char> room, read_handler handler);
    std::size_t try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec);
    void wait_writable(wait_handler handler);
    void cancel_read();
    void close();

    /// An operation was destroyed: the loop is gone, and nothing of ours completes any more.
    void abandon() noexcept override;

private:
    enum class state : std::uint8_t
    {
        fresh,
        shaking_hands,
        established,
        failed,
    };

    // The handshake.

    std::shared_ptr<websocket_handshake> begin_handshake();
    void on_handshake_timeout();
    void accept();
    void on_outcome(websocket_handshake::outcome what) override;
    void succeed();

    // Messages. A read waits until Beast has the first of them, or a part of it, and then hands over all that
    // has arrived in whole.

    void read_message();

    /// Beast can tell that the other end is silent only while it is read.
    void watch(bool whether);
    void on_message(boost::system::error_code ec, std::size_t n);

    /// The size of a message is known once it is here, or from its first frame if it has no other.
    bool knows_size();

    /// Beast has sent a close frame that says what was wrong, or has received one.
    void break_off(boost::system::error_code ec);

    /// Hands over what is here, and returns its size.
    std::size_t hand_over(std::span<char> room);

    /// A message that is there in whole: past the buffer, as far as there is room.
    std::size_t hand_over_whole(std::size_t size, std::span<char> room);

    /// Reads what Beast or the layer has.
    std::size_t read_now(std::span<char> room);
    std::size_t send(std::string_view piece, boost::system::error_code& ec);
    void send_message(std::string_view message, boost::system::error_code& ec);
    void on_progress(boost::system::error_code ec);

    // The end.

    /// No byte of the user's will flow. Handlers are posted: this may be called by close().
    void fail(boost::system::error_code ec);
    void on_close_timeout();
    void on_closed(boost::system::error_code);

    /// Reads what the other end was sending when it was refused: a connection that is closed with bytes unread is
    /// reset, and with that the other end loses the answer.
    void drain();
    void on_drained(boost::system::error_code ec, std::size_t);
    void start_timer(std::chrono::milliseconds after, void (websocket_connection::*then)());
    read_handler take_read();

    template <class Handler, class... Args>
    void post(Handler handler, Args... args)
    {
        boost::asio::post(layer().get_executor(), boost::asio::append(std::move(handler), args...));
    }

    websocket_options options_;
    std::string host_;
    std::string target_;
    std::unique_ptr<websocket_socket> socket_;
    boost::asio::steady_timer timer_;                ///< of the handshake, then of closing
    std::shared_ptr<websocket_handshake> handshake_; ///< while it goes on
    std::string protocol_;
    unsigned http_status_ = 0;

    wire::websocket_input* input_ = nullptr; ///< the layer's, once it is established
    wire::message_handover message_;
    wire::message_splitter splitter_;

    std::span<char> room_;
    std::optional<read_handler> on_read_;
    wait_handler on_wait_;
    wait_handler on_handshake_;
    boost::system::error_code error_; ///< why it failed
    state state_ = state::fresh;
    bool reading_ = false;
    bool waiting_ = false;       ///< for the layer
    bool is_still_sent_ = false; ///< what was refused already
    bool closed_ = false;
};

} // namespace oizys::detail
