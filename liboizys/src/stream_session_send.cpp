// SPDX-License-Identifier: BSL-1.0
#include "stream_session.hpp"

#include "wire/spare_memory.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace oizys::detail
{

namespace
{

constexpr std::size_t write_past_from = 65536; ///< bytes; from here a copy costs more than a system call
constexpr std::size_t parts_per_turn = 16;     ///< of long messages, before others get their turn

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
        return refused(ec);
    if (linked())
        return send_linked(message, {});
    if (message.size() >= write_past_from && output_.empty() && !delivering_)
        return write_past_queue(message);
    output_.push(message);
    return queued();
}

std::size_t stream_session::send(std::string_view message, std::vector<unique_fd> descriptors,
                                 boost::system::error_code& ec)
{
    if (descriptors.empty())
        return send(message, ec);
    if (!refuses(message, ec))
    {
        if (!passes_descriptors())
            ec = errc::descriptors_unsupported;
        else if (descriptors.size() > negotiation_->link->max_descriptors())
            ec = errc::bad_descriptors;
        else if (output_.descriptors() + negotiation_->link->waiting_descriptors() + descriptors.size() >
                 most_queued_descriptors())
            ec = errc::queue_full;
    }
    return ec ? refused(ec) : send_linked(message, std::move(descriptors));
}

std::size_t stream_session::send_owned(std::string message, boost::system::error_code& ec)
{
    if (refuses(message, ec))
        return refused(ec);
    if (linked())
    {
        auto const queued = send_linked(message, {}, &message);
        wire::spare_memory::give(std::move(message)); // unless the link has taken it
        return queued;
    }
    output_.push_owned(std::move(message));
    return queued();
}

void stream_session::end_message(boost::system::error_code& ec)
{
    if (refuses(output_.open_payload(), ec))
    {
        output_.cancel();
        refused(ec);
        return;
    }
    if (linked() && !negotiation_->link->is_plain(output_.open_size()))
    {
        std::string const message{output_.open_payload()};
        output_.cancel();
        send_linked(message, {});
        return;
    }
    output_.commit();
    queued();
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
    if (size > max_message())
        return errc::message_too_large;
    if (queued_bytes() + output_.overhead(size) + size > options_->max_queued_bytes)
        return errc::queue_full;
    if (!output_.can_delimit(message))
        return errc::message_has_newline;
    return {};
}

std::size_t stream_session::refused(boost::system::error_code ec)
{
    ++counters_.messages_refused;
    auto const queued = queued_messages();
    if (ec == errc::queue_full && options_->overflow == overflow::close)
        finish(ec);
    return queued;
}

// In each direction; there is room for those of one message in any case.
std::size_t stream_session::most_queued_descriptors() const noexcept
{
    return std::max(options_->negotiation.max_queued_descriptors, options_->negotiation.max_descriptors);
}

std::size_t stream_session::max_message() const noexcept
{
    auto const framed = linked() ? negotiation_->link->max_message_sent() : output_.max_payload();
    return std::min(options_->max_message, framed);
}

std::size_t stream_session::queued_messages() const noexcept
{
    return output_.messages() + (linked() ? negotiation_->link->waiting_messages() : 0);
}

std::size_t stream_session::queued_bytes() const noexcept
{
    return output_.bytes() + output_.attached_bytes() + (linked() ? negotiation_->link->waiting_bytes() : 0);
}

// Whatever is sent in one turn leaves in one write: at the end of the batch of messages that is being
// delivered, or else when the loop comes to what is posted here.
void stream_session::post_flush()
{
    flush_posted_ = true;
    boost::asio::post(stream_->get_executor(), [self = shared_from_this()] {
        self->flush_posted_ = false;
        self->flush_and_go_on();
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
    counters_.bytes_sent += written;
    if (written == pieces[0].size() + pieces[1].size() + pieces[2].size())
    {
        ++counters_.messages_sent;
        drained_ = true;
        if (!flush_posted_)
            post_flush(); // tells who waits until all is written
        return 1;         // this one, which never was in the queue
    }
    output_.push_rest(message, written); // an error is met, and reported, by the flush
    return queued();
}

std::size_t stream_session::send_linked(std::string_view message, std::vector<unique_fd> descriptors,
                                        std::string* own)
{
    auto& link = *negotiation_->link;
    if (link.may_share(message.size()))
        link.bound_shared(options_->max_queued_bytes, stream_->unread() == 0, output_);
    link.send(message, std::move(descriptors), output_, own);
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
    if (queued_bytes() != 0)
        return flush_posted_ ? void() : post_flush(); // more parts than one turn writes
    // What a stream keeps back has not been taken by the other end: that has a bound of time, too.
    bool const is_bounded = !cannot_write_ && options_->write_timeout > std::chrono::milliseconds::zero();
    if ((somebody_waits() || is_bounded) && !stream_->flushed())
        return wait_writable();
    if (watch_)
        watch_->deadlines.end_write();
    if (state_ == state::closing)
        return finish(why_);
    if (std::exchange(drained_, false))
        on_drained();
}

// Writes all that is queued, or as much as the stream takes, or as much as one turn may.
boost::system::error_code stream_session::write()
{
    if (cannot_write_)
        return {};
    auto ec = write_queue();
    for (std::size_t parts = 0;
         !ec && parts < parts_per_turn && linked() && negotiation_->link->next_part(output_); ++parts)
        ec = write_queue();
    return ec;
}

boost::system::error_code stream_session::write_queue()
{
    boost::system::error_code ec;
    while (!output_.empty() && !ec.failed())
    {
        std::array<std::string_view, stream::max_pieces> pieces;
        auto const used = std::span{pieces}.first(output_.gather(pieces));
        auto const descriptors = output_.front_descriptors();
        auto const written = descriptors.empty() ? stream_->try_write(used, ec)
                                                 : stream_->try_write_with(used, descriptors, ec);
        if (ec)
            break;
        output_.consume(written);
        counters_.bytes_sent += written;
        if (watch_)
            watch_->deadlines.on_written();
    }
    return ec;
}

// Where the other end reads no more, what it sent before is still to be received. Whatever else fails is not about
// the other end, and nothing would ever tell the user.
void stream_session::on_write_error(boost::system::error_code ec)
{
    bool const reads_no_more =
        ec == boost::asio::error::broken_pipe || ec == boost::asio::error::connection_reset;
    if (reads_no_more && state_ == state::open && (has_onreceive_ || holds()))
        cannot_send(ec);
    else
        finish(ec);
}

void stream_session::cannot_send(boost::system::error_code why)
{
    counters_.messages_dropped += queued_messages();
    why_ = why;
    cannot_write_ = true;
    output_.clear();
    if (linked())
        negotiation_->link->clear();
    if (drains_)
        drains_->complete(why);
    if (paused_)
        bound_pause();
}

void stream_session::wait_writable()
{
    waiting_ = true;
    if (options_->write_timeout > std::chrono::milliseconds::zero())
    {
        watch().deadlines.start_write(session_watch::clock::now());
        watch_->unread = stream_->unread();
        arm();
    }
    stream_->async_wait_writable(
        [self = shared_from_this()](boost::system::error_code ec) { self->on_writable(ec); });
}

// Until all has left.
bool stream_session::somebody_waits() const noexcept
{
    return state_ == state::closing || (drained_ && (ondrain_ || drains_));
}

void stream_session::on_writable(boost::system::error_code ec)
{
    waiting_ = false;
    if (state_ == state::closed)
        return;
    if (!ec || ec == boost::asio::error::operation_aborted || cannot_write_)
        return flush_and_go_on(); // aborted: close() cancelled the read and this wait with it
    if (somebody_waits() || queued_bytes() != 0)
        return on_write_error(ec);
    // The write that follows meets it, if there is one; what was sent before is still received.
    if (watch_)
        watch_->deadlines.end_write();
    if (held_back_ && relieved())
        deliver(shared_from_this());
}

// Whatever writes outside of deliver() must let a session that was held back read again.
void stream_session::flush_and_go_on()
{
    flush();
    if (held_back_ && state_ == state::open && relieved())
        deliver(shared_from_this());
}

void stream_session::drain(drain_handler handler)
{
    if (cannot_write_) // what was queued was dropped
        return drain_list::post(get_executor(), std::move(handler),
                                why_ ? why_ : make_error_code(errc::session_closed));
    bool const written = output_.empty() && queued_bytes() == 0 && !drained_ && stream_->flushed();
    if (state_ == state::closed || written)
        return drain_list::post(get_executor(), std::move(handler),
                                written ? boost::system::error_code{}
                                        : make_error_code(errc::session_closed));
    if (!drains_)
        drains_ = std::make_shared<drain_list>(get_executor());
    drains_->add(std::move(handler));
    drained_ = true;
    if (!delivering_ && !flush_posted_ && !waiting_)
        post_flush();
}

void stream_session::set_ondrain(unique_function<void()> handler)
{
    ondrain_ = handler ? std::make_unique<unique_function<void()>>(std::move(handler)) : nullptr;
}

void stream_session::on_drained()
{
    if (drains_)
        drains_->complete({});
    if (!ondrain_)
        return;
    auto handler = std::exchange(ondrain_, {});
    auto const self = shared_from_this();
    try
    {
        (*handler)();
    }
    catch (...)
    {
        return finish(errc::handler_failed); // what was thrown has no place in an error code
    }
    if (state_ == state::open && !released_ && !ondrain_)
        ondrain_ = std::move(handler);
}

} // namespace oizys::detail
