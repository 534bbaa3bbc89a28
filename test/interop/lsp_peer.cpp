// SPDX-License-Identifier: BSL-1.0
//
// interop_lsp_peer serve ENDPOINT    a service with calls that can be cancelled, as the Language Server Protocol has it
// interop_lsp_peer cancel ENDPOINT   calls `wait` there, cancels it when told `waiting`, and asks whether it was heard
#include "interop/expect.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <list>
#include <string_view>

namespace asio = boost::asio;
namespace rpc = oizys::rpc;

using oizys::test::expect;

namespace
{

int serve(char const* where)
{
    asio::io_context io{1};
    int cancelled = 0;
    std::list<rpc::reply<void>> waiting;
    rpc::service service;
    service.method("wait", [&](rpc::call_context& call, rpc::reply<void> done) {
        waiting.push_back(std::move(done));
        call.on_cancel([&] { ++cancelled; });
    });
    service.method("cancelled", [&] { return cancelled; });
    service.method("work", [](rpc::call_context& call, rpc::object const&) {
        call.progress(50);
        return "worked";
    });
    rpc::server_options options;
    options.peer.extensions = rpc::extensions::lsp;
    rpc::server server{io.get_executor(), service, options};
    std::cout << "ready: " << server.listen(where).to_string() << std::endl;
    io.run();
    return 0;
}

asio::awaitable<void> cancel(std::string where)
{
    auto const executor = co_await asio::this_coro::executor;
    asio::cancellation_signal signal;
    rpc::service service;
    service.method("waiting", [&] { signal.emit(asio::cancellation_type::total); });
    rpc::client_options options;
    options.peer.extensions = rpc::extensions::lsp;
    auto peer = co_await rpc::async_connect(executor, where, service, options, asio::use_awaitable);

    boost::system::error_code why;
    peer.async_call<rpc::value>(
        "wait", std::tuple{},
        asio::bind_cancellation_slot(
            signal.slot(), [&](boost::system::error_code ec, rpc::outcome<rpc::value>) { why = ec; }));
    // Answered by the other end when it has heard of it.
    bool const heard = co_await peer.async_call<bool>("heard", std::tuple{}, asio::use_awaitable);
    expect("the other end heard of it", heard);
    expect("the call was cancelled", why == rpc::errc::cancelled);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc == 3 && argv[1] == std::string_view{"serve"})
        return serve(argv[2]);
    asio::io_context io{1};
    return argc == 3 ? oizys::test::run(io, cancel(argv[2])) : 2;
}
