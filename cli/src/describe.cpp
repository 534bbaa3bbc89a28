// SPDX-License-Identifier: BSL-1.0
//
// oizys describe: what a server tells about its methods, as text or as its OpenRPC document.
#include "client.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "discovery.hpp"
#include "failure.hpp"
#include "print_value.hpp"

#include <iostream>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

struct describe_arguments
{
    client_arguments client;
    std::string method;
    bool json = false;
};

asio::awaitable<int> describe_server(describe_arguments const& arguments)
{
    auto peer = co_await connect(arguments.client);
    auto const answer = co_await call_and_wait(peer, "rpc.discover");
    if (!answer.has_value() && answer.error().code == rpc::method_not_found)
        throw failure{error_answer, "this server does not describe itself: it has no rpc.discover"};
    if (!answer.has_value())
        co_return print_error(answer.error(), arguments.json);
    auto const text = describe(answer.value(), arguments.method);
    if (!text && arguments.method.empty())
        throw failure{error_answer, "rpc.discover answered with something else than an OpenRPC document"};
    if (!text)
        throw failure{error_answer, "this server describes no method " + arguments.method};
    if (arguments.json)
        std::cout << compact(answer.value()) << std::endl;
    else
        std::cout << *text << std::flush;
    co_return answered;
}

} // namespace

void add_describe(CLI::App& app, command_line& line)
{
    auto const arguments = std::make_shared<describe_arguments>();
    auto* const command = app.add_subcommand("describe", "print what a server tells about its methods");
    add_client_options(*command, arguments->client);
    command->add_option("METHOD", arguments->method, "this one only");
    command->add_flag("--json", arguments->json, "the whole OpenRPC document, as compact JSON");
    command->footer(
        "The server is asked for rpc.discover. A parameter that may be absent is marked with ?, or has a default.");
    command->callback([&line, arguments] {
        line.run = [arguments] { return run([arguments] { return describe_server(*arguments); }); };
    });
}

} // namespace oizys::cli
