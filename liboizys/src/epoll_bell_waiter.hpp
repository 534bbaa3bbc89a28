// SPDX-License-Identifier: BSL-1.0
//
// Waits until a doorbell is rung, with what every version of Asio has.
#pragma once

#include <oizys/function.hpp>
#include <oizys/unique_fd.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include <memory>

namespace oizys::detail
{

/// A doorbell is always readable, and only an edge says that it was rung. Asio's async_wait cannot be used
/// with it directly: it modifies the registration each time, whereupon the kernel reports anew what is
/// readable. So an epoll of its own stands between them, which is ready once for each edge.
class epoll_bell_waiter
{
public:
    explicit epoll_bell_waiter(boost::asio::any_io_executor const& executor) : poller_{executor} {}
    epoll_bell_waiter(epoll_bell_waiter const&) = delete;
    epoll_bell_waiter& operator=(epoll_bell_waiter const&) = delete;

    void open(unique_fd bell, boost::system::error_code& ec);

    /// One wait at a time. The first ones may complete without a ring, after it was closed with `operation_aborted`.
    void async_wait(unique_function<void(boost::system::error_code)> handler);

    void close() noexcept;

private:
    boost::asio::posix::stream_descriptor poller_;
    unique_fd bell_;
    std::shared_ptr<char>
        open_; ///< goes when this is closed: a wait that has completed by then must not use it
};

} // namespace oizys::detail
