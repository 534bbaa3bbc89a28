// SPDX-License-Identifier: BSL-1.0
#include "stream_session.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <span>

namespace oizys::detail
{

namespace
{

constexpr std::size_t write_past_from = 65536; ///< bytes; from here a copy costs more than a system call

} // namespace

std::size_t stream_session::send(std::string const& message)
{
    boost::system::error_code ec;
    auto const queued = send(std::string_view{message}, ec);
    if (ec)
        throw boost::system::system_error{ec, "oizys::session::send"};
    return queued;
}

std::size_t stream_session::send(std::string_view message, boost::system::error_code& ec)
{
    if (refuses(message, ec))
        return output_.messages();
    if (message.size() >= write_past_from && output_.empty() && !delivering_)
        return write_past_queue(message);
    output_.push(message);
    return queued();
}

std::size_t stream_session::send_owned(std::string message, boost::system::error_code& ec)
{
    if (refuses(message, ec))
        return output_.messages();
    output_.push_owned(std::move(message));
    return queued();
}

void stream_session::end_message(boost::system::error_code& ec)
{
    if (refuses(output_.open_payload(), ec))
        return output_.cancel();
    output_.commit();
    queued();
}

bool stream_session::refuses(std::string_view message, boost::system::error_code& ec) const noexcept
{
    auto const size = message.size();
    bool const accepted = state_ == state::open && !cannot_write_ && size != 0 &&
                          size <= options_.max_message && output_.framing() == framing::header24 &&
                          size <= wire::header24_max_payload &&
                          output_.bytes() + wire::header24_size + size <= options_.max_queued_bytes;
    ec = accepted ? boost::system::error_code{} : refusal(message);
    return ec.failed();
}

// The long way, which names what is wrong, and the only one for the other framings.
boost::system::error_code stream_session::refusal(std::string_view message) const noexcept
{
    auto const size = message.size();
    if (state_ != state::open || cannot_write_)
        return errc::session_closed;
    if (output_.framing() == framing::detect)
        return errc::unknown_protocol;
    if (size == 0)
        return errc::message_empty;
    if (size > options_.max_message || size > output_.max_payload())
        return errc::message_too_large;
    if (output_.bytes() + output_.overhead(size) + size > options_.max_queued_bytes)
        return errc::queue_full;
    if (!output_.can_delimit(message))
        return errc::message_has_newline;
    return {};
}

// Whatever is sent in one turn leaves in one write: at the end of the batch of messages that is being
// delivered, or else when the loop comes to what is posted here.
std::size_t stream_session::queued()
{
    if (!delivering_ && !flush_posted_ && !waiting_)
        post_flush();
    return output_.messages();
}

void stream_session::post_flush()
{
    flush_posted_ = true;
    boost::asio::post(stream_->get_executor(), [self = this->shared_from_this()] {
        self->flush_posted_ = false;
        self->flush();
    });
}

// A large message is written from where it lies; only what the socket does not take is copied.
std::size_t stream_session::write_past_queue(std::string_view message)
{
    if (message.size() >= large_message)
        stream_->expect_large_messages();
    wire::send_queue::header_room room;
    std::array<std::string_view, 3> const pieces{output_.header_for(message.size(), room), message,
                                                 output_.trailer()};
    boost::system::error_code ec;
    auto const written = stream_->try_write(pieces, ec);
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

void stream_session::flush()
{
    if (state_ == state::closed || waiting_)
        return;
    if (output_.bytes() >= large_message)
        stream_->expect_large_messages();
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
boost::system::error_code stream_session::write()
{
    boost::system::error_code ec;
    while (!output_.empty() && !ec.failed())
    {
        std::array<std::string_view, 16> pieces;
        auto const used = output_.gather(pieces);
        auto const written = stream_->try_write(std::span{pieces}.first(used), ec);
        if (!ec)
            output_.consume(written);
    }
    return ec;
}

// The other end reads no more, but what it sent before is still to be received.
void stream_session::on_write_error(boost::system::error_code ec)
{
    bool const receives = state_ == state::open && has_onreceive_ && !paused_;
    if (!receives)
        return finish(ec);
    write_error_ = ec;
    cannot_write_ = true;
    output_.clear();
}

void stream_session::wait_writable()
{
    waiting_ = true;
    stream_->async_wait_writable(
        [self = this->shared_from_this()](boost::system::error_code ec) { self->on_writable(ec); });
}

void stream_session::on_writable(boost::system::error_code ec)
{
    waiting_ = false;
    if (state_ == state::closed)
        return;
    if (ec && ec != boost::asio::error::operation_aborted)
        return finish(ec);
    flush(); // aborted: close() cancelled the read and this wait with it
}

void stream_session::call_ondrain()
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

} // namespace oizys::detail
