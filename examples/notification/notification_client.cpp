// SPDX-License-Identifier: BSL-1.0
//
// Prints the numbers that a notification_server publishes. A client serves notifications in the way in which a
// server serves calls: both ends of a connection are peers.
#include "common/command_line.hpp"

#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <limits>

namespace asio = boost::asio;
namespace rpc = oizys::rpc;

int main(int argc, char** argv)
try
{
    CLI::App app{"Prints what a notification_server publishes until it ends."};
    std::string endpoint;
    auto count = std::numeric_limits<std::uint64_t>::max();
    app.add_option("ENDPOINT", endpoint, "unix:/path, unix:@name or tcp:host:port")->required();
    app.add_option("--count", count, "how many numbers to print")->check(CLI::PositiveNumber);
    example::parse(app, argc, argv);

    asio::io_context io{1};
    rpc::peer server;
    rpc::service service;
    service.method("published", [&](std::uint64_t number) {
        std::cout << number << std::endl;
        if (--count == 0)
            server.close();
    });

    boost::system::error_code lost;
    auto const subscribe = [&]() -> asio::awaitable<void> {
        server = co_await rpc::async_connect(io.get_executor(), endpoint, service, {}, asio::use_awaitable);
        server.set_onclose([&](boost::system::error_code why) { lost = why; });
        std::uint64_t const last = co_await server.async_call<std::uint64_t>("last", {}, asio::use_awaitable);
        std::cout << "connected; the last one was " << last << std::endl;
    };
    asio::co_spawn(io, subscribe, [](std::exception_ptr const& failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    io.run();
    if (lost)
        throw boost::system::system_error{lost, endpoint};
}
catch (std::exception const& e)
{
    return example::report(e);
}
