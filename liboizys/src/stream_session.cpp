// SPDX-License-Identifier: BSL-1.0
#include "stream_session.hpp"

#include <oizys/timeout.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <stdexcept>
#include <utility>

namespace oizys::detail
{

using clock = session_watch::clock;

stream_session::stream_session(std::unique_ptr<stream> s, std::shared_ptr<session_settings const> options)
    : stream_{std::move(s)}
    , framer_{options->framing, options->max_message}
    // With the negotiated mode enabled, the first byte tells whether the other end wants it.
    , output_{options->negotiation.enabled ? framing::detect : options->framing}
    , options_{std::move(options)}
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
    auto const self = shared_from_this();
    state_ = state::closing;
    stream_->cancel_read();
    flush();
    if (state_ != state::closing)
        return;
    watch().deadlines.start_close(clock::now() + clamp_timeout(options_->close_timeout));
    arm();
}

void stream_session::abort()
{
    if (state_ == state::closed)
        return;
    end({}, false); // not an orderly end, though one may have begun
}

void stream_session::release()
{
    auto const onclose = std::exchange(onclose_, {});
    // While it runs, deliver() lets it go.
    auto const onreceive = delivering_ ? receive_handler{} : std::exchange(onreceive_, {});
    auto const ondrain = std::exchange(ondrain_, {});
    released_ = true;
    close();
}

// --- time

session_watch& stream_session::watch()
{
    if (!watch_)
    {
        session_timeouts const timeouts{.write = options_->write_timeout,
                                        .idle = options_->idle_timeout,
                                        .ping_interval = options_->negotiation.ping_interval,
                                        .ping_timeout = options_->negotiation.ping_timeout};
        watch_ = std::make_unique<session_watch>(get_executor(), timeouts);
    }
    return *watch_;
}

void stream_session::arm()
{
    watch_->arm([self = shared_from_this()] { self->on_time(); });
}

void stream_session::on_time()
{
    // Its timer may have expired in the turn in which it was no longer wanted.
    if (state_ == state::closed || !watch_)
        return;
    auto& watch = *watch_;
    watch.fired();
    if (!reading_)
        watch.deadlines.on_deaf();
    auto const now = clock::now();
    for (auto v = watch.deadlines.look(now); v != session_deadlines::verdict::none;
         v = watch.deadlines.look(now))
    {
        if (is_overdue(v))
            return;
    }
    if (watch.deadlines.next())
        arm();
    else
        watch_.reset(); // it stalled once, and by default nothing else has a bound
}

// Returns whether that was the end of the session.
bool stream_session::is_overdue(session_deadlines::verdict v)
{
    using enum session_deadlines::verdict;
    switch (v)
    {
    case none: return false;
    case ping:
        if (!cannot_write_ && (reading_ || output_.empty())) // who does not hear does not ask again and again
            negotiation_->link->ping(clock::now(), output_);
        flush();
        return state_ == state::closed;
    case handshake:
        if (knows_framing() && stream_->established())
            return false;
        finish(errc::handshake_timeout);
        break;
    case close: finish(cannot_write_ ? why_ : make_error_code(errc::close_timeout)); break;
    case write:
        if (other_end_reads())
            return false;
        finish(errc::write_timeout);
        break;
    case idle: finish(errc::idle_timeout); break;
    case vanished: finish(boost::asio::error::timed_out); break;
    }
    return true;
}

// A socket takes nothing until most of what it holds has been read, which may take a slow reader long.
bool stream_session::other_end_reads()
{
    auto const before = watch_->unread;
    watch_->unread = stream_->unread();
    return watch_->unread < before;
}

// --- the end

void stream_session::finish(boost::system::error_code why) { end(why, state_ == state::closing && !why); }

// `orderly`: what was written shall still arrive.
void stream_session::end(boost::system::error_code why, bool orderly)
{
    auto const self = shared_from_this(); // releasing a handler may drop the last reference
    counters_.messages_dropped += queued_messages();
    if (drains_)
    {
        bool const all_written = queued_bytes() == 0;
        drains_->complete(all_written || why ? why : make_error_code(errc::session_closed));
    }
    if (orderly)
        stream_->linger(options_->close_timeout);
    auto const who = fails_to_open(why) ? std::optional{stream_->get_credentials()} : std::nullopt;
    state_ = state::closed;
    why_ = why;
    stream_->close();
    if (who)
        slot_.report_failure(*who, why);
    slot_.release();
    watch_.reset();
    output_.clear();
    if (negotiation_)
        negotiation_->clear();
    if (onopen_)
        boost::asio::post(get_executor(), [self] { self->opened(self->why_); });
    report_close();
}

// An accepted session ends before both ends understand each other. Who goes without having said anything, as one who
// only looks whether somebody listens, has not failed.
bool stream_session::fails_to_open(boost::system::error_code why) const noexcept
{
    bool const is_open = knows_framing() && stream_->established();
    bool const only_looked = why == boost::asio::error::eof && counters_.bytes_received == 0;
    return why && slot_.is_counted() && !is_open && !only_looked;
}

// Posted, so that no handler runs within close() or set_onclose(); the handlers of messages are kept
// until then, because one of them may be what is calling.
void stream_session::report_close()
{
    boost::asio::post(get_executor(), [self = shared_from_this()] {
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

// --- what is known of it

std::optional<std::chrono::nanoseconds> stream_session::round_trip() const noexcept
{
    return linked() ? negotiation_->link->round_trip() : std::nullopt;
}

bool stream_session::passes_descriptors() const noexcept
{
    return linked() && negotiation_->link->passes_descriptors();
}

std::optional<serializer> stream_session::negotiated() const noexcept
{
    return linked() ? std::optional{negotiation_->link->agreed().serializer} : std::nullopt;
}

std::shared_ptr<session> make_session(std::unique_ptr<stream> s,
                                      std::shared_ptr<session_settings const> options, session_slot slot)
{
    auto owner = std::make_shared<stream_session>(std::move(s), std::move(options));
    owner->hold(std::move(slot));
    auto* const session = owner.get();
    // Moved out, because a weak_ptr of the user's keeps this deleter.
    return {session,
            [owner = std::move(owner)](oizys::session*) mutable { std::exchange(owner, {})->release(); }};
}

std::shared_ptr<session> make_handle(std::unique_ptr<stream> s, session_options const& options)
{
    return make_session(std::move(s),
                        std::make_shared<session_settings const>(session_settings{options, {}}));
}

void open_session(session& opened, wait_handler handler, wire::hello_exchange::role as,
                  std::chrono::milliseconds most)
{
    static_cast<stream_session&>(opened).open(std::move(handler), as, most);
}

void cancel_open(session& opened) { static_cast<stream_session&>(opened).cancel_open(); }

} // namespace oizys::detail
