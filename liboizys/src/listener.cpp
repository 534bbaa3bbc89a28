// SPDX-License-Identifier: BSL-1.0
#include <oizys/error.hpp>
#include <oizys/listener.hpp>

#include "listener_accept.hpp"
#include "listener_state.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace oizys
{
namespace
{

std::shared_ptr<detail::listener_state> open(boost::asio::any_io_executor const& executor,
                                             endpoint const& where, listener_options const& options,
                                             boost::system::error_code& ec)
{
    auto state = std::make_shared<detail::listener_state>(executor, where, options, ec);
    if (!state->gate)
        return state;
    state->gate->set_on_failure(
        [weak = std::weak_ptr{state}](credentials const& who, boost::system::error_code why) {
            if (auto const self = weak.lock())
                self->gate->report_failure(who, why);
        });
    return state;
}

} // namespace

listener::listener(boost::asio::any_io_executor executor, endpoint const& where,
                   listener_options const& options)
{
    boost::system::error_code ec;
    state_ = open(executor, where, options, ec);
    if (!ec)
        return;
    auto what = "oizys::listener " + where.to_string();
    if (!state_->why.empty())
        what += ": " + state_->why;
    throw boost::system::system_error{ec, what};
}

listener::listener(boost::asio::any_io_executor executor, endpoint const& where,
                   listener_options const& options, boost::system::error_code& ec)
    : state_{open(executor, where, options, ec)}
{
}

listener& listener::operator=(listener&& other) noexcept
{
    listener old{std::move(*this)};
    state_ = std::move(other.state_);
    return *this;
}

listener::~listener() { close(); }

void listener::start_accept(std::shared_ptr<detail::listener_state> const& state, accept_handler handler)
{
    auto const operation = std::make_shared<detail::accept_operation>(state, std::move(handler));
    if (state->is_exhausted)
        return operation->complete(errc::no_descriptor);
    if (!state->is_open())
        return operation->complete(boost::asio::error::bad_descriptor);
    if (!state->pending.expired())
        return operation->complete(boost::asio::error::already_started);
    state->pending = operation;
    operation->start();
}

endpoint const& listener::local_endpoint() const noexcept { return state_->local; }

bool listener::is_open() const noexcept { return state_ && state_->is_open(); }

listener_counters listener::counters() const noexcept
{
    return state_->gate ? state_->gate->counters() : listener_counters{};
}

boost::asio::any_io_executor listener::get_executor() const noexcept { return state_->socket.get_executor(); }

void listener::close() noexcept
{
    if (state_)
        state_->close();
}

} // namespace oizys
