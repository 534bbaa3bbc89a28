// SPDX-License-Identifier: BSL-1.0
#include "client.hpp"

#include "failure.hpp"
#include "option.hpp"
#include "print_value.hpp"
#include "text.hpp"

#include <oizys/rpc/service.hpp>

#include <CLI/App.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <unistd.h>

#include <exception>
#include <iostream>

namespace asio = boost::asio;

namespace oizys::cli
{

void add_client_options(CLI::App& command, client_arguments& to)
{
    command.add_option("ENDPOINT", to.endpoint, "where the server listens")->required();
    command.add_flag("--msgpack", to.msgpack, "speak MessagePack-RPC instead of JSON-RPC");
    add_seconds(command, "--timeout", to.timeout, "for connecting, and for each call; 0: none");
}

asio::awaitable<rpc::peer> connect(client_arguments arguments)
{
    endpoint const where{arguments.endpoint};
    rpc::client_options options;
    options.connect.timeout = to_milliseconds(arguments.timeout);
    options.peer.call_timeout = to_milliseconds(arguments.timeout);
    options.peer.protocol = arguments.msgpack ? rpc::protocol::msgpack : rpc::protocol::json;
    connect_extras extras;
    extras.log = log_to_stderr(log_level::warning);
    rpc::service const nothing;

    auto const executor = co_await asio::this_coro::executor;
    auto [ec, peer] = co_await rpc::async_connect(executor, where, nothing, options, extras,
                                                  asio::as_tuple(asio::use_awaitable));
    if (ec)
        throw failure{exit_code_of(ec), "cannot connect to " + arguments.endpoint + ": " + ec.message()};
    co_return peer;
}

asio::awaitable<rpc::outcome<rpc::value>> call_and_wait(rpc::peer peer, std::string method,
                                                        rpc::value parameters)
{
    auto [ec, answer] =
        co_await peer.async_call<rpc::value>(method, parameters, asio::as_tuple(asio::use_awaitable));
    if (ec == rpc::errc::bad_arguments && parameters.kind() == rpc::kind::object)
        throw failure{usage, "MessagePack-RPC has no named parameters"};
    if (ec)
        throw failure{exit_code_of(ec), method + ": " + ec.message()};
    co_return std::move(answer);
}

asio::awaitable<rpc::outcome<rpc::value>> call_and_wait(rpc::peer peer, std::string method)
{
    rpc::value none =
        rpc::array{}; // with a name: gcc 12 destroys twice what is written in braces within a co_await
    return call_and_wait(std::move(peer), std::move(method), std::move(none));
}

int run(std::function<asio::awaitable<int>()> const& body)
{
    asio::io_context io{1};
    int code = no_connection;
    std::exception_ptr failed;
    asio::co_spawn(io, body, [&](std::exception_ptr e, int returned) {
        failed = e;
        code = returned;
    });
    io.run();
    if (failed)
        std::rethrow_exception(failed);
    return code;
}

int print_error(rpc::error_object const& error, bool as_json)
{
    if (as_json)
    {
        std::cerr << compact(
                         rpc::object{{"code", error.code}, {"message", error.message}, {"data", error.data}})
                  << '\n';
        return error_answer;
    }
    auto const colours = palette_for(STDERR_FILENO);
    std::cerr << colours.paint(tone::error,
                               "error " + std::to_string(error.code) + ": " + one_line(error.message))
              << '\n';
    if (!error.data.is_null())
        std::cerr << (is_terminal(STDERR_FILENO) ? pretty(error.data, colours) : compact(error.data)) << '\n';
    return error_answer;
}

} // namespace oizys::cli
