// SPDX-License-Identifier: BSL-1.0
//
// The calls of docs/coming-from.md. That they compile is all that is asked of them.
#include <oizys/rpc/blocking_client.hpp>
#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/coroutine.hpp>
#include <oizys/rpc/function.hpp>
#include <oizys/rpc/named.hpp>
#include <oizys/rpc/progress.hpp>
#include <oizys/rpc/reply.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>
#include <oizys/rpc/stream.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace rpc = oizys::rpc;
using namespace std::chrono_literals;

namespace
{

constexpr auto on_sum = [](boost::system::error_code, rpc::outcome<int> const&) {};

void add_methods(rpc::service& service)
{
    service.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
    service.method("multiply", [](rpc::reply<int> done, int a, int b) { std::move(done)(a * b); });
    service.method("refuse", [](rpc::reply<int> done) { std::move(done).error({1, "no"}); });
    service.method("same", [](int a) -> asio::awaitable<int> { co_return a; });
    service.method("sum", [](rpc::rest<int> const& all) { return all.size(); });
    service.method("count", [] { return rpc::stream<int>{[] { return std::optional<int>{}; }}; });
    service.method("work", [](rpc::call_context& call) {
        call.on_cancel([] {});
        if (!call.cancelled())
            call.progress(1);
    });
    service.fallback([](rpc::call_context&, rpc::all<rpc::value> const&) {});
    if (service.contains("refuse") && service.methods().size() > 1)
        service.remove("refuse");
}

void make_calls(rpc::peer& peer)
{
    auto future = peer.async_call<int>("add", std::tuple{1, 2}, asio::use_future);
    peer.async_call<int>("add", std::tuple{1, 2}, {.timeout = 50ms}, on_sum);
    peer.async_call<int>("add", rpc::named("a", 42, "b", 24), on_sum);
    rpc::function<int(int, int)> const add{peer, "add"};
    add(1, 2, on_sum);
    peer.notify("log", std::tuple{"x"});
    peer.session().async_drain([](boost::system::error_code) {});
    auto values = peer.open_stream<int>("count");
    values.async_next([](boost::system::error_code, rpc::outcome<std::optional<int>> const&) {});
    peer.set_onclose([](boost::system::error_code) {});
    peer.close();
}

void connect(asio::io_context& io, rpc::service const& service)
{
    rpc::server server{io.get_executor(), service};
    server.listen("tcp:127.0.0.1:0");
    server.listen("stdio:?framing=content_length");

    rpc::client_options options;
    options.peer.extensions = rpc::extensions::lsp;
    rpc::async_connect(io.get_executor(), "exec?framing=content_length:clangd", service, options,
                       [](boost::system::error_code, rpc::peer peer) { make_calls(peer); });

    options.peer.protocol = rpc::protocol::msgpack;
    rpc::blocking_client client{"unix:/run/user/1000/nvim.sock?framing=msgpack_object", service, options};
    client.notify("log", "x");
    client.call<int>("add", 1, 2);
}

} // namespace

int main(int argc, char**)
{
    rpc::service service;
    add_methods(service);
    asio::io_context io{1};
    if (argc > 100)
        connect(io, service);
}
