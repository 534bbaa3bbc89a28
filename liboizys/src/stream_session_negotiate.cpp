// SPDX-License-Identifier: BSL-1.0
//
// How a session opens: it shakes hands, finds out what the other end speaks, and agrees with it.
#include "stream_session.hpp"

#include "websocket_stream.hpp"

#include <oizys/timeout.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace oizys::detail
{

using role = wire::hello_exchange::role;

void stream_session::open(wait_handler handler, role as, std::chrono::milliseconds most)
{
    onopen_ = std::make_unique<wait_handler>(std::move(handler));
    if (most > most.zero() && (options_->negotiation.enabled || !stream_->established()))
    {
        watch().deadlines.start_handshake(session_watch::clock::now() + clamp_timeout(most));
        arm();
    }
    stream_->async_handshake([self = shared_from_this(), as](boost::system::error_code ec) {
        if (self->state_ != state::open)
            return; // finish() has told
        if (ec)
            return self->finish(ec);
        if (!self->options_->negotiation.enabled)
            return self->opened({});
        self->negotiate(as);
        self->flush();
        self->read(self);
    });
}

void stream_session::cancel_open()
{
    if (onopen_ && state_ == state::open)
        finish(boost::asio::error::operation_aborted);
}

void stream_session::opened(boost::system::error_code ec)
{
    if (auto const handler = std::move(onopen_))
        (*handler)(ec);
}

// The other end has said hello before anything else was said.
bool stream_session::asks_to_negotiate() const noexcept
{
    return !negotiation_ && options_->negotiation.enabled && output_.framing() == framing::detect &&
           buffer_.data().front() == wire::hello_magic;
}

void stream_session::negotiate(role r)
{
    bool const passes = stream_->passes_descriptors();
    wire::offer const ours{.zstd = true,
                           .parts = true,
                           .descriptors = passes && options_->negotiation.max_descriptors != 0,
                           .shared_memory = passes && options_->negotiation.max_descriptors != 0,
                           .max_message = options_->max_message,
                           .max_descriptors = static_cast<std::uint8_t>(std::min(
                               options_->negotiation.max_descriptors, negotiated_link::most_descriptors))};
    negotiation_ =
        std::make_unique<session_negotiation>(wire::hello_exchange{r, options_->negotiation, ours});
    output_.set_framing(framing::detect); // nothing can be sent until both ends have agreed
    output_.push_raw(negotiation_->exchange.take_output());
    // Descriptors may come with the first bytes behind the other end's offer.
    if (passes)
        stream_->receive_descriptors(negotiation_->descriptors);
}

// Returns whether there may be a message behind what was taken.
bool stream_session::negotiate_more(boost::system::error_code& failure)
{
    auto& exchange = negotiation_->exchange;
    auto const used = exchange.feed(buffer_.data(), failure);
    buffer_.consume(used);
    if (auto const output = exchange.take_output(); !output.empty())
        output_.push_raw(output);
    if (exchange.done())
        agreed();
    return used != 0 && !failure;
}

void stream_session::agreed()
{
    auto const& result = negotiation_->exchange.result();
    auto const compresses = options_->negotiation.compress.value_or(stream_->crosses_network());
    negotiation_->link.emplace(result, options_->negotiation, options_->max_message, compresses);
    framer_ = wire::framer{framing::negotiated, result.max_frame_received};
    output_.set_framing(framing::negotiated);
    if (watch_)
        watch_->deadlines.end_handshake();
    if (options_->negotiation.ping_interval > std::chrono::milliseconds::zero())
    {
        watch().deadlines.start_ping(session_watch::clock::now());
        arm();
    }
    if (onopen_)
        boost::asio::post(get_executor(), [self = shared_from_this()] {
            self->opened(self->state_ == state::closed ? self->why_ : boost::system::error_code{});
        });
}

// The framer has recognised what the other end speaks.
void stream_session::detected()
{
    output_.set_framing(framer_.kind());
    if (!watch_)
        return;
    watch_->deadlines.end_handshake();
    if (!watch_->deadlines.next())
        watch_.reset(); // by default nothing else has a bound: an idle session keeps no timer
}

// The other end asks for a WebSocket: from here on that is the stream, and what came is its beginning.
bool stream_session::become_websocket()
{
    std::string received{buffer_.data()};
    buffer_.consume(received.size());
    stream_ = websocket_stream::server(std::move(stream_), std::move(received), options_->max_message,
                                       options_->websocket);
    framer_ = wire::framer{framing::message, options_->max_message};
    output_.set_framing(framing::message); // what is sent waits until the handshake is done
    return false;
}

} // namespace oizys::detail
