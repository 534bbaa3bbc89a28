// SPDX-License-Identifier: BSL-1.0
//
// One end of a session that is soaked: sends at random, pauses at random, ends at random, and checks all that
// arrives.
#pragma once

#include "ledger.hpp"
#include "message.hpp"
#include "stream_check.hpp"

#include <oizys/session.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace oizys::soak
{

/// Who ends a session, and how. The client chooses, and says so in its first message.
enum class ending : std::uint8_t
{
    client_farewell, ///< when nothing is under way: all must arrive, in both directions
    server_farewell,
    client_rough, ///< closed, aborted or dropped while both are talking
    server_rough,
    never, ///< until somebody is killed
};

struct session_plan
{
    std::size_t kind = 0;
    soak::ending ending = soak::ending::client_farewell;
    bool killable = false; ///< the client's process may be killed at any time
};

/// What the client's first message says.
std::string encode(session_plan const& plan);

class talker final : public std::enable_shared_from_this<talker>
{
public:
    struct settings
    {
        std::size_t max_message = 4u << 20;      ///< bytes
        std::chrono::microseconds life{1000000}; ///< at most, before it is ended
        std::chrono::seconds watchdog{60};       ///< until it must have ended
        std::size_t max_burst = 16;              ///< messages
        std::chrono::microseconds pause{30000};  ///< at most
    };

    using on_end = std::function<void(talker&)>;

    talker(std::shared_ptr<session> s, ledger& book, random_source random, settings how, on_end ended);

    void start_client(session_plan const& plan);
    void start_server();

    /// The client shall come to its end.
    void hurry();

private:
    bool is_client() const noexcept { return client_; }
    bool leads() const noexcept;
    bool is_farewell() const noexcept;
    bool excused() const noexcept;
    std::string where() const;

    void start();
    void on_message(incoming& message);
    void on_parsed(parsed_message const& message);
    void on_hello(std::string_view content);
    void check_gifts(incoming& message, parsed_message const& parsed);
    void begin_talking();
    void pump();
    void pump_later();
    void send_random();
    void send_gift();
    bool send(message_type type, std::string_view content);
    bool sent(boost::system::error_code ec);
    void send_totals();
    void maybe_pause();

    void lead();
    void lead_if_complete();
    void end_roughly();
    void on_close(boost::system::error_code why);
    void finish();
    void fail(std::string const& what);

    std::shared_ptr<session> session_;
    ledger& book_;
    random_source random_;
    settings how_;
    on_end ended_;
    boost::asio::steady_timer talk_timer_;
    boost::asio::steady_timer pause_timer_;
    boost::asio::steady_timer life_timer_;
    boost::asio::steady_timer watchdog_;
    session_plan plan_;
    stream_check check_;
    dress as_ = dress::bytes;
    std::uint64_t stream_ = 0;
    lane_totals sent_;
    bool client_ = false;
    bool known_ = false; ///< a server: the client has said who it is
    bool talking_ = false;
    bool leading_ = false; ///< it has asked for the other end's totals
    bool quiet_ = false;   ///< its own totals are sent
    bool closing_ = false;
    bool over_ = false;
};

} // namespace oizys::soak
