// SPDX-License-Identifier: BSL-1.0
//
// Connects again and again, a few sessions at a time, each of another kind and with other options.
#pragma once

#include "kinds.hpp"
#include "ledger.hpp"
#include "talker.hpp"

#include <oizys/connect.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace oizys::soak
{

class stranger;

struct crowd_options
{
    std::vector<std::size_t> kinds; ///< to choose from
    std::size_t slots = 3;          ///< sessions at a time
    bool killable = false;          ///< this process may be killed
    unsigned strangers = 0;         ///< percent of the connections that are no sessions
};

class crowd
{
public:
    crowd(boost::asio::io_context& io, surroundings const& where, ledger& book, random_source random,
          crowd_options options);
    ~crowd();

    void start();
    /// Connects no more, and ends what there is; `done` is called when nothing is left.
    void stop(std::function<void()> done);

private:
    void fill_slot();
    void fill_slot_later();
    void slot_is_free();
    void connect(std::size_t kind);
    void on_connected(std::size_t kind, boost::system::error_code ec, std::shared_ptr<session> s);
    void send_stranger();
    void tell_if_done();
    session_plan make_plan(std::size_t kind);

    boost::asio::io_context& io_;
    surroundings const& where_;
    ledger& book_;
    random_source random_;
    crowd_options options_;
    std::map<talker*, std::shared_ptr<talker>> talkers_;
    std::map<stranger*, std::shared_ptr<stranger>> strangers_;
    boost::asio::steady_timer stop_timer_;
    std::function<void()> done_;
    std::size_t busy_ = 0; ///< slots
    std::size_t children_ = 0;
    bool stopping_ = false;
};

} // namespace oizys::soak
