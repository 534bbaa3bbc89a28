// SPDX-License-Identifier: BSL-1.0
//
// Work on other threads, and threads with loops of their own. docs/guide/threads-and-lifetime.md shows it.
#include <oizys/rpc/blocking_client.hpp>
#include <oizys/rpc/execution.hpp>
#include <oizys/rpc/reply.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <iostream>
#include <list>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
namespace rpc = oizys::rpc;

std::size_t length(std::string const& text)
{
    return text.size(); // imagine that this takes long
}

/// One loop per thread, each with a server of its own for the same service.
class loop
{
public:
    loop(rpc::service const& served, std::string const& where) : server_{io_.get_executor(), served}
    {
        server_.listen(where);
        thread_ = std::thread{[this] { io_.run(); }};
    }

    ~loop()
    {
        asio::post(io_, [this] { server_.close(); }); // a server is used on its executor only
        thread_.join();
    }

private:
    asio::io_context io_{1};
    rpc::server server_;
    std::thread thread_;
};

int main()
{
    asio::thread_pool pool{2};
    rpc::execution const blocking{pool.get_executor(), {.max_running = 2, .max_waiting = 64}};

    rpc::service service;
    service.method("length", rpc::on(blocking, length));
    service.method("later", [&](rpc::reply<std::string> done, std::string text) {
        asio::post(pool, [done = std::move(done), text = std::move(text)]() mutable {
            std::move(done)(text + ", from another thread");
        });
    });

    std::list<loop> loops;
    for (auto const* const where : {"unix:first.sock", "unix:second.sock"})
        loops.emplace_back(service, where);

    rpc::blocking_client client{"unix:second.sock"};
    std::vector<std::thread> callers;
    for (int i = 0; i < 3; ++i) // a blocking_client may be used by several threads
        callers.emplace_back([&client] { client.call<std::size_t>("length", "four"); });
    for (auto& caller : callers)
        caller.join();
    std::cout << client.call<std::string>("later", "hello") << '\n';
}
