// SPDX-License-Identifier: BSL-1.0
//
// An asynchronous client, here with coroutines; every completion token of Asio will do. README shows it.
#include <oizys/rpc/connect.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iostream>

using boost::asio::use_awaitable;

boost::asio::awaitable<void> calculate()
{
    auto executor = co_await boost::asio::this_coro::executor;
    auto peer = co_await oizys::rpc::async_connect(executor, "unix:calculator.sock", use_awaitable);
    int sum = co_await peer.async_call<int>("add", std::tuple{2, 3}, use_awaitable);
    std::cout << sum << '\n';
}

int main()
{
    boost::asio::io_context io{1};
    boost::asio::co_spawn(io, calculate(), [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    io.run();
}
