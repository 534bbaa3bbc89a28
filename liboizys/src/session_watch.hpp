// SPDX-License-Identifier: BSL-1.0
//
// The one timer of a session, set to the first of its deadlines. It exists only while a session has any.
#pragma once

#include "session_deadlines.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <utility>

namespace oizys::detail
{

class session_watch
{
public:
    using clock = session_deadlines::clock;

    session_watch(boost::asio::any_io_executor const& executor, session_timeouts const& timeouts)
        : deadlines{timeouts}, timer_{executor}
    {
    }

    /// Calls `on_time` when the first deadline has come, or earlier: it looks, and calls this again. A timer that is
    /// set already is not set later, because deadlines move often and come seldom.
    template <class OnTime>
    void arm(OnTime on_time)
    {
        auto const next = deadlines.next();
        if (!next || (armed_ && until_ <= *next))
            return;
        armed_ = true;
        until_ = *next;
        timer_.expires_at(*next);
        timer_.async_wait([on_time = std::move(on_time)](boost::system::error_code ec) mutable {
            if (!ec)
                on_time();
        });
    }
    void fired() noexcept { armed_ = false; }

    session_deadlines deadlines;
    std::size_t unread = 0; ///< by the other end, when that was last looked at

private:
    boost::asio::steady_timer timer_;
    clock::time_point until_;
    bool armed_ = false;
};

} // namespace oizys::detail
