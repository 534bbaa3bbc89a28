// SPDX-License-Identifier: BSL-1.0
//
// oizys bench: how many calls a server answers in a second, and how long they take.
#include "arguments.hpp"
#include "client.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "failure.hpp"
#include "load.hpp"
#include "option.hpp"
#include "print_value.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <unistd.h>

#include <array>
#include <cstdio>
#include <iostream>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

using std::chrono::duration;

struct bench_arguments
{
    client_arguments client;
    std::string method;
    std::vector<std::string> named;
    rpc::value parameters;
    std::uint64_t connections = 1;
    std::uint64_t outstanding = 1;
    double seconds = 3;
    bool json = false;
};

constexpr std::array percentiles{std::pair{"p50", 0.5}, std::pair{"p90", 0.9}, std::pair{"p99", 0.99},
                                 std::pair{"p99.9", 0.999}};

double microseconds(std::chrono::nanoseconds d) { return duration<double, std::micro>{d}.count(); }

void print_as_json(load const& done, double seconds)
{
    auto const& times = done.times();
    rpc::object took{{"mean", microseconds(times.mean())}, {"min", microseconds(times.min())}};
    for (auto const& [name, part] : percentiles)
        took.push_back(name, microseconds(times.percentile(part)));
    took.push_back("max", microseconds(times.max()));
    std::cout << compact(rpc::object{{"calls", times.count()},
                                     {"seconds", seconds},
                                     {"calls_per_second", static_cast<double>(times.count()) / seconds},
                                     {"errors", done.errors()},
                                     {"timeouts", done.timeouts()},
                                     {"microseconds", took}})
              << std::endl;
}

void print_as_text(load const& done, double seconds)
{
    auto const& times = done.times();
    std::array<char, 128> line{};
    std::snprintf(line.data(), line.size(), "%llu calls in %.2f s: %.0f calls/s",
                  static_cast<unsigned long long>(times.count()), seconds,
                  static_cast<double>(times.count()) / seconds);
    std::cout << line.data();
    if (done.errors() > 0)
        std::cout << ", " << done.errors() << " answered with errors";
    if (done.timeouts() > 0)
        std::cout << ", " << done.timeouts() << " more timed out";
    std::cout << "\nmean " << duration_text(times.mean()) << ", min " << duration_text(times.min());
    for (auto const& [name, part] : percentiles)
        std::cout << ", " << name << ' ' << duration_text(times.percentile(part));
    std::cout << ", max " << duration_text(times.max()) << '\n' << draw(times, 40) << std::flush;
}

/// Once a second, where somebody looks on.
asio::awaitable<void> show_until(bool const& done, load const& running, asio::steady_timer& timer)
{
    bool const shown = is_terminal(STDERR_FILENO);
    while (!done)
    {
        timer.expires_after(std::chrono::seconds{1});
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable)); // cancelled when it is done
        if (shown)
            std::cerr << "\r\x1b[K" << (done ? "" : std::to_string(running.times().count()) + " calls")
                      << std::flush;
    }
}

asio::awaitable<int> bench(bench_arguments const& arguments)
{
    std::vector<rpc::peer> peers;
    for (std::uint64_t i = 0; i < arguments.connections; ++i)
        peers.push_back(co_await connect(arguments.client));

    load running{std::move(peers), arguments.method, arguments.parameters};
    asio::steady_timer timer{co_await asio::this_coro::executor};
    auto const start = load::clock::now();
    auto const end =
        start + std::chrono::duration_cast<load::clock::duration>(duration<double>{arguments.seconds});
    auto last = start;
    bool done = false;
    running.start(static_cast<std::size_t>(arguments.outstanding), end, [&] {
        last = load::clock::now();
        done = true;
        timer.cancel();
    });
    co_await show_until(done, running, timer);

    if (running.lost())
        throw failure{exit_code_of(running.lost()), arguments.method + ": " + running.lost().message()};
    auto const seconds = duration<double>{last - start}.count();
    arguments.json ? print_as_json(running, seconds) : print_as_text(running, seconds);
    if (running.first_error())
        print_error(*running.first_error(), arguments.json);
    co_return running.timeouts() > 0 ? timed_out : running.errors() > 0 ? error_answer : answered;
}

} // namespace

void add_bench(CLI::App& app, command_line& line)
{
    auto const arguments = std::make_shared<bench_arguments>();
    auto* const command =
        app.add_subcommand("bench", "call a method over and over, and tell how long that took");
    add_client_options(*command, arguments->client);
    command->add_option("METHOD", arguments->method, "what to call")->required();
    command
        ->add_option("--named", arguments->named, "a parameter by name, instead of ARG; may be given again")
        ->allow_extra_args(false)
        ->type_name("NAME=VALUE");
    add_count(*command, "--connections", arguments->connections, "connections at once", 1, 16384);
    add_count(*command, "--outstanding", arguments->outstanding, "calls under way on each of them", 1, 65536);
    add_seconds(*command, "--duration", arguments->seconds, "how long to start new calls");
    command->add_flag("--json", arguments->json, "one JSON object, without the picture");
    command->allow_extras();
    command->footer(
        "ARG is as for oizys call. One thread makes all calls, so that a fast server is not busy. A time has an "
        "error of\nat most 1 in 32. The first error that was answered is printed on standard error.");
    line.can_behind.push_back("bench");
    command->callback([&line, command, arguments] {
        line.run = [&line, command, arguments] {
            arguments->parameters = parse_parameters(command->remaining(), line.behind, arguments->named);
            return run([arguments] { return bench(*arguments); });
        };
    });
}

} // namespace oizys::cli
