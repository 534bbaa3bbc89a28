// SPDX-License-Identifier: BSL-1.0
#include "stream_session.hpp"

#include <boost/asio/post.hpp>

#include <stdexcept>
#include <string>

namespace oizys::detail
{

namespace
{

constexpr std::size_t kept_text = 16384; ///< bytes of a message copied into a string that is kept

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
    start_handshake_timer();
    read(this->shared_from_this());
}

void stream_session::resume_reading()
{
    if (!std::exchange(paused_, false) || state_ != state::open || reading_ || delivering_ || !has_onreceive_)
        return;
    reading_ = true; // as if a read had just completed: messages may be waiting in the buffer
    boost::asio::post(stream_->get_executor(), [self = this->shared_from_this()] {
        self->reading_ = false;
        self->deliver(self);
    });
}

void stream_session::read(std::shared_ptr<stream_reader> self)
{
    if (state_ != state::open || paused_ || reading_)
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
        return finish(write_error_ ? write_error_ : ec);
    buffer_.commit(n);
    deliver(std::move(self));
}

// Hands over all whole messages that are there, then writes what the handler sent, then reads on.
// The handler may close or release this session; it stays where it is until it has returned.
void stream_session::deliver(std::shared_ptr<stream_reader> self)
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
bool stream_session::deliver_one(boost::system::error_code& failure)
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
        if (step.size >= large_message)
            stream_->expect_large_messages();
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

bool stream_session::call(incoming& message, boost::system::error_code& failure)
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

} // namespace oizys::detail
