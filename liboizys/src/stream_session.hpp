// SPDX-License-Identifier: BSL-1.0
//
// The session over any stream: moves bytes between the stream, the receive buffer, the framer and the
// send queue, and calls the user's handlers. What is sent is in stream_session_send.cpp, what is
// received in stream_session_receive.cpp, opening and closing in stream_session.cpp.
#pragma once

#include <oizys/error.hpp>
#include <oizys/session.hpp>
#include <oizys/wire/framer.hpp>

#include "drain_list.hpp"
#include "session_negotiation.hpp"
#include "session_quota.hpp"
#include "session_settings.hpp"
#include "session_watch.hpp"
#include "stream.hpp"
#include "wire/receive_buffer.hpp"
#include "wire/send_queue.hpp"

#include <memory>
#include <utility>

namespace oizys::detail
{

/// Owned by its pending operations and by the user's handle (see make_session): when the handle goes,
/// the handlers go with it, and what is queued is still sent within close_timeout.
class stream_session final : public session,
                             public stream_reader,
                             public std::enable_shared_from_this<stream_session>
{
public:
    stream_session(std::unique_ptr<stream> s, std::shared_ptr<session_settings const> options);

    std::size_t send(std::string const& message) override;
    std::size_t send(std::string_view message, boost::system::error_code& ec) override;
    std::size_t send(std::string_view message, std::vector<unique_fd> descriptors,
                     boost::system::error_code& ec) override;
    std::size_t send_owned(std::string message, boost::system::error_code& ec) override;
    std::string& begin_message() override { return output_.open(); }
    void end_message(boost::system::error_code& ec) override;
    void cancel_message() noexcept override { output_.cancel(); }

    void set_onmessage(message_handler handler) override;
    void set_onreceive(receive_handler handler) override;
    void set_onclose(close_handler handler) override;
    void set_ondrain(unique_function<void()> handler) override;

    void pause_reading() override;
    void resume_reading() override;

    void close() override;
    void abort() override;

    bool is_open() const noexcept override { return state_ == state::open && !cannot_write_; }
    std::size_t max_message() const noexcept override;
    std::size_t queued_messages() const noexcept override;
    std::size_t queued_bytes() const noexcept override;
    oizys::framing framing() const noexcept override { return framer_.kind(); }
    oizys::credentials credentials() const noexcept override { return stream_->get_credentials(); }
    unique_fd peer_pidfd() const noexcept override { return stream_->get_peer_pidfd(); }
    boost::asio::any_io_executor get_executor() const noexcept override { return stream_->get_executor(); }
    session_counters counters() const noexcept override { return counters_; }
    std::optional<std::chrono::nanoseconds> round_trip() const noexcept override;
    bool passes_descriptors() const noexcept override;
    std::optional<oizys::serializer> negotiated() const noexcept override;

    /// Shakes hands with the other end, and enters the negotiated mode where the options say so. Called at most
    /// once, before a handler of messages is set; completes when messages can be sent, or have never been. An accepting
    /// end need not: it opens with its handler of messages, and serves who does not negotiate as well. `most`: then it
    /// ends with `errc::handshake_timeout`; zero: never.
    void open(wait_handler handler, wire::hello_exchange::role as, std::chrono::milliseconds most);

    /// Ends it with `operation_aborted` if it still opens.
    void cancel_open();

    /// The user's handle is gone: nobody is told anything any more.
    void release();

    /// Takes the session's place in its listener's count, and gives it back when the stream is closed.
    void hold(session_slot slot) noexcept { slot_ = std::move(slot); }

protected:
    void drain(drain_handler handler) override;

private:
    enum class state : std::uint8_t
    {
        open,
        closing, ///< nothing is read; what is queued is still being written
        closed,
    };

    // sending; inline what is done for each message, out of line what is not ordinary
    bool refuses(std::string_view message, boost::system::error_code& ec) const noexcept
    {
        ec = accepts_header24(message.size()) ? boost::system::error_code{} : refusal(message);
        return ec.failed();
    }
    std::size_t queued()
    {
        ++counters_.messages_sent;
        if (watch_)
            watch_->deadlines.on_message();
        if (!delivering_ && !flush_posted_ && !waiting_)
            post_flush();
        return negotiation_ ? queued_messages() : output_.messages();
    }
    bool accepts_header24(std::size_t size) const noexcept
    {
        return state_ == state::open && !cannot_write_ && size != 0 && size <= options_->max_message &&
               output_.framing() == framing::header24 && size <= wire::header24_max_payload &&
               output_.bytes() + wire::header24_size + size <= options_->max_queued_bytes;
    }
    boost::system::error_code refusal(std::string_view message) const noexcept;
    std::size_t refused(boost::system::error_code ec);
    std::size_t most_queued_descriptors() const noexcept;
    void post_flush();
    std::size_t write_past_queue(std::string_view message);
    std::size_t send_linked(std::string_view message, std::vector<unique_fd> descriptors,
                            std::string* own = nullptr);
    void flush();
    void flush_and_go_on();
    boost::system::error_code write();
    boost::system::error_code write_queue();
    bool somebody_waits() const noexcept;
    void on_write_error(boost::system::error_code ec);
    void cannot_send(boost::system::error_code why);
    void wait_writable();
    void on_writable(boost::system::error_code ec);
    void on_drained();

    // receiving
    void read(std::shared_ptr<stream_reader> self);
    void on_read(boost::system::error_code ec, std::size_t n, std::shared_ptr<stream_reader> self) override;
    void abandon() noexcept override;
    void post_deliver();
    void deliver(std::shared_ptr<stream_reader> self);
    bool may_deliver() const noexcept { return state_ == state::open && !paused_ && !held_back_; }
    bool is_unwanted() const noexcept { return paused_ || !has_onreceive_; }
    bool may_hold() const noexcept;
    std::size_t room_to_hold() const noexcept;
    bool holds() const noexcept { return negotiation_ && !negotiation_->held.empty(); }
    void deliver_held(boost::system::error_code& failure);
    void end_receiving(boost::system::error_code why);
    void bound_pause();
    bool relieved() noexcept;
    bool deliver_one(boost::system::error_code& failure);
    bool deliver_large(boost::system::error_code& failure);
    bool deliver_linked(std::uint8_t type, std::string_view payload, std::string* own,
                        boost::system::error_code& failure);
    void answer_ping(std::string_view payload, boost::system::error_code& failure);
    bool call(incoming& message, boost::system::error_code& failure);

    // negotiating
    bool linked() const noexcept { return negotiation_ && negotiation_->link; }
    bool negotiating() const noexcept { return negotiation_ && !negotiation_->link; }
    bool knows_framing() const noexcept { return output_.framing() != framing::detect; }
    bool detecting() const noexcept { return framer_.kind() == framing::detect; }
    void detected();
    void opened(boost::system::error_code ec);
    bool asks_to_negotiate() const noexcept;
    void negotiate(wire::hello_exchange::role role);
    bool negotiate_more(boost::system::error_code& failure);
    void agreed();
    bool become_websocket();

    // opening and closing
    session_watch& watch();
    void arm();
    void on_time();
    bool is_overdue(session_deadlines::verdict v);
    bool other_end_reads();
    void finish(boost::system::error_code why);
    void end(boost::system::error_code why, bool orderly);
    bool fails_to_open(boost::system::error_code why) const noexcept;
    void report_close();

    std::unique_ptr<stream> stream_;
    wire::receive_buffer buffer_;
    wire::framer framer_;
    wire::send_queue output_;
    std::shared_ptr<session_settings const> options_;
    receive_handler onreceive_;
    close_handler onclose_;
    std::unique_ptr<session_watch> watch_;             ///< where something has a bound of time
    std::unique_ptr<session_negotiation> negotiation_; ///< in the negotiated mode, or on the way there
    std::shared_ptr<drain_list> drains_;               ///< where somebody waits
    std::unique_ptr<wait_handler> onopen_;             ///< while it opens
    std::unique_ptr<unique_function<void()>> ondrain_; ///< where one is set, which is seldom
    session_counters counters_;
    boost::system::error_code why_; ///< nothing can be sent any more; then, why it was closed
    session_slot slot_;
    state state_ = state::open;
    bool cannot_write_ = false;   ///< while it is open: see why_
    bool cannot_receive_ = false; ///< as well: what is held is still to be delivered
    bool has_onreceive_ = false;
    bool has_onclose_ = false;
    bool released_ = false;
    bool paused_ = false;    ///< by the user
    bool held_back_ = false; ///< until answers have been written
    bool reading_ = false;
    bool deliver_posted_ = false;
    bool delivering_ = false;
    bool waiting_ = false; ///< for the stream to become writable
    bool flush_posted_ = false;
    bool drained_ = false; ///< something was written since `ondrain` was last called
};

/// What the user holds: when its last copy goes, the session is released.
std::shared_ptr<session> make_session(std::unique_ptr<stream> s,
                                      std::shared_ptr<session_settings const> options,
                                      session_slot slot = {});
std::shared_ptr<session> make_handle(std::unique_ptr<stream> s, session_options const& options);

/// See stream_session::open; of a session that make_session has made.
void open_session(session& opened, wait_handler handler,
                  wire::hello_exchange::role as = wire::hello_exchange::role::connecting,
                  std::chrono::milliseconds most = std::chrono::milliseconds::zero());
void cancel_open(session& opened);

/// From here larger socket buffers pay (bytes).
inline constexpr std::size_t large_message = 131072;

} // namespace oizys::detail
