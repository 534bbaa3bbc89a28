// SPDX-License-Identifier: BSL-1.0
//
// The session over any stream: moves bytes between the stream, the receive buffer, the framer and the
// send queue, and calls the user's handlers. What is sent is in stream_session_send.cpp, what is
// received in stream_session_receive.cpp, opening and closing in stream_session.cpp.
#pragma once

#include <oizys/error.hpp>
#include <oizys/session.hpp>
#include <oizys/wire/framer.hpp>

#include "stream.hpp"
#include "wire/receive_buffer.hpp"
#include "wire/send_queue.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <memory>

namespace oizys::detail
{

/// Owned by its pending operations and by the user's handle (see make_handle): when the handle goes,
/// the handlers go with it, and what is queued is still sent within close_timeout.
class stream_session final : public session,
                             public stream_reader,
                             public std::enable_shared_from_this<stream_session>
{
public:
    stream_session(std::unique_ptr<stream> s, session_options const& options);

    std::size_t send(std::string const& message) override;
    std::size_t send(std::string_view message, boost::system::error_code& ec) override;
    std::size_t send_owned(std::string message, boost::system::error_code& ec) override;
    std::string& begin_message() override { return output_.open(); }
    void end_message(boost::system::error_code& ec) override;
    void cancel_message() noexcept override { output_.cancel(); }

    void set_onmessage(message_handler handler) override;
    void set_onreceive(receive_handler handler) override;
    void set_onclose(close_handler handler) override;
    void set_ondrain(unique_function<void()> handler) override { ondrain_ = std::move(handler); }

    void pause_reading() override { paused_ = true; }
    void resume_reading() override;

    void close() override;
    void abort() override;

    bool is_open() const noexcept override { return state_ == state::open && !cannot_write_; }
    std::size_t max_message() const noexcept override
    {
        return std::min(options_.max_message, output_.max_payload());
    }
    std::size_t queued_messages() const noexcept override { return output_.messages(); }
    std::size_t queued_bytes() const noexcept override { return output_.bytes(); }
    oizys::framing framing() const noexcept override { return framer_.kind(); }
    oizys::credentials credentials() const noexcept override { return stream_->get_credentials(); }
    boost::asio::any_io_executor get_executor() const noexcept override { return stream_->get_executor(); }

    /// The user's handle is gone: nobody is told anything any more.
    void release();

private:
    enum class state : std::uint8_t
    {
        open,
        closing, ///< nothing is read; what is queued is still being written
        closed,
    };

    std::shared_ptr<stream_session> self() { return shared_from_this(); }

    bool refuses(std::string_view message, boost::system::error_code& ec) const noexcept;
    boost::system::error_code refusal(std::string_view message) const noexcept;
    std::size_t queued();
    void post_flush();
    std::size_t write_past_queue(std::string_view message);
    void flush();
    boost::system::error_code write();
    void on_write_error(boost::system::error_code ec);
    void wait_writable();
    void on_writable(boost::system::error_code ec);
    void call_ondrain();

    void read(std::shared_ptr<stream_reader> self);
    void on_read(boost::system::error_code ec, std::size_t n, std::shared_ptr<stream_reader> self) override;
    void abandon() noexcept override;
    void deliver(std::shared_ptr<stream_reader> self);
    bool deliver_one(boost::system::error_code& failure);
    bool call(incoming& message, boost::system::error_code& failure);

    bool detecting() const noexcept { return framer_.kind() == framing::detect; }
    void start_handshake_timer();
    void detected();
    void start_timer(std::chrono::milliseconds after, errc why);
    void finish(boost::system::error_code why);
    void report_close();

    std::unique_ptr<stream> stream_;
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
std::shared_ptr<session> make_handle(std::unique_ptr<stream> s, session_options const& options);

/// From here larger socket buffers pay (bytes).
inline constexpr std::size_t large_message = 131072;

} // namespace oizys::detail
