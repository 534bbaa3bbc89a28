// SPDX-License-Identifier: BSL-1.0
//
// A filter that a server calls back, until that goes. docs/tutorial.md shows it.
#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cctype>
#include <exception>
#include <iostream>
#include <string>

namespace rpc = oizys::rpc;
using boost::asio::awaitable;
using boost::asio::use_awaitable;

std::string shout(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    return text + "!";
}

awaitable<void> plug_in(rpc::service const& ours, rpc::peer& host)
{
    auto executor = co_await boost::asio::this_coro::executor;
    rpc::client_options const options;
    host = co_await rpc::async_connect(executor, "unix:text.sock?negotiate=1", ours, options, use_awaitable);
    host.set_onclose([](boost::system::error_code) { std::cout << "the server has gone" << std::endl; });
    auto const answer = co_await host.async_call<void>("plug_in", std::tuple{"shout"}, use_awaitable);
    answer.value(); // throws if the server has answered with an error
    std::cout << "plugged in" << std::endl;
}

int main()
{
    boost::asio::io_context io{1};
    rpc::service ours;
    ours.method("filter", {"text"}, shout);
    rpc::peer host;
    boost::asio::co_spawn(io, plug_in(ours, host), [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    io.run();
}
