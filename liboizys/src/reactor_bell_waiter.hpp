// SPDX-License-Identifier: BSL-1.0
//
// Waits until a doorbell is rung, at the price of the wait alone: an operation of our own in Asio's reactor.
#pragma once

#include <oizys/function.hpp>
#include <oizys/unique_fd.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp> // which knows in what order the next one wants to be included

#include <boost/asio/detail/reactor.hpp>
#include <boost/system/error_code.hpp>
#include <boost/version.hpp>

// The versions that it was tested with, and the reactor that it is made for.
#if BOOST_VERSION / 100 == 1081 && defined(BOOST_ASIO_HAS_EPOLL) &&                                          \
    !defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
#define OIZYS_HAS_REACTOR_BELL_WAITER 1
#else
#define OIZYS_HAS_REACTOR_BELL_WAITER 0
#endif

#if OIZYS_HAS_REACTOR_BELL_WAITER
namespace oizys::detail
{

/// Asio's own waits cost two system calls more than the wait alone (see epoll_bell_waiter). The reactor can do better: it
/// registers edges, and an operation that says "done and exhausted" is followed by one that only
/// waits for the next edge. No public function of Asio starts such an operation, so this uses what Asio's
/// own services use, which is why it is only for the versions that it was tested with.
class reactor_bell_waiter
{
public:
    explicit reactor_bell_waiter(boost::asio::any_io_executor const& executor);
    reactor_bell_waiter(reactor_bell_waiter const&) = delete;
    reactor_bell_waiter& operator=(reactor_bell_waiter const&) = delete;
    ~reactor_bell_waiter() { close(); }

    void open(unique_fd bell, boost::system::error_code& ec);

    /// One wait at a time. The first ones may complete without a ring, after it was closed with `operation_aborted`.
    void async_wait(unique_function<void(boost::system::error_code)> handler);

    void close() noexcept;

private:
    class operation;

    boost::asio::any_io_executor executor_;
    boost::asio::detail::reactor& reactor_;
    boost::asio::detail::reactor::per_descriptor_data registration_{};
    unique_fd bell_;
};

} // namespace oizys::detail
#endif
