// SPDX-License-Identifier: BSL-1.0
//
// oizys list: the names of a server's methods. Also what completes them.
#include "client.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "discovery.hpp"
#include "failure.hpp"
#include "live_methods.hpp"
#include "print_value.hpp"
#include "text.hpp"

#include <algorithm>
#include <iostream>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

struct list_arguments
{
    client_arguments client;
    bool json = false;
};

asio::awaitable<int> list(list_arguments const& arguments)
{
    auto const names = co_await live_methods(arguments.client);
    if (arguments.json)
    {
        rpc::array all(names.begin(), names.end());
        std::cout << compact(all) << std::endl;
        co_return answered;
    }
    for (auto const& name : names)
        std::cout << one_line(name) << '\n';
    std::cout.flush();
    co_return answered;
}

} // namespace

asio::awaitable<std::vector<std::string>> live_methods(client_arguments arguments)
{
    auto peer = co_await connect(arguments);
    for (auto const* const method : {"system.listMethods", "rpc.discover"})
    {
        auto const answer = co_await call_and_wait(peer, method);
        if (answer.has_value())
        {
            auto names = method_names(answer.value());
            if (!names)
                throw failure{error_answer,
                              std::string{method} + " answered with something else than methods"};
            std::sort(names->begin(), names->end());
            co_return std::move(*names);
        }
        if (answer.error().code != rpc::method_not_found)
            throw failure{error_answer, std::string{method} + ": " + answer.error().message};
    }
    throw failure{
        error_answer,
        "this server does not tell its methods: it has neither system.listMethods nor rpc.discover"};
}

void add_list(CLI::App& app, command_line& line)
{
    auto const arguments = std::make_shared<list_arguments>();
    auto* const command = app.add_subcommand("list", "print the names of a server's methods");
    add_client_options(*command, arguments->client);
    command->add_flag("--json", arguments->json, "as a JSON array");
    command->footer(
        "The server is asked for system.listMethods, and for rpc.discover if it does not have that.");
    command->callback([&line, arguments] {
        line.run = [arguments] { return run([arguments] { return list(*arguments); }); };
    });
}

} // namespace oizys::cli
