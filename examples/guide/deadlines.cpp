// SPDX-License-Identifier: BSL-1.0
//
// Deadlines that travel, and cancelled calls. docs/guide/deadlines-and-cancellation.md shows it.
#include "both_ends.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/progress.hpp>
#include <oizys/rpc/reply.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>

namespace rpc = oizys::rpc;
using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::asio::use_awaitable;
using namespace std::chrono_literals;

/// Answers when the time is over, or not at all when nobody waits any more.
void sleep(rpc::call_context& call, rpc::reply<std::string> done, int ms, boost::asio::io_context& io)
{
    auto const timer = std::make_shared<boost::asio::steady_timer>(io, std::chrono::milliseconds{ms});
    call.on_cancel([timer] {
        std::cout << "nobody waits any more\n";
        timer->cancel();
    });
    timer->async_wait([timer, done = std::move(done)](boost::system::error_code cancelled) mutable {
        if (!cancelled)
            std::move(done)("slept");
    });
}

awaitable<void> time_out(rpc::peer& peer)
{
    auto const long_time = std::tuple{60000};
    auto [ec, answer] =
        co_await peer.async_call<std::string>("sleep", long_time, {.timeout = 20ms}, as_tuple(use_awaitable));
    std::cout << ec.message() << '\n';
}

void cancel(rpc::peer& peer, boost::asio::cancellation_signal& stop)
{
    peer.async_call<std::string>(
        "sleep", std::tuple{60000},
        boost::asio::bind_cancellation_slot(
            stop.slot(), [](boost::system::error_code ec, rpc::outcome<std::string> const&) {
                std::cout << ec.message() << '\n';
            }));
    stop.emit(boost::asio::cancellation_type::terminal);
}

/// A method that needs another one: what it calls has the time that is left, and is cancelled with it.
void nested(rpc::call_context& call, rpc::reply<std::string> done, int ms)
{
    call.caller().async_call<std::string>(
        "sleep", std::tuple{ms}, {.within = &call},
        [done = std::move(done)](boost::system::error_code ec, rpc::outcome<std::string> slept) mutable {
            if (ec)
                std::move(done).error(ec);
            else if (!slept.has_value())
                std::move(done).error(slept.error());
            else
                std::move(done)(*slept);
        });
}

void work(rpc::call_context& call, int steps)
{
    for (int step = 1; step <= steps; ++step)
        call.progress(step);
}

awaitable<void> watch(rpc::peer& peer)
{
    rpc::progress_handler<int> watch{[](int step) { std::cout << "step " << step << '\n'; }};
    auto const steps = std::tuple{2};
    auto const done = co_await peer.async_call<void>("work", steps, {.progress = &watch}, use_awaitable);
    done.value();
}

int main()
{
    boost::asio::io_context io{1};
    boost::asio::cancellation_signal stop;
    rpc::service service;
    service.method("sleep", [&](rpc::call_context& call, rpc::reply<std::string> done, int ms) {
        sleep(call, std::move(done), ms, io);
    });
    service.method("nested", nested);
    service.method("work", work);
    example::run_both(io, service, [&](rpc::peer& peer) -> awaitable<void> {
        co_await time_out(peer);
        cancel(peer, stop);
        co_await watch(peer);
        auto const short_time = std::tuple{1};
        std::string const slept = co_await peer.async_call<std::string>("nested", short_time, use_awaitable);
        std::cout << slept << '\n';
    });
}
