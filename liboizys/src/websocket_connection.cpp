// SPDX-License-Identifier: BSL-1.0
#include "websocket_connection.hpp"

#include <oizys/error.hpp>
#include <oizys/timeout.hpp>

#include "websocket_socket.hpp"
#include "wire/message_header.hpp"
#include "wire/utf8.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream_base.hpp>

#include <algorithm>
#include <utility>

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

namespace oizys::detail
{

using boost::system::error_code;

namespace
{

constexpr std::size_t most_header = 14; ///< bytes, of a frame that is masked

asio::mutable_buffer buffer_of(std::span<char> room) { return {room.data(), room.size()}; }

error_code meaning_of(error_code ec)
{
    if (ec == websocket::error::closed)
        return asio::error::eof;
    if (ec == websocket::error::message_too_big)
        return errc::message_too_large;
    if (ec == boost::beast::error::timeout)
        return asio::error::timed_out;
    if (ec == asio::error::eof)
        return asio::error::connection_reset; // the other end did not say that it would go
    return ec;
}

} // namespace

websocket_connection::websocket_connection(stream_layer layer, std::string host, std::string target,
                                           std::size_t max_message, websocket_options const& options)
    : options_{options}
    , host_{std::move(host)}
    , target_{std::move(target)}
    , socket_{std::make_unique<websocket_socket>(std::move(layer))}
    , timer_{socket_->get_executor()}
    , splitter_{max_message}
{
    socket_->auto_fragment(false);
    socket_->read_message_max(max_message);
}

websocket_connection::~websocket_connection() = default;

stream_layer& websocket_connection::layer() noexcept { return socket_->next_layer(); }

stream_layer const& websocket_connection::layer() const noexcept { return socket_->next_layer(); }

void websocket_connection::handshake(wait_handler handler)
{
    on_handshake_ = std::move(handler);
    begin_handshake()->connect(host_, target_);
}

void websocket_connection::read(std::span<char> room, read_handler handler)
{
    if (state_ == state::failed)
        return post(std::move(handler), error_, std::size_t{0});
    if (auto const n = hand_over(room); n != 0)
        return post(std::move(handler), error_code{}, n);
    if (state_ == state::failed)
        return post(std::move(handler), error_, std::size_t{0});
    room_ = room;
    on_read_.emplace(std::move(handler));
    state_ == state::established ? read_message() : accept();
}

std::size_t websocket_connection::try_write(std::span<std::string_view const> pieces, error_code& ec)
{
    ec = state_ == state::failed ? error_ : layer().error();
    bool const has_closed = state_ == state::established && !socket_->is_open();
    if (ec == asio::error::eof || (!ec && has_closed))
        ec = asio::error::broken_pipe;
    if (ec)
        return 0;
    std::size_t taken = 0;
    if (state_ == state::established)
        for (auto piece : pieces)
            taken += send(piece, ec);
    layer().flush();
    if (taken == 0 && !ec)
        ec = asio::error::would_block;
    return ec ? 0 : taken;
}

void websocket_connection::wait_writable(wait_handler handler)
{
    if (state_ == state::failed)
        return post(std::move(handler), error_);
    on_wait_ = std::move(handler);
    if (state_ != state::established)
        return accept();
    if (!std::exchange(waiting_, true)) // else one goes on whose handler was cancelled
        layer().async_wait(
            completion<websocket_connection, &websocket_connection::on_progress>{shared_from_this()});
}

void websocket_connection::cancel_read()
{
    // The WebSocket is read into memory of our own: that goes on.
    error_code const aborted = asio::error::operation_aborted;
    if (on_wait_)
        post(std::exchange(on_wait_, {}), aborted);
    if (on_read_)
        post(take_read(), aborted, std::size_t{0});
}

void websocket_connection::close()
{
    if (std::exchange(closed_, true))
        return;
    bool const can_say_goodbye = state_ == state::established && socket_->is_open() && !layer().error();
    fail(asio::error::operation_aborted);
    timer_.cancel();
    if (!can_say_goodbye && !is_still_sent_)
        return layer().close();
    start_timer(options_.close_timeout, &websocket_connection::on_close_timeout);
    if (can_say_goodbye)
        socket_->async_close(
            websocket::close_code::normal,
            completion<websocket_connection, &websocket_connection::on_closed>{shared_from_this()});
    else
        drain();
}

void websocket_connection::abandon() noexcept
{
    auto const self = shared_from_this();
    closed_ = true; // a close frame would wait for ever to be answered
    handshake_.reset();
    on_read_.reset();
    on_wait_ = nullptr;
    on_handshake_ = nullptr;
}

// --- the handshake

std::shared_ptr<websocket_handshake> websocket_connection::begin_handshake()
{
    state_ = state::shaking_hands;
    handshake_ = std::make_shared<websocket_handshake>(shared_from_this(), *socket_, options_);
    if (options_.handshake_timeout.count() != 0)
        start_timer(options_.handshake_timeout, &websocket_connection::on_handshake_timeout);
    return handshake_;
}

void websocket_connection::on_handshake_timeout()
{
    if (state_ != state::shaking_hands)
        return;
    fail(errc::handshake_timeout);
    layer().close();
}

void websocket_connection::accept()
{
    if (state_ == state::fresh)
        begin_handshake()->accept();
}

void websocket_connection::on_outcome(websocket_handshake::outcome what)
{
    protocol_ = std::move(what.protocol);
    http_status_ = what.http_status;
    is_still_sent_ = what.is_still_sent;
    what.error ? fail(what.error) : succeed();
}

void websocket_connection::succeed()
{
    state_ = state::established;
    timer_.cancel();
    handshake_.reset();
    input_ = &layer().buffer_input();
    input_->begin_frames();
    auto const self = shared_from_this(); // handlers may drop the stream
    if (on_read_)
        read_message();
    if (on_handshake_)
        std::exchange(on_handshake_, {})(error_code{});
    if (on_wait_)
        std::exchange(on_wait_, {})(error_code{});
}

// --- messages

void websocket_connection::read_message()
{
    if (std::exchange(reading_, true))
        return;
    watch(true);
    socket_->async_read_some(
        buffer_of(message_.prepare()),
        completion<websocket_connection, &websocket_connection::on_message>{shared_from_this()});
}

void websocket_connection::watch(bool whether)
{
    if (options_.idle_timeout.count() == 0)
        return;
    auto const never = websocket::stream_base::none();
    websocket::stream_base::timeout const limits{
        .handshake_timeout = never, .idle_timeout = never, .keep_alive_pings = true};
    auto watched = limits;
    watched.idle_timeout = clamp_timeout(options_.idle_timeout);
    socket_->set_option(whether ? watched : limits);
}

void websocket_connection::on_message(error_code ec, std::size_t n)
{
    reading_ = false;
    if (state_ != state::established)
        return;
    if (ec)
        return break_off(ec);
    message_.commit(n);
    if (!message_.has_begun() && !knows_size())
        return read_message(); // more fragments, or the next message: this one is empty
    watch(false);
    if (!on_read_)
        return;
    auto handler = take_read();
    auto const handed_over = hand_over(room_);
    handler(error_code{}, handed_over);
}

bool websocket_connection::knows_size()
{
    auto const& frame = input_->frame();
    if (socket_->is_message_done())
        message_.begin(message_.received());
    else if (frame.is_final && frame.begins_message())
        message_.begin(static_cast<std::size_t>(frame.size));
    return message_.has_begun();
}

void websocket_connection::break_off(error_code ec)
{
    is_still_sent_ =
        ec == websocket::condition::protocol_violation || ec == websocket::error::message_too_big;
    layer().flush();
    fail(meaning_of(ec));
}

std::size_t websocket_connection::hand_over(std::span<char> room)
{
    auto n = message_.hand_out(room);
    while (n < room.size() && state_ == state::established)
    {
        auto const next = message_.has_begun() ? std::nullopt : input_->whole_message();
        if (next)
            n += hand_over_whole(*next, room.subspan(n));
        else if (message_.has_begun() && input_->has_rest())
        {
            auto const more = read_now(room.subspan(n));
            message_.passed(more);
            n += more;
        }
        else
            break;
    }
    return n;
}

std::size_t websocket_connection::hand_over_whole(std::size_t size, std::span<char> room)
{
    if (size == 0)
    {
        char nothing = 0;
        return read_now({&nothing, 1});
    }
    message_.begin(size);
    auto n = message_.hand_out(room);
    if (n == room.size())
        return n;
    auto const payload = read_now(room.subspan(n));
    message_.passed(payload);
    return n + payload;
}

std::size_t websocket_connection::read_now(std::span<char> room)
{
    error_code ec;
    auto const n = socket_->read_some(buffer_of(room), ec);
    if (ec)
        break_off(ec);
    return ec ? 0 : n;
}

std::size_t websocket_connection::send(std::string_view piece, error_code& ec)
{
    auto const size = piece.size();
    while (!piece.empty() && !ec)
    {
        if (splitter_.between_messages() && layer().queued() >= options_.write_buffer)
            break;
        auto const step = splitter_.next(piece);
        if (step.found)
            send_message(step.message, ec);
        else
            ec = step.error;
    }
    return size - piece.size();
}

void websocket_connection::send_message(std::string_view message, error_code& ec)
{
    layer().expect(message.size() + most_header);
    socket_->text(wire::looks_like_json(message));
    socket_->write(asio::buffer(message.data(), message.size()), ec);
}

void websocket_connection::on_progress(error_code ec)
{
    waiting_ = false;
    if (on_wait_)
        std::exchange(on_wait_, {})(ec);
}

// --- the end

void websocket_connection::fail(error_code ec)
{
    state_ = state::failed;
    error_ = ec;
    timer_.cancel();
    if (handshake_)
        std::exchange(handshake_, {})->stop();
    if (on_read_)
        post(take_read(), ec, std::size_t{0});
    if (on_wait_)
        post(std::exchange(on_wait_, {}), ec);
    if (on_handshake_)
        post(std::exchange(on_handshake_, {}), ec);
}

void websocket_connection::on_close_timeout() { layer().close(); }

void websocket_connection::on_closed(error_code)
{
    timer_.cancel();
    layer().close(); // error ignored: the other end has answered, or never will
}

void websocket_connection::drain()
{
    layer().async_read_some(
        buffer_of(message_.prepare()),
        completion<websocket_connection, &websocket_connection::on_drained>{shared_from_this()});
}

void websocket_connection::on_drained(error_code ec, std::size_t)
{
    if (!ec)
        return drain();
    timer_.cancel();
    layer().close();
}

void websocket_connection::start_timer(std::chrono::milliseconds after, void (websocket_connection::*then)())
{
    timer_.expires_after(clamp_timeout(after));
    timer_.async_wait([weak = weak_from_this(), then](error_code ec) {
        if (auto const self = weak.lock(); self && !ec)
            (self.get()->*then)();
    });
}

read_handler websocket_connection::take_read()
{
    auto handler = std::move(*on_read_);
    on_read_.reset();
    return handler;
}

} // namespace oizys::detail
