// SPDX-License-Identifier: BSL-1.0
//
// One to many: notifies everybody who is connected of each new number. Who has just connected asks for the last
// one first, and is told of all that follow.
#include "common/command_line.hpp"

#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>

namespace asio = boost::asio;
namespace rpc = oizys::rpc;
using namespace asio::experimental::awaitable_operators;

namespace
{

asio::awaitable<void> publish(rpc::server& server, std::uint64_t& last, std::chrono::milliseconds interval)
{
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (;;)
    {
        timer.expires_after(interval);
        co_await timer.async_wait(asio::use_awaitable);
        ++last;
        // Peers that are closing, and those whose protocol is not known because they have said nothing yet, cannot
        // be notified; the error that says so is of no interest here.
        for (auto& peer : server.peers())
            peer.notify("published", std::tuple{last});
    }
}

} // namespace

int main(int argc, char** argv)
try
{
    CLI::App app{"Publishes numbers until SIGINT or SIGTERM."};
    std::string endpoint;
    int interval = 1000;
    app.add_option("--listen", endpoint, "unix:/path, unix:@name or tcp:host:port")->required();
    app.add_option("--interval", interval, "milliseconds between two numbers")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    example::parse(app, argc, argv);

    asio::io_context io{1};
    std::uint64_t last = 0;
    rpc::service service;
    service.method("last", [&] { return last; });
    rpc::server server{io.get_executor(), service};
    std::string const where = server.listen(endpoint).to_string();

    asio::signal_set signals{io, SIGINT, SIGTERM};
    asio::co_spawn(io,
                   publish(server, last, std::chrono::milliseconds{interval}) ||
                       signals.async_wait(asio::use_awaitable),
                   [&](std::exception_ptr const&, auto const&) { server.close(); });
    std::cout << "ready: " << where << std::endl;
    io.run();
}
catch (std::exception const& e)
{
    return example::report(e);
}
