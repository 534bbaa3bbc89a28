// SPDX-License-Identifier: BSL-1.0
//
// oizys call: calls a method, or notifies, and prints the result.
#include "arguments.hpp"
#include "client.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "failure.hpp"
#include "print_value.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iostream>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

struct call_arguments
{
    client_arguments client;
    std::string method;
    std::vector<std::string> named;
    rpc::value parameters;
    bool notify = false;
    bool json = false;
};

asio::awaitable<int> notify(rpc::peer peer, call_arguments const& arguments)
{
    if (auto const ec = peer.notify(arguments.method, arguments.parameters))
        throw failure{exit_code_of(ec), arguments.method + ": " + ec.message()};
    auto const [ec] = co_await peer.session().async_drain(asio::as_tuple(asio::use_awaitable));
    if (ec)
        throw failure{no_connection, arguments.method + ": " + ec.message()};
    co_return answered;
}

asio::awaitable<int> call(call_arguments const& arguments)
{
    auto peer = co_await connect(arguments.client);
    if (arguments.notify)
        co_return co_await notify(peer, arguments);
    auto const answer = co_await call_and_wait(peer, arguments.method, arguments.parameters);
    if (!answer.has_value())
        co_return print_error(answer.error(), arguments.json);
    std::cout << for_stdout(answer.value(), arguments.json) << std::endl;
    co_return answered;
}

constexpr auto footer =
    R"(Each ARG is JSON (3, null, '[1,2]', '{"a":1}', '"3"'); a word that is not JSON is a string, so hello is
"hello". What begins with [, { or " must be JSON. Words behind -- are arguments whatever they look like.

The result is printed on standard output: indented and coloured on a terminal, else as compact JSON. Bytes are
printed as base64, an extension of msgpack as {"type":n,"data":base64}, numbers that are not finite as strings.)";

} // namespace

void add_call(CLI::App& app, command_line& line)
{
    auto const arguments = std::make_shared<call_arguments>();
    auto* const command = app.add_subcommand("call", "call a method and print its result");
    add_client_options(*command, arguments->client);
    command->add_option("METHOD", arguments->method, "what to call")->required();
    command
        ->add_option("--named", arguments->named, "a parameter by name, instead of ARG; may be given again")
        ->allow_extra_args(false)
        ->type_name("NAME=VALUE");
    command->add_flag("--notify", arguments->notify, "send a notification, which is not answered");
    command->add_flag("--json", arguments->json, "compact JSON also on a terminal, and for errors");
    command->footer(footer);
    command->allow_extras(); // as an option of the parser, an argument that is an array would be taken apart
    line.can_behind.push_back("call");
    command->callback([&line, command, arguments] {
        line.run = [&line, command, arguments] {
            arguments->parameters = parse_parameters(command->remaining(), line.behind, arguments->named);
            return run([arguments] { return call(*arguments); });
        };
    });
}

} // namespace oizys::cli
