// SPDX-License-Identifier: BSL-1.0
//
// Any stream as Asio's and Beast's templates want one: below TLS and WebSocket lies always this one type,
// so that their templates are instantiated once, whatever it adapts.
//
// All that is written is taken at once into one buffer, which leaves in as few writes as the stream below
// allows: what is written in one piece stays in one piece, and a protocol's own frames (a pong, an alert) may come
// between the user's at any time. An asynchronous write completes when the buffer has left, and this is what
// bounds a peer that asks for answers and does not read them; a synchronous one never waits.
#pragma once

#include "stream.hpp"
#include "wire/websocket_input.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace oizys::detail
{

/// Completes an operation of `Owner` by calling `Done`, or tells the owner with `abandon()` when it is destroyed
/// instead: the loop is gone, and what waits for more to come must be let go.
template <class Owner, auto Done>
class completion
{
public:
    explicit completion(std::shared_ptr<Owner> owner) noexcept : owner_{std::move(owner)} {}
    completion(completion&&) noexcept = default;
    completion& operator=(completion&&) = delete;
    ~completion()
    {
        if (owner_)
            owner_->abandon();
    }

    template <class... Args>
    void operator()(Args... args)
    {
        auto const owner = std::move(owner_);
        (owner.get()->*Done)(args...);
    }

private:
    std::shared_ptr<Owner> owner_;
};

/// A stream below another. Moved, never copied; operations keep what they need.
/// @par Thread safety  unsafe: called on the stream's executor.
class stream_layer
{
public:
    using executor_type = boost::asio::any_io_executor;
    using io_handler = boost::asio::any_completion_handler<void(boost::system::error_code, std::size_t)>;

    /// `received` are bytes that were read from the stream already; they are read first.
    explicit stream_layer(std::unique_ptr<stream> below, std::string received = {});
    stream_layer(stream_layer&&) noexcept = default;
    stream_layer& operator=(stream_layer&&) = delete;
    ~stream_layer();

    stream& below() const noexcept;
    executor_type get_executor() const noexcept { return below().get_executor(); }
    stream_layer& lowest_layer() noexcept { return *this; } ///< as asio::ssl::stream asks for it
    using lowest_layer_type = stream_layer;

    /// Puts bytes back in front of what is read next. No read may be pending.
    void unread(std::string_view bytes);

    /// Lets no more than so many bytes be read: what goes beyond fails with `message_size`.
    void limit_reading(std::size_t bytes);
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    /// From now on what is received waits in the buffer that is returned, and which says how much of it each read is
    /// given; it lives as long as the layer. No read may be pending at the first call.
    wire::websocket_input& buffer_input();

    template <class Buffers, class Token>
    auto async_read_some(Buffers const& buffers, Token&& token)
    {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [](auto handler, stream_layer* self, std::span<char> room) {
                self->read(room, io_handler{std::move(handler)});
            },
            token, this, first_of(buffers));
    }

    template <class Buffers, class Token>
    auto async_write_some(Buffers const& buffers, Token&& token)
    {
        auto const size = append(buffers);
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [](auto handler, stream_layer* self, std::size_t n) {
                self->write(n, io_handler{std::move(handler)});
            },
            token, this, size);
    }

    /// Takes all of `buffers`; they leave with the next `flush()`. Succeeds even after a failure, which is told
    /// by `error()`: what was received before may still be read.
    template <class Buffers>
    std::size_t write_some(Buffers const& buffers, boost::system::error_code& ec)
    {
        ec.clear();
        return append(buffers);
    }
    template <class Buffers>
    std::size_t write_some(Buffers const& buffers)
    {
        return append(buffers);
    }

    /// Reads what was received and waits in the buffer; nothing, with `would_block`, where there is nothing.
    template <class Buffers>
    std::size_t read_some(Buffers const& buffers, boost::system::error_code& ec)
    {
        return read_buffered(first_of(buffers), ec);
    }
    /// Only there because the templates ask for it.
    template <class Buffers>
    std::size_t read_some(Buffers const&)
    {
        return 0;
    }

    /// So many bytes are about to be written.
    void expect(std::size_t bytes);
    /// Writes what was taken, as far as the stream below takes it now; the rest follows by itself.
    void flush();
    std::size_t queued() const noexcept; ///< bytes that were taken and have not left
    bool flushed() const noexcept;       ///< nothing is queued here, nor below, and nothing was lost
    std::size_t unread() const noexcept; ///< bytes that are queued here, or not read at the other end
    boost::system::error_code error() const noexcept; ///< the first failure of a write

    /// Waits until nothing is queued here; if nothing is, until that may be so below. At most one wait is
    /// pending. The failure of a write is told to the first wait after the one that met it.
    void async_wait(wait_handler handler);

    void cancel_read(); ///< a pending read completes with `operation_aborted`; writing goes on
    void close();       ///< all operations complete with `operation_aborted`, those to come as well

private:
    class core;

    template <class Buffers>
    static std::span<char> first_of(Buffers const& buffers)
    {
        auto const end = boost::asio::buffer_sequence_end(buffers);
        for (auto at = boost::asio::buffer_sequence_begin(buffers); at != end; ++at)
        {
            boost::asio::mutable_buffer const room{*at};
            if (room.size() != 0)
                return {static_cast<char*>(room.data()), room.size()};
        }
        return {};
    }

    template <class Buffers>
    std::size_t append(Buffers const& buffers)
    {
        std::size_t size = 0;
        auto const end = boost::asio::buffer_sequence_end(buffers);
        for (auto at = boost::asio::buffer_sequence_begin(buffers); at != end; ++at)
        {
            boost::asio::const_buffer const piece{*at};
            take({static_cast<char const*>(piece.data()), piece.size()});
            size += piece.size();
        }
        return size;
    }

    void read(std::span<char> room, io_handler handler);
    void write(std::size_t n, io_handler handler);
    void take(std::string_view bytes);
    std::size_t read_buffered(std::span<char> room, boost::system::error_code& ec);

    std::shared_ptr<core> core_;
};

/// Beast closes a connection that has timed out by this name.
inline void beast_close_socket(stream_layer& layer) { layer.close(); }

} // namespace oizys::detail
