// SPDX-License-Identifier: BSL-1.0
//
// One accept, from waiting for a connection to the finished session. It is owned by what it waits for.
#pragma once

#include "listener_state.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>

namespace oizys::detail
{

/// What an error of accept(2) asks for.
enum class accept_verdict : std::uint8_t
{
    wait,  ///< no connection is waiting
    again, ///< this connection is gone, there may be others
    pause, ///< the system has not what it takes; later it may
    fail,  ///< the socket is not one to accept on
};

accept_verdict judge_accept_error(int error) noexcept;

class accept_operation final : public std::enable_shared_from_this<accept_operation>
{
public:
    using handler =
        boost::asio::any_completion_handler<void(boost::system::error_code, std::shared_ptr<session>)>;

    accept_operation(std::shared_ptr<listener_state> shared, handler h);

    void start();

    /// Completes soon with `operation_aborted`.
    void cancel() noexcept;

    /// Posts the handler. An operation that was not started may be completed at once.
    void complete(boost::system::error_code ec, std::shared_ptr<session> result = nullptr);

private:
    void try_accept();
    void take_stream();
    void take_connection();
    void wait();
    void wait_for_room();
    void pause(boost::system::error_code why);
    void give_way();
    bool is_over() const noexcept { return cancelled_ || !state_->is_open(); }
    void go_on(boost::system::error_code ec);
    bool accepted(unique_fd fd);
    void finish(boost::system::error_code ec, std::shared_ptr<session> result = nullptr);

    std::shared_ptr<listener_state> state_;
    boost::asio::any_io_executor executor_;
    handler handler_;
    boost::asio::cancellation_slot slot_;
    boost::asio::executor_work_guard<boost::asio::any_completion_executor> work_; // of the handler's executor
    boost::asio::steady_timer pause_;
    bool cancelled_ = false;
};

} // namespace oizys::detail
