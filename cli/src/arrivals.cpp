// SPDX-License-Identifier: BSL-1.0
#include "arrivals.hpp"

#include "tell.hpp"

#include <boost/asio/error.hpp>

#include <csignal>
#include <utility>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

listener_options options()
{
    listener_options o;
    o.session.framing = framing::detect;
    o.log = log_to_stderr(log_level::warning);
    return o;
}

} // namespace

arrivals::arrivals(asio::io_context& io, endpoint const& where, handlers h)
    : handlers_{std::move(h)}, listener_{io.get_executor(), where, options()}, signals_{io, SIGINT, SIGTERM}
{
    tell("ready: " + listener_.local_endpoint().to_string());
    signals_.async_wait([this](boost::system::error_code cancelled, int) {
        if (!cancelled)
            stop();
    });
    accept();
}

void arrivals::stop()
{
    if (std::exchange(stopped_, true))
        return;
    listener_.close();
    signals_.cancel();
    handlers_.on_stop();
}

void arrivals::accept()
{
    listener_.async_accept([this](boost::system::error_code ec, std::shared_ptr<session> s) {
        if (ec == asio::error::operation_aborted) // stop() was called
            return;
        if (ec) // there is nothing more to accept, as on descriptors; those that are connected go on
        {
            signals_.cancel();
            return;
        }
        handlers_.on_session(++count_, std::move(s));
        if (!stopped_)
            accept();
    });
}

} // namespace oizys::cli
