// SPDX-License-Identifier: BSL-1.0
#include "stream_session.hpp"

#include <oizys/timeout.hpp>

#include "wire/spare_memory.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace oizys::detail
{

namespace
{

constexpr std::size_t kept_text = 16384; ///< bytes of a message copied into a string that is kept
constexpr char first_byte_of_http = 'G'; ///< of GET, which asks for a WebSocket

} // namespace

void stream_session::set_onmessage(message_handler handler)
{
    set_onreceive([handler = std::move(handler), text = std::string{}](incoming& message) mutable {
        if (message.view().size() > kept_text)
            return handler(message.take());
        text.assign(message.view());
        handler(text);
    });
}

void stream_session::set_onreceive(receive_handler handler)
{
    if (has_onreceive_)
        throw std::logic_error{"oizys: a message handler is set already"};
    has_onreceive_ = true;
    if (state_ != state::open)
        return;
    onreceive_ = std::move(handler);
    auto const now = [] { return session_watch::clock::now(); };
    bool const opens = !knows_framing() || !stream_->established();
    if (opens && options_->handshake_timeout > std::chrono::milliseconds::zero())
        watch().deadlines.start_handshake(now() + clamp_timeout(options_->handshake_timeout));
    if (options_->idle_timeout > std::chrono::milliseconds::zero())
        watch().deadlines.start_idle(now());
    if (watch_)
        arm();
    if (buffer_.empty() && !buffer_.receives_large() && !holds())
        read(shared_from_this());
    else
        post_deliver(); // what came while this session opened
}

void stream_session::pause_reading()
{
    paused_ = true;
    if (cannot_write_ && state_ == state::open)
        bound_pause();
}

void stream_session::resume_reading()
{
    if (!std::exchange(paused_, false) || state_ != state::open)
        return;
    if (cannot_write_ && watch_)
        watch_->deadlines.end_close();
    if (delivering_ || !has_onreceive_ || (reading_ && !holds()))
        return;
    post_deliver(); // messages may be waiting in the buffer
}

// The other end has gone, and nobody takes what it had sent: that must not last.
void stream_session::bound_pause()
{
    if (ondrain_) // who paused until all is written waits for that
    {
        drained_ = true;
        if (!flush_posted_)
            post_flush();
    }
    if (options_->write_timeout <= std::chrono::milliseconds::zero())
        return;
    watch().deadlines.start_close(session_watch::clock::now() + clamp_timeout(options_->write_timeout));
    arm();
}

// As if a read had just completed.
void stream_session::post_deliver()
{
    if (std::exchange(deliver_posted_, true))
        return;
    boost::asio::post(stream_->get_executor(), [self = shared_from_this()] {
        self->deliver_posted_ = false;
        self->deliver(self);
    });
}

// Whether messages that nobody wants now are received and kept, for the sake of the pings behind them.
bool stream_session::may_hold() const noexcept
{
    if (!linked() || state_ != state::open || held_back_ || !is_unwanted() || negotiation_->is_full)
        return false;
    return room_to_hold() > 0 &&
           negotiation_->held.descriptors() <= options_->negotiation.max_queued_descriptors;
}

// Bytes; the parts of a message that is not whole yet count as well.
std::size_t stream_session::room_to_hold() const noexcept
{
    auto const used = negotiation_->held.bytes() + negotiation_->link->joined_bytes();
    auto const most = options_->negotiation.max_held_bytes;
    return most - std::min(most, used);
}

void stream_session::read(std::shared_ptr<stream_reader> self)
{
    if (reading_ || deliver_posted_ || cannot_receive_)
        return;
    bool const wants = may_deliver() && (has_onreceive_ || negotiating());
    if (!wants && !may_hold())
        return;
    reading_ = true;
    stream_->async_read(buffer_.prepare(), read_handler{std::move(self)});
}

// Handlers that own the session, as `[session](auto& message) { session->send(message); }` does, would
// otherwise keep it for ever.
void stream_session::abandon() noexcept
{
    state_ = state::closed;
    release();
}

void stream_session::on_read(boost::system::error_code ec, std::size_t n, std::shared_ptr<stream_reader> self)
{
    reading_ = false;
    if (state_ != state::open)
        return;
    if (ec.failed())
        return end_receiving(cannot_write_ ? why_ : ec);
    if (negotiation_ && negotiation_->descriptors.size() > most_queued_descriptors())
        return end_receiving(errc::bad_descriptors);
    buffer_.commit(n);
    counters_.bytes_received += n;
    if (watch_)
        watch_->deadlines.on_received();
    if (!delivering_) // a handler that is given what was held may be running the loop: then deliver() goes on
        deliver(std::move(self));
}

// Nothing more will come. What is held is delivered first.
void stream_session::end_receiving(boost::system::error_code why)
{
    if (!holds())
        return finish(why);
    cannot_receive_ = true;
    cannot_send(why);
}

// Hands over all whole messages that are there, then writes what the handler sent, then reads on.
// The handler may close or release this session; it stays where it is until it has returned.
void stream_session::deliver(std::shared_ptr<stream_reader> self)
{
    do
    {
        delivering_ = true;
        boost::system::error_code failure;
        if (negotiation_)
            deliver_held(failure);
        // While a read is pending, all that it found was looked at before.
        if (!reading_ && !cannot_receive_ && !failure)
            while ((may_deliver() || may_hold()) && deliver_one(failure)) {}
        delivering_ = false;
        if (released_ || state_ == state::closed)
            auto const gone = std::exchange(onreceive_, {});
        if (failure)
        {
            write(); // what was answered before; what the stream does not take now is lost with the session
            return end_receiving(failure);
        }
        if (cannot_receive_ && may_deliver() && !holds())
            return finish(why_);
        flush();
    } while (held_back_ && state_ == state::open && relieved());
    read(std::move(self));
}

// Whether so much has been written that messages may be handed over again.
bool stream_session::relieved() noexcept
{
    if (!cannot_write_ && queued_bytes() > options_->pause_reading_above / 2)
        return false;
    held_back_ = false;
    return true;
}

void stream_session::deliver_held(boost::system::error_code& failure)
{
    negotiation_->is_full = false;
    while (has_onreceive_ && may_deliver() && holds())
    {
        auto held = negotiation_->held.take();
        incoming message =
            held.shared ? incoming{held.view, &held.descriptors} : incoming{held.own, &held.descriptors};
        if (!call(message, failure))
            return negotiation_->held.clear(); // nobody is left whom to give them
    }
}

// Returns whether there may be another message.
bool stream_session::deliver_one(boost::system::error_code& failure)
{
    if (buffer_.receives_large())
    {
        if (buffer_.large_complete())
            return deliver_large(failure);
        if (linked() && is_unwanted())
            negotiation_->is_full = buffer_.large_size() > room_to_hold();
        return false;
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
    if (asks_to_negotiate())
        negotiate(wire::hello_exchange::role::accepting);
    if (negotiating())
        return negotiate_more(failure);
    if (!has_onreceive_ && !may_hold())
        return false; // it has opened, and nobody wants messages yet
    if (detecting() && buffer_.data().front() == first_byte_of_http)
        return become_websocket();
    auto const step = framer_.next(buffer_.data());
    if (output_.framing() == framing::detect && !detecting())
        detected();
    switch (step.what)
    {
    case wire::frame_step::status::need_more:
        if (linked() && is_unwanted() && step.size > room_to_hold())
        {
            negotiation_->is_full = true;
            return false;
        }
        if (step.size >= large_message)
            stream_->expect_large_messages();
        if (negotiation_)
            negotiation_->large_type = step.type;
        buffer_.expect(step.size, step.exact, step.payload_offset);
        return false;
    case wire::frame_step::status::skip: buffer_.consume(step.size); return true;
    case wire::frame_step::status::failed: failure = step.error; return false;
    case wire::frame_step::status::frame: break;
    }
    buffer_.consume(step.size);
    if (negotiation_)
        return deliver_linked(step.type, step.payload, nullptr, failure);
    incoming message{step.payload};
    return call(message, failure);
}

bool stream_session::deliver_large(boost::system::error_code& failure)
{
    auto own = buffer_.take_large();
    bool goes_on = false;
    if (negotiation_)
        goes_on = deliver_linked(negotiation_->large_type, own, &own, failure);
    else
    {
        incoming message{own};
        goes_on = call(message, failure);
    }
    wire::spare_memory::give(std::move(own)); // unless the handler has taken it
    return goes_on;
}

// `own`: where the payload lies, if that can be given away.
bool stream_session::deliver_linked(std::uint8_t type, std::string_view payload, std::string* own,
                                    boost::system::error_code& failure)
{
    auto& link = *negotiation_->link;
    received_message received;
    switch (link.on_frame(type, payload, negotiation_->descriptors, received, failure))
    {
    case negotiated_link::arrival::nothing: return !failure;
    case negotiated_link::arrival::pong: link.on_pong(payload, session_watch::clock::now()); return true;
    case negotiated_link::arrival::ping: answer_ping(payload, failure); return !failure;
    case negotiated_link::arrival::message: break;
    }
    if (is_unwanted())
    {
        negotiation_->held.add(std::move(received), own);
        return true;
    }
    if (received.view.data() == received.own.data())
        own = &received.own;
    else if (own != nullptr && (received.view.data() != own->data() || received.view.size() != own->size()))
        own = nullptr;
    if (own == nullptr)
    {
        incoming message{received.view, &received.descriptors};
        return call(message, failure);
    }
    incoming message{*own, &received.descriptors};
    auto const goes_on = call(message, failure);
    wire::spare_memory::give(std::move(received.own)); // unless the handler has taken it
    return goes_on;
}

// A full queue of messages is no reason not to answer: pongs have a bound of their own.
void stream_session::answer_ping(std::string_view payload, boost::system::error_code& failure)
{
    if (cannot_write_)
        return;
    auto const size = wire::header24_size + payload.size();
    if (!negotiation_->pongs.has_room_for(size, counters_.bytes_sent))
    {
        failure = errc::queue_full; // it asks, and does not read the answers
        return;
    }
    negotiated_link::pong(payload, output_);
    negotiation_->pongs.add(size, counters_.bytes_sent + output_.bytes());
}

bool stream_session::call(incoming& message, boost::system::error_code& failure)
{
    ++counters_.messages_received;
    if (watch_)
        watch_->deadlines.on_message();
    try
    {
        onreceive_(message);
    }
    catch (...)
    {
        failure = errc::handler_failed; // what was thrown has no place in an error code
        return false;
    }
    if (auto const bound = options_->pause_reading_above; bound != 0 && queued_bytes() > bound)
        held_back_ = true;
    return true;
}

} // namespace oizys::detail
