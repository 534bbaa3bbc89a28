// SPDX-License-Identifier: BSL-1.0
//
// Methods that send values one by one. docs/guide/streams.md shows it.
#include "both_ends.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/stream.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <string>

namespace rpc = oizys::rpc;
using boost::asio::awaitable;
using boost::asio::use_awaitable;

rpc::stream<int> count(int to)
{
    return rpc::stream<int>{[i = 0, to]() mutable { return i < to ? std::optional{i++} : std::nullopt; }};
}

awaitable<void> tick(rpc::stream_writer<std::string> out, int times)
{
    boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor};
    for (int i = 0; i < times; ++i)
    {
        timer.expires_after(std::chrono::milliseconds{1});
        co_await timer.async_wait(use_awaitable);
        auto const value = std::string{i % 2 == 0 ? "tick" : "tock"};
        co_await out.async_write(value, use_awaitable); // throws when nobody wants more
    }
    std::move(out).finish();
}

awaitable<void> read_all(rpc::peer& peer)
{
    auto numbers = peer.open_stream<int>("count", std::tuple{4});
    while (std::optional<int> n = co_await numbers.async_next(use_awaitable))
        std::cout << *n << ' ';
    std::cout << '\n';
}

awaitable<void> read_some(rpc::peer& peer)
{
    auto numbers = peer.open_stream<int>("count", std::tuple{1000000}, {.window = 4});
    for (int i = 0; i < 3; ++i)
        if (std::optional<int> n = co_await numbers.async_next(use_awaitable))
            std::cout << *n << ' ';
    std::cout << "and no more\n";
} // here the other end is told to stop

int main()
{
    boost::asio::io_context io{1};
    rpc::service service;
    service.method("count", count);
    service.method("tick", [&](rpc::stream_writer<std::string> out, int times) {
        co_spawn(io, tick(std::move(out), times), boost::asio::detached);
    });
    example::run_both(io, service, [&](rpc::peer& peer) -> awaitable<void> {
        co_await read_all(peer);
        co_await read_some(peer);
        auto ticks = peer.open_stream<std::string>("tick", std::tuple{2});
        while (std::optional<std::string> text = co_await ticks.async_next(use_awaitable))
            std::cout << *text << '\n';
    });
}
