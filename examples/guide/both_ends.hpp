// SPDX-License-Identifier: BSL-1.0
//
// A server and a coroutine that is its client, in one process.
#pragma once

#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <iostream>

namespace example
{

/// Runs `client`, a coroutine that is given a peer, with a server of `served`, which it serves itself as well. Both ends know that the other is oizys.
template <class Client>
void run_both(boost::asio::io_context& io, oizys::rpc::service const& served, Client client,
              oizys::rpc::server_options options = {})
{
    oizys::rpc::server server{io.get_executor(), served, std::move(options)};
    auto const where = server.listen("unix:guide.sock?negotiate=1");
    boost::asio::co_spawn(
        io,
        [&]() -> boost::asio::awaitable<void> {
            auto executor = co_await boost::asio::this_coro::executor;
            oizys::rpc::client_options const client_options;
            auto peer = co_await oizys::rpc::async_connect(executor, where, served, client_options,
                                                           boost::asio::use_awaitable);
            co_await client(peer);
        },
        [&](std::exception_ptr failed) {
            server.close();
            if (failed)
                std::rethrow_exception(failed);
        });
    io.run();
}

} // namespace example
