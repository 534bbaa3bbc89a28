// SPDX-License-Identifier: BSL-1.0
//
// A service and its caller in one program, as a user's first program would be.
#include <oizys/rpc/blocking_client.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <iostream>
#include <string>
#include <thread>

int main()
{
    auto const endpoint = "unix:@oizys-consumer-" + std::to_string(getpid());

    boost::asio::io_context io{1};
    oizys::rpc::service calculator;
    calculator.method("add", [](int a, int b) { return a + b; });
    oizys::rpc::server server{io.get_executor(), calculator};
    server.listen(endpoint);
    std::thread loop{[&] { io.run(); }};

    int sum = 0;
    {
        oizys::rpc::blocking_client client{endpoint};
        sum = client.call<int>("add", 2, 3);
    }
    io.stop();
    loop.join();

    std::cout << "2 + 3 = " << sum << '\n';
    return sum == 5 ? 0 : 1;
}
