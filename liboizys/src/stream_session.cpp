// SPDX-License-Identifier: BSL-1.0
#include "stream_session.hpp"

#include <oizys/timeout.hpp>

#include <boost/asio/post.hpp>

#include <stdexcept>
#include <utility>

namespace oizys::detail
{

stream_session::stream_session(std::unique_ptr<stream> s, session_options const& options)
    : stream_{std::move(s)}
    , framer_{options.framing, options.max_message}
    , output_{options.framing}
    , options_{options}
{
}

void stream_session::set_onclose(close_handler handler)
{
    if (has_onclose_)
        throw std::logic_error{"oizys: a close handler is set already"};
    has_onclose_ = true;
    onclose_ = std::move(handler);
    if (state_ == state::closed)
        report_close();
}

void stream_session::close()
{
    if (state_ != state::open)
        return;
    auto const self = this->shared_from_this();
    state_ = state::closing;
    stream_->cancel_read();
    flush();
    if (state_ == state::closing)
        start_timer(options_.close_timeout, errc::close_timeout);
}

void stream_session::abort()
{
    if (state_ != state::closed)
        finish({});
}

/// The user's handle is gone: nobody is told anything any more.
void stream_session::release()
{
    auto const onclose = std::exchange(onclose_, {});
    // While it runs, deliver() lets it go.
    auto const onreceive = delivering_ ? receive_handler{} : std::exchange(onreceive_, {});
    auto const ondrain = std::exchange(ondrain_, {});
    released_ = true;
    close();
}

void stream_session::start_handshake_timer()
{
    if (detecting() && options_.handshake_timeout.count() != 0)
        start_timer(options_.handshake_timeout, errc::handshake_timeout);
}

void stream_session::detected()
{
    output_.set_framing(framer_.kind());
    timer_.reset();
}

void stream_session::start_timer(std::chrono::milliseconds after, errc why)
{
    timer_ = std::make_unique<boost::asio::steady_timer>(stream_->get_executor(), clamp_timeout(after));
    timer_->async_wait([self = this->shared_from_this(), why](boost::system::error_code ec) {
        // It may have expired in the turn in which it was no longer wanted.
        bool const wanted = why == errc::close_timeout ? self->state_ == state::closing
                                                       : self->state_ == state::open && self->detecting();
        if (!ec && wanted)
            self->finish(why);
    });
}

void stream_session::finish(boost::system::error_code why)
{
    auto const self = this->shared_from_this(); // releasing a handler may drop the last reference
    state_ = state::closed;
    why_ = why;
    stream_->close();
    timer_.reset();
    output_.clear();
    report_close();
}

// Posted, so that no handler runs within close() or set_onclose(); the handlers of messages are kept
// until then, because one of them may be what is calling.
void stream_session::report_close()
{
    boost::asio::post(stream_->get_executor(), [self = this->shared_from_this()] {
        // A handler of messages may be running the loop: deliver() lets it go then.
        auto const onreceive = self->delivering_ ? receive_handler{} : std::exchange(self->onreceive_, {});
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

std::shared_ptr<session> make_handle(std::unique_ptr<stream> s, session_options const& options)
{
    auto owner = std::make_shared<stream_session>(std::move(s), options);
    auto* const session = owner.get();
    // Moved out, because a weak_ptr of the user's keeps this deleter.
    return {session,
            [owner = std::move(owner)](oizys::session*) mutable { std::exchange(owner, {})->release(); }};
}

} // namespace oizys::detail
