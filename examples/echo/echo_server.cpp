// SPDX-License-Identifier: BSL-1.0
//
// Sends every message back to where it came from. Sessions alone: no calls, no JSON.
#include "common/command_line.hpp"

#include <oizys/listener.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <set>

namespace asio = boost::asio;

namespace
{

using sessions = std::set<std::shared_ptr<oizys::session>>;

// A session is told its end once; what it is captured as here must not keep it alive.
void serve(sessions& all, std::shared_ptr<oizys::session> const& session)
{
    all.insert(session);
    session->set_onmessage([&s = *session](std::string const& message) { s.send(message); });
    session->set_onclose(
        [&all, key = std::weak_ptr{session}](boost::system::error_code) { all.erase(key.lock()); });
}

// Ends with an exception (operation_aborted) when the listener is closed.
asio::awaitable<void> accept(oizys::listener& listener, sessions& all)
{
    for (;;)
        serve(all, co_await listener.async_accept(asio::use_awaitable));
}

} // namespace

int main(int argc, char** argv)
try
{
    CLI::App app{"Sends every message back until SIGINT or SIGTERM."};
    std::string endpoint;
    app.add_option("--listen", endpoint, "unix:/path, unix:@name or tcp:host:port")->required();
    example::parse(app, argc, argv);

    asio::io_context io{1};
    sessions all;
    oizys::listener listener{io.get_executor(), endpoint};
    asio::co_spawn(io, accept(listener, all), [&](std::exception_ptr const& ended) {
        if (ended && listener.is_open())
            std::rethrow_exception(ended);
    });

    asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&](boost::system::error_code, int) {
        listener.close();
        for (auto const& session : all)
            session->close();
    });
    std::cout << "ready: " << listener.local_endpoint().to_string() << std::endl;
    io.run();
}
catch (std::exception const& e)
{
    return example::report(e);
}
