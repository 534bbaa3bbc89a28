// SPDX-License-Identifier: BSL-1.0
//
// The session over any stream: moves bytes between the stream, the receive buffer, the framer and the
// send queue, and calls the user's handlers. What a stream must offer is the concept below.
#pragma once

#include <oizys/error.hpp>
#include <oizys/session.hpp>
#include <oizys/timeout.hpp>
#include <oizys/wire/framer.hpp>

#include "wire/receive_buffer.hpp"
#include "wire/send_queue.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>

namespace oizys::detail
{

// Version 14 breaks the lines of compound requirements:
// clang-format off

/// A connected stream: reads asynchronously, writes without blocking and waits to be able to.
template <class S>
concept stream = requires(S s, std::span<char> room, std::span<std::string_view const> pieces,
                          boost::system::error_code& ec,
                          void (*on_read)(boost::system::error_code, std::size_t),
                          void (*on_writable)(boost::system::error_code))
{
    s.async_read(room, on_read);
    { s.try_write(pieces, ec) } -> std::same_as<std::size_t>;
    s.async_wait_writable(on_writable);
    s.expect_large_messages();
    s.cancel_read();
    s.close();
    { s.get_executor() } -> std::convertible_to<boost::asio::any_io_executor>;
    { s.get_credentials() } -> std::same_as<credentials>;
};

// clang-format on

/// Owned by its pending operations and by the user's handle (see make_handle): when the handle goes,
/// the handlers go with it, and what is queued is still sent within close_timeout.
template <stream Stream>
class stream_session final : public session, public std::enable_shared_from_this<stream_session<Stream>>
{
public:
    stream_session(Stream stream, session_options const& options)
        : stream_{std::move(stream)}
        , framer_{options.framing, options.max_message}
        , output_{options.framing}
        , options_{options}
    {
    }

    std::size_t send(std::string const& message) override
    {
        boost::system::error_code ec;
        auto const queued = send(std::string_view{message}, ec);
        if (ec)
            throw boost::system::system_error{ec, "oizys::session::send"};
        return queued;
    }

    std::size_t send(std::string_view message, boost::system::error_code& ec) override
    {
        if (refuses(message.size(), ec))
            return output_.messages();
        if (message.size() >= write_past_from && output_.empty() && !delivering_)
            return write_past_queue(message);
        output_.push(message);
        return queued();
    }

    std::size_t send_owned(std::string message, boost::system::error_code& ec) override
    {
        if (refuses(message.size(), ec))
            return output_.messages();
        output_.push_owned(std::move(message));
        return queued();
    }

    std::string& begin_message() override { return output_.open(); }

    void end_message(boost::system::error_code& ec) override
    {
        if (refuses(output_.open_size(), ec))
            return output_.cancel();
        output_.commit();
        queued();
    }

    void cancel_message() noexcept override { output_.cancel(); }

    void set_onmessage(message_handler handler) override
    {
        set_onreceive([handler = std::move(handler), text = std::string{}](incoming& message) mutable {
            if (message.view().size() > kept_text)
                return handler(message.take());
            text.assign(message.view());
            handler(text);
        });
    }

    void set_onreceive(receive_handler handler) override
    {
        if (has_onreceive_)
            throw std::logic_error{"oizys: a message handler is set already"};
        has_onreceive_ = true;
        if (state_ != state::open)
            return;
        onreceive_ = std::move(handler);
        start_handshake_timer();
        read(this->shared_from_this());
    }

    void set_onclose(close_handler handler) override
    {
        if (has_onclose_)
            throw std::logic_error{"oizys: a close handler is set already"};
        has_onclose_ = true;
        onclose_ = std::move(handler);
        if (state_ == state::closed)
            report_close();
    }

    void set_ondrain(unique_function<void()> handler) override { ondrain_ = std::move(handler); }

    void pause_reading() override { paused_ = true; }

    void resume_reading() override
    {
        if (!std::exchange(paused_, false) || state_ != state::open || reading_ || delivering_ ||
            !has_onreceive_)
            return;
        reading_ = true; // as if a read had just completed: messages may be waiting in the buffer
        boost::asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
            self->reading_ = false;
            self->deliver(self);
        });
    }

    void close() override
    {
        if (state_ != state::open)
            return;
        auto const self = this->shared_from_this();
        state_ = state::closing;
        stream_.cancel_read();
        flush();
        if (state_ == state::closing)
            start_timer(options_.close_timeout, errc::close_timeout);
    }

    void abort() override
    {
        if (state_ != state::closed)
            finish({});
    }

    bool is_open() const noexcept override { return state_ == state::open && !write_error_; }
    std::size_t max_message() const noexcept override
    {
        return std::min(options_.max_message, output_.max_payload());
    }
    std::size_t queued_messages() const noexcept override { return output_.messages(); }
    std::size_t queued_bytes() const noexcept override { return output_.bytes(); }
    oizys::framing framing() const noexcept override { return framer_.kind(); }
    oizys::credentials credentials() const noexcept override { return stream_.get_credentials(); }
    boost::asio::any_io_executor get_executor() const noexcept override { return stream_.get_executor(); }

    /// The user's handle is gone: nobody is told anything any more.
    void release()
    {
        auto const onclose = std::exchange(onclose_, {});
        // While it runs, deliver() lets it go.
        auto const onreceive = delivering_ ? receive_handler{} : std::exchange(onreceive_, {});
        auto const ondrain = std::exchange(ondrain_, {});
        released_ = true;
        close();
    }

private:
    enum class state : std::uint8_t
    {
        open,
        closing, ///< nothing is read; what is queued is still being written
        closed,
    };

    static constexpr std::size_t write_past_from =
        65536; ///< bytes; from here a copy costs more than a system call
    static constexpr std::size_t large_from = 131072; ///< bytes; from here larger socket buffers pay
    static constexpr std::size_t kept_text = 16384; ///< bytes of a message copied into a string that is kept

    // --- sending

    bool refuses(std::size_t size, boost::system::error_code& ec) const noexcept
    {
        bool const accepted = state_ == state::open && !cannot_write_ && size != 0 &&
                              size <= options_.max_message && output_.framing() == framing::header24 &&
                              size <= wire::header24_max_payload &&
                              output_.bytes() + wire::header24_size + size <= options_.max_queued_bytes;
        ec = accepted ? boost::system::error_code{} : refusal(size);
        return ec.failed();
    }

    // The long way, which names what is wrong, and the only one for the other framings.
    boost::system::error_code refusal(std::size_t size) const noexcept
    {
        if (state_ != state::open || cannot_write_)
            return errc::session_closed;
        if (output_.framing() == framing::detect)
            return errc::unknown_protocol;
        if (size == 0)
            return errc::message_empty;
        if (size > options_.max_message || size > output_.max_payload())
            return errc::message_too_large;
        if (output_.bytes() + output_.overhead() + size > options_.max_queued_bytes)
            return errc::queue_full;
        return {};
    }

    // Whatever is sent in one turn leaves in one write: at the end of the batch of messages that is being
    // delivered, or else when the loop comes to what is posted here.
    std::size_t queued()
    {
        if (!delivering_ && !flush_posted_ && !waiting_)
            post_flush();
        return output_.messages();
    }

    void post_flush()
    {
        flush_posted_ = true;
        boost::asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
            self->flush_posted_ = false;
            self->flush();
        });
    }

    // A large message is written from where it lies; only what the socket does not take is copied.
    std::size_t write_past_queue(std::string_view message)
    {
        if (message.size() >= large_from)
            stream_.expect_large_messages();
        char room[4];
        std::array<std::string_view, 3> const pieces{output_.header_for(message.size(), room), message,
                                                     output_.trailer()};
        boost::system::error_code ec;
        auto const written = stream_.try_write(pieces, ec);
        if (written == pieces[0].size() + pieces[1].size() + pieces[2].size())
        {
            drained_ = true;
            if (!flush_posted_)
                post_flush(); // tells the drain handler
            return 1;         // this one, which never was in the queue
        }
        output_.push_rest(message, written); // an error is met, and reported, by the flush
        return queued();
    }

    void flush()
    {
        if (state_ == state::closed || waiting_)
            return;
        if (output_.bytes() >= large_from)
            stream_.expect_large_messages();
        drained_ = drained_ || !output_.empty();
        if (auto const ec = write(); ec == boost::asio::error::would_block)
            return wait_writable();
        else if (ec)
            return on_write_error(ec);
        if (state_ == state::closing)
            return finish(write_error_);
        if (std::exchange(drained_, false) && ondrain_)
            call_ondrain();
    }

    // Writes all that is queued, or as much as the stream takes.
    boost::system::error_code write()
    {
        boost::system::error_code ec;
        while (!output_.empty() && !ec.failed())
        {
            std::array<std::string_view, 16> pieces;
            auto const used = output_.gather(pieces);
            auto const written = stream_.try_write(std::span{pieces}.first(used), ec);
            if (!ec)
                output_.consume(written);
        }
        return ec;
    }

    // The other end reads no more, but what it sent before is still to be received.
    void on_write_error(boost::system::error_code ec)
    {
        bool const receives = state_ == state::open && has_onreceive_ && !paused_;
        if (!receives)
            return finish(ec);
        write_error_ = ec;
        cannot_write_ = true;
        output_.clear();
    }

    void wait_writable()
    {
        waiting_ = true;
        stream_.async_wait_writable([self = this->shared_from_this()](boost::system::error_code ec) {
            self->waiting_ = false;
            if (self->state_ == state::closed)
                return;
            if (ec && ec != boost::asio::error::operation_aborted)
                return self->finish(ec);
            self->flush(); // aborted: close() cancelled the read and this wait with it
        });
    }

    void call_ondrain()
    {
        auto handler = std::exchange(ondrain_, {});
        auto const self = this->shared_from_this();
        try
        {
            handler();
        }
        catch (...)
        {
            return finish(errc::handler_failed); // what was thrown has no place in an error code
        }
        if (state_ == state::open && !released_ && !ondrain_)
            ondrain_ = std::move(handler);
    }

    // --- receiving

    void read(std::shared_ptr<stream_session> self)
    {
        if (state_ != state::open || paused_ || reading_)
            return;
        reading_ = true;
        stream_.async_read(buffer_.prepare(), pending_read{std::move(self)});
    }

    // A read that is destroyed instead of called has lost its loop. Handlers that own the session, as
    // `[session](auto& message) { session->send(message); }` does, would then keep it for ever.
    struct pending_read
    {
        explicit pending_read(std::shared_ptr<stream_session> s) noexcept : self{std::move(s)} {}
        pending_read(pending_read&&) noexcept = default;
        ~pending_read()
        {
            if (self)
                self->abandon();
        }
        void operator()(boost::system::error_code ec, std::size_t n)
        {
            auto& session = *self;
            session.reading_ = false;
            session.on_read(ec, n, std::move(self));
        }

        std::shared_ptr<stream_session> self;
    };

    void abandon()
    {
        state_ = state::closed;
        release();
    }

    void on_read(boost::system::error_code ec, std::size_t n, std::shared_ptr<stream_session> self)
    {
        if (state_ != state::open)
            return;
        if (ec.failed())
            return finish(write_error_ ? write_error_ : ec);
        buffer_.commit(n);
        deliver(std::move(self));
    }

    // Hands over all whole messages that are there, then writes what the handler sent, then reads on.
    // The handler may close or release this session; it stays where it is until it has returned.
    void deliver(std::shared_ptr<stream_session> self)
    {
        delivering_ = true;
        boost::system::error_code failure;
        while (state_ == state::open && !paused_ && deliver_one(failure)) {}
        delivering_ = false;
        if (released_ || state_ == state::closed)
            auto const gone = std::exchange(onreceive_, {});
        if (failure)
        {
            write(); // what was answered before; what the stream does not take now is lost with the session
            return finish(failure);
        }
        flush();
        read(std::move(self));
    }

    // Returns whether there may be another message.
    bool deliver_one(boost::system::error_code& failure)
    {
        if (buffer_.receives_large())
        {
            if (!buffer_.large_complete())
                return false;
            auto own = buffer_.take_large();
            incoming message{own};
            return call(message, failure);
        }
        if (buffer_.empty())
            return false;
        if (output_.framing() == framing::header24)
        {
            if (auto const payload = framer_.whole_header24(buffer_.data()); !payload.empty())
            {
                buffer_.consume(wire::header24_size + payload.size());
                incoming message{payload};
                return call(message, failure);
            }
        }
        auto const step = framer_.next(buffer_.data());
        if (output_.framing() == framing::detect && !detecting())
            detected();
        switch (step.what)
        {
        case wire::frame_step::status::need_more:
            if (step.size >= large_from)
                stream_.expect_large_messages();
            buffer_.expect(step.size, step.exact, step.payload_offset);
            return false;
        case wire::frame_step::status::skip: buffer_.consume(step.size); return true;
        case wire::frame_step::status::failed: failure = step.error; return false;
        case wire::frame_step::status::frame: break;
        }
        buffer_.consume(step.size);
        incoming message{step.payload};
        return call(message, failure);
    }

    bool call(incoming& message, boost::system::error_code& failure)
    {
        try
        {
            onreceive_(message);
            return true;
        }
        catch (...)
        {
            failure = errc::handler_failed; // what was thrown has no place in an error code
            return false;
        }
    }

    // --- opening and closing

    void start_handshake_timer()
    {
        if (detecting() && options_.handshake_timeout.count() != 0)
            start_timer(options_.handshake_timeout, errc::handshake_timeout);
    }

    void detected()
    {
        output_.set_framing(framer_.kind());
        timer_.reset();
    }

    void start_timer(std::chrono::milliseconds after, errc why)
    {
        timer_ = std::make_unique<boost::asio::steady_timer>(stream_.get_executor(), clamp_timeout(after));
        timer_->async_wait([self = this->shared_from_this(), why](boost::system::error_code ec) {
            // It may have expired in the turn in which it was no longer wanted.
            bool const wanted = why == errc::close_timeout ? self->state_ == state::closing
                                                           : self->state_ == state::open && self->detecting();
            if (!ec && wanted)
                self->finish(why);
        });
    }

    bool detecting() const noexcept { return framer_.kind() == framing::detect; }

    void finish(boost::system::error_code why)
    {
        auto const self = this->shared_from_this(); // releasing a handler may drop the last reference
        state_ = state::closed;
        why_ = why;
        stream_.close();
        timer_.reset();
        output_.clear();
        report_close();
    }

    // Posted, so that no handler runs within close() or set_onclose(); the handlers of messages are kept
    // until then, because one of them may be what is calling.
    void report_close()
    {
        boost::asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
            // A handler of messages may be running the loop: deliver() lets it go then.
            auto const onreceive =
                self->delivering_ ? receive_handler{} : std::exchange(self->onreceive_, {});
            auto const ondrain = std::exchange(self->ondrain_, {});
            auto const onclose = std::exchange(self->onclose_, {});
            if (!onclose)
                return;
            try
            {
                onclose(self->why_);
            }
            catch (...) // the session is closed and its user was told: nobody is left to report this to
            {
            }
        });
    }

    Stream stream_;
    wire::receive_buffer buffer_;
    wire::framer framer_;
    wire::send_queue output_;
    session_options options_;
    receive_handler onreceive_;
    unique_function<void()> ondrain_;
    close_handler onclose_;
    std::unique_ptr<boost::asio::steady_timer> timer_; ///< of the handshake or of closing
    boost::system::error_code why_;                    ///< it was closed
    boost::system::error_code write_error_;            ///< nothing can be sent any more
    state state_ = state::open;
    bool cannot_write_ = false; ///< write_error_ is set
    bool has_onreceive_ = false;
    bool has_onclose_ = false;
    bool released_ = false;
    bool paused_ = false;
    bool reading_ = false;
    bool delivering_ = false;
    bool waiting_ = false; ///< for the stream to become writable
    bool flush_posted_ = false;
    bool drained_ = false; ///< something was written since `ondrain` was last called
};

/// What the user holds: when its last copy goes, the session is released.
template <stream Stream>
std::shared_ptr<session> make_handle(Stream stream, session_options const& options)
{
    auto owner = std::make_shared<stream_session<Stream>>(std::move(stream), options);
    auto* const session = owner.get();
    // Moved out, because a weak_ptr of the user's keeps this deleter.
    return {session,
            [owner = std::move(owner)](oizys::session*) mutable { std::exchange(owner, {})->release(); }};
}

} // namespace oizys::detail
