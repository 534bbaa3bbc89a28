// SPDX-License-Identifier: BSL-1.0
//
// Waits until a doorbell is rung.
#pragma once

#include <oizys/unique_fd.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include <utility>

namespace oizys::detail
{

/// The doorbell is always readable, and only an edge says that it was rung. Asio's async_wait cannot be used
/// with it directly: it modifies the registration each time, whereupon the kernel reports what is
/// readable anew. So an epoll of its own stands between them, which is ready once for each edge.
class bell_waiter
{
public:
    explicit bell_waiter(boost::asio::any_io_executor const& executor) : poller_{executor} {}

    void open(unique_fd bell, boost::system::error_code& ec);

    /// One wait at a time. It may complete without a ring.
    template <class Handler>
    void async_wait(Handler handler)
    {
        poller_.async_wait(boost::asio::posix::descriptor_base::wait_read, std::move(handler));
    }

    /// To be called after a wait has completed, before looking for what the ring was about.
    void heard() noexcept;

    void close() noexcept;

private:
    boost::asio::posix::stream_descriptor poller_;
    unique_fd bell_;
};

} // namespace oizys::detail
