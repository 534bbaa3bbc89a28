// SPDX-License-Identifier: BSL-1.0
#include "bell_waiter.hpp"

#include <sys/epoll.h>

#include <cerrno>

namespace oizys::detail
{

void bell_waiter::open(unique_fd bell, boost::system::error_code& ec)
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
    if (!ec)
        poller.release();
}

void bell_waiter::heard() noexcept
{
    epoll_event event{};
    ::epoll_wait(poller_.native_handle(), &event, 1, 0);
}

void bell_waiter::close() noexcept
{
    boost::system::error_code ec; // ignored: the descriptor is gone in any case
    poller_.close(ec);
    bell_ = {};
}

} // namespace oizys::detail
