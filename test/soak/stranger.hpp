// SPDX-License-Identifier: BSL-1.0
//
// Connects without a session and does what it should not: sends garbage or half of something, never reads, leaves
// at once.
#pragma once

#include "kinds.hpp"
#include "random.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>

namespace oizys::soak
{

class stranger final : public std::enable_shared_from_this<stranger>
{
public:
    using on_end = std::function<void(stranger&)>;

    stranger(boost::asio::io_context& io, surroundings const& where, random_source random, on_end ended);

    void start();
    void leave();

private:
    void send(std::string bytes);
    void read();
    void stay(std::chrono::microseconds most);
    std::string beginning();
    std::string mute();
    void finish();

    boost::asio::generic::stream_protocol::socket socket_;
    boost::asio::steady_timer timer_;
    surroundings const& where_;
    random_source random_;
    on_end ended_;
    std::string bytes_;
    char room_[4096];
    bool over_ = false;
};

} // namespace oizys::soak
