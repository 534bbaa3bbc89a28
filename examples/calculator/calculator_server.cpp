// SPDX-License-Identifier: BSL-1.0
//
// A calculator for everybody who connects, in JSON-RPC and in MessagePack-RPC. Shows each way to write a method:
// functions, parameter names and defaults, a rest, application errors, work on other threads, an answer that comes
// later, and what is told of each call. examples/systemd shows it as a service that systemd starts when somebody
// connects.
#include "common/command_line.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/execution.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>
#include <oizys/systemd.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cmath>
#include <csignal>
#include <list>
#include <stdexcept>
#include <tuple>
#include <vector>

namespace asio = boost::asio;
namespace rpc = oizys::rpc;

namespace
{

// Codes of this application; -32768 to -32000 belong to the protocol.
constexpr int division_by_zero = 1;
constexpr int overflow = 2;

std::int64_t add(std::int64_t a, std::int64_t b)
{
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        throw rpc::error{overflow, "the sum does not fit into 64 bits"};
    return sum;
}

std::int64_t subtract(std::int64_t minuend, std::int64_t subtrahend)
{
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(minuend, subtrahend, &difference))
        throw rpc::error{overflow, "the difference does not fit into 64 bits"};
    return difference;
}

std::int64_t sum(rpc::rest<std::int64_t> const& numbers)
{
    std::int64_t total = 0;
    for (auto const number : numbers)
        total = add(total, number);
    return total;
}

double divide(double a, double b)
{
    if (b == 0)
        throw rpc::error{division_by_zero, "division by zero", rpc::object{{"dividend", a}}};
    return a / b;
}

/// Takes its time.
std::int64_t count_primes(std::uint32_t below)
{
    if (below > 100'000'000)
        throw rpc::error{overflow, "so many numbers take too long"};
    std::vector<bool> composite(below);
    std::int64_t count = 0;
    for (std::size_t n = 2; n < below; ++n)
    {
        if (composite[n])
            continue;
        ++count;
        for (auto multiple = n * n; multiple < below; multiple += n)
            composite[multiple] = true;
    }
    return count;
}

/// Without systemd nothing is told, and nothing fails.
void tell_systemd(boost::system::error_code failure)
{
    if (failure)
        std::cerr << "systemd was not told: " << failure.message() << '\n';
}

} // namespace

int main(int argc, char** argv)
try
{
    CLI::App app{"Serves a calculator until SIGINT or SIGTERM."};
    double idle_seconds = 0;
    std::vector<std::string> endpoints;
    rpc::server_options options;
    app.add_option("--listen", endpoints,
                   "unix:/path, unix:@name, tcp:host:port or systemd:NAME; may be given again")
        ->required()
        ->allow_extra_args(false);
    app.add_option("--idle-exit", idle_seconds, "end when nobody was connected for so many seconds; 0: never")
        ->check(CLI::Range(0.0, 1e6));
    app.add_flag("--expose-exceptions", options.peer.expose_exceptions,
                 "answer with what() of the exceptions that leave a method");
    bool verbose = false;
    app.add_flag("--verbose", verbose, "tell of each call");
    example::parse(app, argc, argv);

    asio::io_context io{1};
    asio::thread_pool workers{2};
    std::list<asio::steady_timer> sleeping;

    rpc::service calculator;
    calculator.method("add", {"a", "b"}, add);
    calculator.method("subtract", {"minuend", "subtrahend"}, subtract);
    calculator.method("sum", sum);
    calculator.method("divide", {"a", "b"}, divide);
    calculator.method("power", {"base", rpc::arg("exponent") = 2},
                      [](double base, double exponent) { return std::pow(base, exponent); });
    rpc::execution const slow{workers.get_executor(), {.max_running = 2, .max_waiting = 16}};
    calculator.method("count_primes", {"below"}, rpc::on(slow, count_primes));
    calculator.method("echo", {"value"}, [](rpc::value const& anything) { return anything; });
    calculator.method("fail", {"message"},
                      [](std::string const& message) { throw std::runtime_error{message}; });
    calculator.method("get_data", [] { return std::tuple{"hello", 5}; });
    // Others are served meanwhile. A reply that is dropped answers with an error. Any count of 32 bits is a time that
    // the clock can add; one of 64 bits need not be.
    calculator.method("sleep", {"ms"}, [&](rpc::reply<void> done, std::uint32_t ms) {
        auto const timer = sleeping.emplace(sleeping.end(), io, std::chrono::milliseconds{ms});
        timer->async_wait(
            [&sleeping, timer, done = std::move(done)](boost::system::error_code cancelled) mutable {
                if (!cancelled)
                    std::move(done)();
                sleeping.erase(timer);
            });
    });
    for (auto const* const notification : {"update", "notify_hello", "notify_sum"})
        calculator.method(notification, [](rpc::rest<rpc::value> const&) {});

    if (verbose)
        calculator.after([](rpc::call_context const& call, rpc::call_report const& report) {
            auto const taken = std::chrono::duration_cast<std::chrono::microseconds>(report.duration);
            std::cout << call.method() << (report.error ? " failed: " + std::to_string(*report.error) : "")
                      << ' ' << taken.count() << " us" << std::endl;
        });

    options.idle_exit =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>{idle_seconds});
    rpc::server server{io.get_executor(), calculator, options};
    std::string ready = "ready:";
    for (auto const& endpoint : endpoints)
        ready += ' ' + server.listen(endpoint).to_string();

    oizys::systemd::watchdog watchdog{io.get_executor()};
    asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&](boost::system::error_code cancelled, int) {
        if (cancelled)
            return;
        server.close();
        for (auto& timer : sleeping)
            timer.cancel();
    });
    server.set_onclose([&] { // after a signal, and when nobody was there for a while
        tell_systemd(oizys::systemd::notify_stopping());
        signals.cancel();
        watchdog.stop();
    });
    std::cout << ready << std::endl;
    tell_systemd(oizys::systemd::notify_status(ready));
    tell_systemd(oizys::systemd::notify_ready());
    io.run();
}
catch (std::exception const& e)
{
    return example::report(e);
}
