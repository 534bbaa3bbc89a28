// SPDX-License-Identifier: BSL-1.0
//
// The smallest server: two functions, in both protocols. README shows it.
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/io_context.hpp>

int main()
{
    boost::asio::io_context io{1};
    oizys::rpc::service calculator;
    calculator.method("add", [](int a, int b) { return a + b; });
    calculator.method("subtract", {"minuend", "subtrahend"}, [](int a, int b) { return a - b; });
    oizys::rpc::server server{io.get_executor(), calculator};
    server.listen("unix:calculator.sock");
    io.run();
}
