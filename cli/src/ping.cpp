// SPDX-License-Identifier: BSL-1.0
//
// oizys ping: whether somebody answers, and how soon.
#include "client.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "option.hpp"
#include "print_value.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

struct ping_arguments
{
    client_arguments client;
    std::uint64_t count = 1;
    double interval = 1;
    bool json = false;
};

/// No server has such a method: names that begin with "rpc." belong to JSON-RPC. That it says so is the answer.
constexpr auto method = "rpc.ping";

asio::awaitable<int> ping(ping_arguments const& arguments)
{
    using clock = std::chrono::steady_clock;
    using milliseconds = std::chrono::duration<double, std::milli>;

    auto peer = co_await connect(arguments.client);
    asio::steady_timer pause{co_await asio::this_coro::executor};
    for (std::uint64_t i = 0; i < arguments.count; ++i)
    {
        if (i > 0)
        {
            pause.expires_after(to_milliseconds(arguments.interval));
            co_await pause.async_wait(asio::use_awaitable);
        }
        auto const start = clock::now();
        auto const answer = co_await call_and_wait(peer, method);
        auto const took = milliseconds{clock::now() - start}.count();
        if (arguments.json)
            std::cout << compact(rpc::object{{"milliseconds", took}}) << std::endl;
        else
        {
            std::array<char, 64> text{};
            std::snprintf(text.data(), text.size(), "answered in %.3f ms", took);
            std::cout << text.data() << std::endl;
        }
    }
    co_return answered;
}

} // namespace

void add_ping(CLI::App& app, command_line& line)
{
    auto const arguments = std::make_shared<ping_arguments>();
    arguments->client.timeout = 5;
    auto* const command = app.add_subcommand("ping", "tell whether a server answers, and how soon");
    add_client_options(*command, arguments->client);
    add_count(*command, "--count", arguments->count, "how many times", 1, 1'000'000'000);
    add_seconds(*command, "--interval", arguments->interval, "between two of them");
    command->add_flag("--json", arguments->json, "a JSON object for each answer");
    command->footer(
        "The server is asked for a method that it cannot have; any answer counts, also an error.");
    command->callback([&line, arguments] {
        line.run = [arguments] { return run([arguments] { return ping(*arguments); }); };
    });
}

} // namespace oizys::cli
