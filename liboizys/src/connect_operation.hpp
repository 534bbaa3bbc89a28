// SPDX-License-Identifier: BSL-1.0
//
// One attempt to connect, from resolving the name to the finished session. It is owned by what it waits
// for, and completes once: what comes later (a lookup cannot be interrupted) finds it finished.
#pragma once

#include <oizys/connect.hpp>

#include "endpoint_socket.hpp"
#include "transport.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string_view>

namespace oizys::detail
{

class connect_operation final : public std::enable_shared_from_this<connect_operation>
{
public:
    connect_operation(boost::asio::any_io_executor const& executor, endpoint where,
                      connect_options const& options, connect_extras extras, connect_handler handler);

    void listen_for_cancellation();
    void start();

private:
    void resolve();
    void try_next_address();
    void connect_tcp(socket_address const& address);
    void connect_unix();
    void limit_attempt();
    void wait_until_connected();
    void check_connected();
    void retry_unix();
    void open_without_socket();
    void succeed();
    void open(std::unique_ptr<stream> connected);
    void fail(boost::system::error_code ec, std::string_view why);
    void finish(boost::system::error_code ec, std::shared_ptr<session> result = nullptr);

    boost::asio::any_io_executor executor_;
    endpoint where_;
    connect_options options_;
    connect_extras extras_;
    std::optional<transport> transport_;
    connect_handler handler_;
    boost::asio::cancellation_slot slot_;
    boost::asio::executor_work_guard<boost::asio::any_completion_executor> work_; // of the handler's executor

    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::steady_timer deadline_;
    boost::asio::steady_timer pause_; // before the next attempt, or while one lasts
    std::chrono::milliseconds next_pause_{1};
    std::deque<socket_address> addresses_; // those not tried yet
    boost::system::error_code last_failure_;
    boost::asio::generic::stream_protocol::socket socket_;
    std::shared_ptr<session> session_; // while it opens
    unsigned attempt_ = 0;             // what waits for an earlier one does nothing
    bool finished_ = false;
};

} // namespace oizys::detail
