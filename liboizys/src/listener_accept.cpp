// SPDX-License-Identifier: BSL-1.0
#include "listener_accept.hpp"

#include "socket_stream.hpp"
#include "stream_session.hpp"

#include <oizys/error.hpp>
#include <oizys/timeout.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>

namespace asio = boost::asio;

namespace oizys::detail
{

accept_verdict judge_accept_error(int error) noexcept
{
    switch (error)
    {
    case EAGAIN: return accept_verdict::wait;
    // accept(2): errors of the connection that waited, not of the listening socket.
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case EPERM:
    case ENETDOWN:
    case ENETUNREACH:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case ETIMEDOUT: return accept_verdict::again;
    case EBADF:
    case EFAULT:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP: return accept_verdict::fail;
    default: return accept_verdict::pause; // EMFILE, ENFILE, ENOBUFS, ENOMEM, and what is unheard of
    }
}

accept_operation::accept_operation(std::shared_ptr<listener_state> shared, handler h)
    : state_{std::move(shared)}
    , executor_{state_->socket.get_executor()}
    , handler_{std::move(h)}
    , slot_{asio::get_associated_cancellation_slot(handler_)}
    , work_{asio::get_associated_executor(handler_, executor_)}
    , pause_{executor_}
{
}

void accept_operation::start()
{
    if (slot_.is_connected())
    {
        slot_.assign([weak = weak_from_this()](asio::cancellation_type type) {
            if (auto const self = weak.lock(); self && type != asio::cancellation_type::none)
                self->cancel();
        });
    }
    if (state_->connection)
        take_stream();
    else if (state_->is_connection)
        take_connection();
    else
        try_accept();
}

void accept_operation::cancel() noexcept
{
    cancelled_ = true;
    boost::system::error_code ignored; // it fails only when there is nothing to cancel
    state_->socket.cancel(ignored);
    pause_.cancel();
}

void accept_operation::try_accept()
{
    // Connections that are gone or refused are passed over; when there is nothing else, others get a turn.
    boost::system::error_code error;
    for (int tries = 0; tries < 64; ++tries)
    {
        if (state_->gate->full())
            return wait_for_room();
        unique_fd fd{
            ::accept4(state_->socket.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        error = fd ? boost::system::error_code{} : last_error();
        if (fd && accepted(std::move(fd)))
            return;
        if (is_over()) // by a function of the user's
            return finish(asio::error::operation_aborted);
        if (!error)
            continue;
        auto const verdict = judge_accept_error(error.value());
        if (verdict != accept_verdict::wait)
            state_->gate->count_error();
        switch (verdict)
        {
        case accept_verdict::wait: return wait();
        case accept_verdict::again: continue;
        case accept_verdict::pause: return pause(error);
        case accept_verdict::fail: state_->gate->report_end(error); return finish(error);
        }
    }
    if (error)
        pause(error);
    else
        give_way();
}

// The only one there is. Nobody is asked: who started this process has decided.
void accept_operation::take_stream()
{
    state_->is_exhausted = true;
    auto slot = state_->gate->admit_given();
    state_->gate->count_accepted();
    finish({}, make_session(std::move(state_->connection), state_->transport->session(), std::move(slot)));
}

// The listener was handed one connection instead of a socket to accept on. With it the listener is done.
void accept_operation::take_connection()
{
    bool is_crowd = false; // refused all the same: there is nobody else
    auto slot = state_->gate->admit(state_->socket.native_handle(), is_crowd);
    if (is_over()) // by a function of the user's
        return finish(asio::error::operation_aborted);
    state_->is_exhausted = true;
    unique_fd fd{state_->socket.release()};
    if (!slot)
        return finish(errc::no_descriptor);
    boost::system::error_code ec;
    auto socket = adopt(executor_, std::move(fd), state_->family, ec);
    if (ec)
        return finish(ec);
    state_->gate->count_accepted();
    finish({}, make_session(state_->transport->over(std::move(socket)), state_->transport->session(),
                            std::move(*slot)));
}

void accept_operation::wait()
{
    state_->socket.async_wait(asio::posix::descriptor_base::wait_read,
                              [self = shared_from_this()](boost::system::error_code ec) { self->go_on(ec); });
}

// The connections wait in the backlog meanwhile, whose length the kernel bounds.
void accept_operation::wait_for_room()
{
    pause_.expires_at(asio::steady_timer::time_point::max());
    pause_.async_wait([self = shared_from_this()](boost::system::error_code) { self->go_on({}); });
    state_->gate->set_on_room([weak = weak_from_this()] {
        if (auto const self = weak.lock())
            self->pause_.cancel();
    });
    state_->gate->report_full();
}

void accept_operation::pause(boost::system::error_code why)
{
    pause_.expires_after(
        std::max(clamp_timeout(state_->options.accept_backoff), std::chrono::milliseconds{1}));
    pause_.async_wait([self = shared_from_this()](boost::system::error_code ec) { self->go_on(ec); });
    state_->gate->report_pause(why);
}

void accept_operation::give_way()
{
    asio::post(executor_, [self = shared_from_this()] { self->go_on({}); });
}

void accept_operation::go_on(boost::system::error_code ec)
{
    if (is_over())
        finish(asio::error::operation_aborted);
    else if (ec)
        finish(ec);
    else
        try_accept();
}

// Returns whether this operation has something else to do now than to accept the next one.
bool accept_operation::accepted(unique_fd fd)
{
    bool is_crowd = false;
    auto slot = state_->gate->admit(fd.get(), is_crowd);
    if (is_over())
        return false;
    boost::system::error_code ec;
    if (!slot)
    {
        if (is_crowd && state_->transport->hears_hello())
        {
            if (auto socket = adopt(executor_, std::move(fd), state_->family, ec); !ec)
                state_->refusals.add(std::move(socket));
        }
        return false;
    }
    auto socket = adopt(executor_, std::move(fd), state_->family, ec);
    // Asio's reactor could not take it: the system is short of memory, and this connection is lost.
    if (ec)
    {
        state_->gate->count_error();
        pause(ec);
        return true;
    }
    state_->gate->count_accepted();
    finish({}, make_session(state_->transport->over(std::move(socket)), state_->transport->session(),
                            std::move(*slot)));
    return true;
}

void accept_operation::finish(boost::system::error_code ec, std::shared_ptr<session> result)
{
    if (slot_.is_connected())
        slot_.clear();
    state_->pending.reset();
    complete(ec, std::move(result));
}

void accept_operation::complete(boost::system::error_code ec, std::shared_ptr<session> result)
{
    asio::post(executor_, asio::append(std::move(handler_), ec, std::move(result)));
    work_.reset();
}

} // namespace oizys::detail
