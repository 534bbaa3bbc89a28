// SPDX-License-Identifier: BSL-1.0
#include "epoll_bell_waiter.hpp"

#include <boost/asio/error.hpp>

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

namespace oizys::detail
{

void epoll_bell_waiter::open(unique_fd bell, boost::system::error_code& ec)
{
    bell_ = std::move(bell);
    unique_fd poller{::epoll_create1(EPOLL_CLOEXEC)};
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {}};
    if (!poller || ::epoll_ctl(poller.get(), EPOLL_CTL_ADD, bell_.get(), &event) != 0)
    {
        ec.assign(errno, boost::system::system_category());
        return;
    }
    poller_.assign(poller.get(), ec);
    if (ec)
        return;
    poller.release();
    open_ = std::make_shared<char>();
}

void epoll_bell_waiter::async_wait(unique_function<void(boost::system::error_code)> handler)
{
    // The edge is taken before the handler looks for what it was about.
    poller_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [this, open = std::weak_ptr{open_},
                        handler = std::move(handler)](boost::system::error_code ec) mutable {
                           epoll_event event{};
                           if (open.expired()) // closed since, though it had been rung
                               ec = boost::asio::error::operation_aborted;
                           else if (!ec)
                               ::epoll_wait(poller_.native_handle(), &event, 1, 0);
                           handler(ec);
                       });
}

void epoll_bell_waiter::close() noexcept
{
    open_.reset();
    boost::system::error_code ec; // ignored: the descriptor is gone in any case
    poller_.close(ec);
    bell_ = {};
}

} // namespace oizys::detail
