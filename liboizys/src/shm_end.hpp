// SPDX-License-Identifier: BSL-1.0
//
// One end of a shared memory session: shakes hands, then waits for what the rings cannot do at once. Owned
// by its stream and by what it waits for.
#pragma once

#include "bell_waiter.hpp"
#include "shm_handover.hpp"
#include "shm_rings.hpp"
#include "shm_stream.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace oizys::detail
{

class shm_end final : public std::enable_shared_from_this<shm_end>
{
public:
    using socket = boost::asio::generic::stream_protocol::socket;

    shm_end(socket s, shm_options const& options, shm_role role);

    // As in `stream`.
    void async_handshake(wait_handler handler);
    bool established() const noexcept { return rings_.has_value(); }
    void async_read(std::span<char> room, read_handler handler);
    std::size_t try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec);
    void async_wait_writable(wait_handler handler);
    std::size_t unread() noexcept { return rings_ ? rings_->unread() : 0; }
    void cancel();
    void close();
    boost::asio::any_io_executor get_executor() noexcept { return socket_.get_executor(); }
    credentials get_credentials() noexcept;

private:
    class wake_up;

    void start_handshake();
    void send_hello(boost::system::error_code& ec);
    void on_hello(boost::system::error_code& ec);
    void on_answer(boost::system::error_code& ec);
    void establish(shm_parts parts, boost::system::error_code& ec);

    void wait_for_socket();
    void on_socket(boost::system::error_code ec);
    void look_for_life(boost::system::error_code& ec);
    void wait_for_bell();
    void on_bell(boost::system::error_code ec);
    void turn_later();
    void on_turn(boost::system::error_code ec);

    std::size_t read_now(boost::system::error_code& ec);
    std::size_t read_or_sleep(boost::system::error_code& ec);
    std::size_t read_spinning(boost::system::error_code& ec);
    bool spins() noexcept;
    void go_on();
    void complete_handshake();
    bool complete_read();
    void complete_wait();
    void post_read(boost::system::error_code ec, std::size_t n);
    void post_wait(wait_handler& handler, boost::system::error_code ec);
    void abandon() noexcept;

    socket socket_;
    bell_waiter bell_;
    std::optional<shm_rings> rings_;   ///< once the handshake is done
    std::optional<shm_offer> offered_; ///< until it is accepted
    shm_hello_receiver hello_;
    shm_options options_;
    shm_role role_;
    boost::system::error_code error_; ///< what every further operation reports, when all was read

    std::span<char> room_; ///< of the pending read
    std::optional<read_handler> on_read_;
    wait_handler on_writable_;
    wait_handler on_handshake_;
    std::chrono::steady_clock::time_point spin_until_{};
    bool started_ = false;
    bool closed_ = false;
    bool waits_for_socket_ = false;
    bool waits_for_bell_ = false;
    bool turn_posted_ = false;
    bool in_handler_ = false; ///< of a read
    bool active_ = false;     ///< something was received since it was last looked for in vain
};

} // namespace oizys::detail
