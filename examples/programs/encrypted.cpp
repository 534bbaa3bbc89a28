// SPDX-License-Identifier: BSL-1.0
//
// Calls over an encrypted WebSocket, both ends in one program. README shows it. It wants a certificate for localhost in
// server.pem and its key in server.key.
#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iostream>

using boost::asio::use_awaitable;

boost::asio::awaitable<void> calculate(oizys::rpc::server& server, std::string port)
{
    auto executor = co_await boost::asio::this_coro::executor;
    auto where = "wss://localhost:" + port + "/calls#ca=server.pem"; // without ca: whom the system trusts
    auto peer = co_await oizys::rpc::async_connect(executor, where, use_awaitable);
    int sum = co_await peer.async_call<int>("add", std::tuple{2, 3}, use_awaitable);
    std::cout << sum << '\n';
    server.close();
}

int main()
{
    boost::asio::io_context io{1};
    oizys::rpc::service calculator;
    calculator.method("add", [](int a, int b) { return a + b; });

    oizys::rpc::server_options options;
    options.listener.websocket.target = "/calls";
    options.listener.websocket.allowed_origins = {"https://calculator.example"}; // web pages; else none
    oizys::rpc::server server{io.get_executor(), calculator, options};
    auto opened = server.listen("wss://localhost:0/#cert=server.pem&key=server.key");

    boost::asio::co_spawn(io, calculate(server, std::to_string(opened.port())),
                          [](std::exception_ptr failed) {
                              if (failed)
                                  std::rethrow_exception(failed);
                          });
    io.run();
}
