// SPDX-License-Identifier: BSL-1.0
#include "connect_operation.hpp"

#include "descriptor_stream.hpp"
#include "exec_stream.hpp"
#include "log_emit.hpp"
#include "stream_session.hpp"

#include <oizys/timeout.hpp>

#include <oizys/error.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace asio = boost::asio;

namespace oizys::detail
{

connect_operation::connect_operation(asio::any_io_executor const& executor, endpoint where,
                                     connect_options const& options, connect_extras extras,
                                     connect_handler handler)
    : executor_{executor}
    , where_{std::move(where)}
    , options_{options}
    , extras_{std::move(extras)}
    , handler_{std::move(handler)}
    , slot_{asio::get_associated_cancellation_slot(handler_)}
    , work_{asio::get_associated_executor(handler_, executor)}
    , resolver_{executor}
    , deadline_{executor}
    , pause_{executor}
    , socket_{executor}
{
}

void connect_operation::listen_for_cancellation()
{
    if (!slot_.is_connected())
        return;
    slot_.assign([weak = weak_from_this()](asio::cancellation_type type) {
        auto const self = weak.lock();
        if (self && type != asio::cancellation_type::none)
            asio::post(self->executor_, [self] { self->finish(asio::error::operation_aborted); });
    });
}

void connect_operation::start()
{
    if (finished_) // cancelled before it began
        return;
    if (options_.timeout > options_.timeout.zero())
    {
        deadline_.expires_after(clamp_timeout(options_.timeout));
        deadline_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
            if (!ec)
                self->finish(asio::error::timed_out);
        });
    }

    boost::system::error_code ec;
    transport_.emplace(tls_role::client, where_, extras_.tls,
                       session_settings{options_.session, extras_.websocket}, ec);
    if (ec)
        return fail(ec, transport_->why());
    switch (carrier_of(where_.kind()))
    {
    case carrier::unix_socket: return connect_unix();
    case carrier::tcp: return where_.port() == 0 ? finish(errc::bad_endpoint) : resolve();
    case carrier::none: return open_without_socket();
    }
}

// Descriptors and child processes are there at once, or not at all.
void connect_operation::open_without_socket()
{
    boost::system::error_code ec;
    std::unique_ptr<stream> opened;
    switch (where_.kind())
    {
    case endpoint_kind::stdio: opened = make_stdio_stream(executor_, ec); break;
    case endpoint_kind::fd: opened = make_given_stream(executor_, where_, ec); break;
    case endpoint_kind::exec:
        opened = make_exec_stream(executor_, where_.words(), child_channel::stdio, extras_.exec, ec);
        break;
    case endpoint_kind::exec_fd:
        opened = make_exec_stream(executor_, where_.words(), child_channel::fd3, extras_.exec, ec);
        break;
    default: ec = errc::bad_endpoint; break; // one that can only be listened on
    }
    ec ? finish(ec) : open(std::move(opened));
}

void connect_operation::resolve()
{
    if (auto const address = numeric_address(where_))
        return connect_tcp(*address);

    resolver_.async_resolve(where_.name(), std::to_string(where_.port()),
                            asio::ip::tcp::resolver::numeric_service,
                            [self = shared_from_this()](boost::system::error_code ec,
                                                        asio::ip::tcp::resolver::results_type const& found) {
                                if (self->finished_)
                                    return;
                                for (auto const& entry : found)
                                    self->addresses_.emplace_back(entry.endpoint());
                                self->last_failure_ = ec ? ec : asio::error::host_not_found;
                                self->try_next_address();
                            });
}

void connect_operation::try_next_address()
{
    ++attempt_;
    if (addresses_.empty())
        return finish(last_failure_);
    auto const address = addresses_.front();
    addresses_.pop_front();
    connect_tcp(address);
}

void connect_operation::connect_tcp(socket_address const& address)
{
    auto fd = open_stream_socket(address.family(), last_failure_);
    if (!fd)
        return try_next_address();
    bool const connected = ::connect(fd.get(), address.data(), address.size) == 0;
    if (!connected && errno != EINPROGRESS && errno != EINTR)
    {
        last_failure_ = last_error();
        return try_next_address();
    }
    // Only now is Asio told of the socket: one that has not begun to connect reports that it is writable.
    socket_ = adopt(executor_, std::move(fd), address.family(), last_failure_);
    if (last_failure_)
        return try_next_address();
    if (connected)
        return succeed();
    limit_attempt();
    wait_until_connected();
}

// An address that does not answer at all must not use up the time of those behind it.
void connect_operation::limit_attempt()
{
    pause_.cancel();
    if (addresses_.empty() || options_.timeout <= options_.timeout.zero())
        return;
    auto const left = deadline_.expiry() - asio::steady_timer::clock_type::now();
    pause_.expires_after(left / static_cast<int>(addresses_.size() + 1));
    pause_.async_wait([self = shared_from_this(), attempt = attempt_](boost::system::error_code ec) {
        if (ec || self->finished_ || attempt != self->attempt_)
            return;
        self->last_failure_ = asio::error::timed_out;
        boost::system::error_code ignored; // the descriptor is gone in any case
        self->socket_.close(ignored);
        self->try_next_address();
    });
}

void connect_operation::wait_until_connected()
{
    socket_.async_wait(asio::socket_base::wait_write,
                       [self = shared_from_this(), attempt = attempt_](boost::system::error_code ec) {
                           if (self->finished_ || attempt != self->attempt_)
                               return;
                           if (ec)
                               return self->finish(ec);
                           self->check_connected();
                       });
}

void connect_operation::check_connected()
{
    pollfd ready{.fd = socket_.native_handle(), .events = POLLOUT, .revents = 0};
    if (::poll(&ready, 1, 0) == 0)
        return wait_until_connected(); // woken for nothing
    int failure = 0;
    socklen_t size = sizeof failure;
    if (::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &failure, &size) != 0)
        failure = errno;
    if (failure == 0)
        return succeed();
    last_failure_.assign(failure, boost::system::system_category());
    boost::system::error_code ignored; // the descriptor is gone in any case
    socket_.close(ignored);
    try_next_address();
}

void connect_operation::connect_unix()
{
    boost::system::error_code ec;
    auto fd = open_stream_socket(AF_UNIX, ec);
    if (ec)
        return finish(ec);
    auto const address = unix_address(where_);
    if (::connect(fd.get(), address.data(), address.size) != 0)
    {
        // The listener's queue is full. There is nothing to wait for but time: Asio's connect takes the
        // socket for connected, since an unconnected Unix socket is writable.
        if (errno == EAGAIN)
            return retry_unix();
        return finish(last_error());
    }
    socket_ = adopt(executor_, std::move(fd), AF_UNIX, ec);
    ec ? finish(ec) : succeed();
}

void connect_operation::retry_unix()
{
    constexpr std::chrono::milliseconds longest_pause{50};
    pause_.expires_after(next_pause_);
    next_pause_ = std::min(2 * next_pause_, longest_pause);
    pause_.async_wait([self = shared_from_this()](boost::system::error_code) {
        if (!self->finished_)
            self->connect_unix();
    });
}

void connect_operation::succeed()
{
    ++attempt_;
    pause_.cancel();
    open(transport_->over(std::move(socket_)));
}

void connect_operation::open(std::unique_ptr<stream> connected)
{
    session_ = make_session(std::move(connected), transport_->session());
    open_session(*session_, [self = shared_from_this()](boost::system::error_code ec) {
        self->finish(ec, ec ? nullptr : self->session_);
    });
}

void connect_operation::fail(boost::system::error_code ec, std::string_view why)
{
    if (extras_.log)
        emit(extras_.log, {.level = log_level::error, .text = why, .fields = {}});
    finish(ec);
}

void connect_operation::finish(boost::system::error_code ec, std::shared_ptr<session> result)
{
    if (std::exchange(finished_, true))
        return;
    if (slot_.is_connected())
        slot_.clear();
    session_.reset();
    deadline_.cancel();
    pause_.cancel();
    resolver_.cancel();
    boost::system::error_code ignored; // the descriptor is gone in any case
    socket_.close(ignored);
    asio::post(executor_, asio::append(std::move(handler_), ec, std::move(result)));
    work_.reset();
}

} // namespace oizys::detail
