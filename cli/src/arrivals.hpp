// SPDX-License-Identifier: BSL-1.0
//
// Listens for the sub-commands that look at messages: numbers the sessions that arrive, and ends on SIGINT and SIGTERM.
#pragma once

#include <oizys/listener.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstdint>
#include <functional>
#include <memory>

namespace oizys::cli
{

class arrivals
{
public:
    struct handlers
    {
        std::function<void(std::uint32_t number, std::shared_ptr<session>)> on_session;
        std::function<void()> on_stop; ///< told once
    };

    /// Says `ready: ENDPOINT` on standard error. A session's framing is found by its first byte, unless the endpoint
    /// names one.
    /// @throws boost::system::system_error  see oizys::listener
    arrivals(boost::asio::io_context& io, endpoint const& where, handlers handlers);

    /// Does nothing the second time.
    void stop();

private:
    void accept();

    handlers handlers_;
    oizys::listener listener_;
    boost::asio::signal_set signals_;
    std::uint32_t count_ = 0;
    bool stopped_ = false;
};

} // namespace oizys::cli
