// SPDX-License-Identifier: BSL-1.0
#include "endpoint_exchange.hpp"

#include "rendezvous.hpp"

#include <boost/system/system_error.hpp>

#include <utility>

namespace bench
{
namespace
{

void check(boost::system::error_code ec)
{
    if (ec)
        throw boost::system::system_error{ec};
}

void accept(oizys::listener& listener, echo_server& server)
{
    listener.async_accept([&](boost::system::error_code ec, session_ptr session) {
        check(ec);
        server.take(std::move(session));
        accept(listener, server);
    });
}

} // namespace

void serve_endpoint(plan const& p, oizys::endpoint const& where, oizys::listener_options const& options)
{
    boost::asio::io_context io{1};
    echo_server server{p};
    oizys::listener listener{io.get_executor(), where, options};
    accept(listener, server);
    announce(p.path, listener.local_endpoint().to_string());
    io.run();
}

void run_endpoint(plan const& p, meter& m, oizys::connect_options const& options,
                  oizys::connect_extras const& extras)
{
    oizys::endpoint const where{announced(p.path)};
    run_sessions(p, m, [&](boost::asio::io_context& io) {
        session_ptr connected;
        bool done = false;
        oizys::async_connect(io.get_executor(), where, options, extras,
                             [&](boost::system::error_code ec, session_ptr session) {
                                 check(ec);
                                 connected = std::move(session);
                                 done = true;
                             });
        while (!done)
            io.run_one();
        io.restart(); // it may have had nothing else to do
        return connected;
    });
}

} // namespace bench
