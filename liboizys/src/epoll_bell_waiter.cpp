// SPDX-License-Identifier: BSL-1.0
#include "epoll_bell_waiter.hpp"

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
    if (!ec)
        poller.release();
}

void epoll_bell_waiter::async_wait(unique_function<void(boost::system::error_code)> handler)
{
    // The edge is taken before the handler looks for what it was about.
    poller_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [poller = poller_.native_handle(),
                        handler = std::move(handler)](boost::system::error_code ec) mutable {
                           epoll_event event{};
                           if (!ec)
                               ::epoll_wait(poller, &event, 1, 0);
                           handler(ec);
                       });
}

void epoll_bell_waiter::close() noexcept
{
    boost::system::error_code ec; // ignored: the descriptor is gone in any case
    poller_.close(ec);
    bell_ = {};
}

} // namespace oizys::detail
