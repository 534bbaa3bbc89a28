// SPDX-License-Identifier: BSL-1.0
//
// Calls: `add` of two integers, answered by a server that serves both protocols, with the limits and
// deadlines that are on by default.
#include "driver.hpp"
#include "idle.hpp"
#include "row.hpp"
#include "unix_socket.hpp"

#include <oizys/rpc/peer.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>
#include <oizys/session.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace bench
{
namespace
{

namespace rpc = oizys::rpc;
using local = boost::asio::local::stream_protocol;

void serve(plan const& p)
{
    boost::asio::io_context io{1};
    rpc::service calculator;
    calculator.method("add", [](int a, int b) { return a + b; });
    calculator.method("tick", [](int) {});
    rpc::server server{io.get_executor(), calculator};
    server.listen("unix:" + p.path);
    io.run();
}

rpc::peer connect(boost::asio::io_context& io, plan const& p, rpc::protocol protocol)
{
    auto session = oizys::create_session(local::socket{io, local{}, connect_to(p.path).release()});
    return rpc::peer{std::move(session), {.protocol = protocol}};
}

/// Calls `add`, and then `answered` if the answer is right; else ends the run, which fails for it.
template <class Function>
void add(boost::asio::io_context& io, rpc::peer& peer, Function answered)
{
    peer.async_call<int>("add", std::tuple{2, 3},
                         [&io, answered](boost::system::error_code ec, rpc::outcome<int> const& sum) {
                             if (ec || !sum.has_value() || *sum != 5)
                                 return io.stop();
                             answered();
                         });
}

void run_calls(plan const& p, meter& m, rpc::protocol protocol)
{
    boost::asio::io_context io{1};
    std::vector<rpc::peer> peers;
    for (std::size_t i = 0; i < p.connections; ++i)
        peers.push_back(connect(io, p, protocol));
    driver calls{io, p, m,
                 [&](std::size_t connection) { add(io, peers[connection], [&calls] { calls.answered(); }); }};
    calls.run();
}

/// Sends its notifications, each of about 50 bytes in JSON, in turns of the loop, a turn whenever
/// what was sent has been written.
class flood
{
public:
    flood(plan const& p, meter& m, rpc::protocol protocol)
        : plan_{p}, meter_{m}, rest_{p.warm_up}, peer_{connect(io_, p, protocol)}
    {
        peer_.session().set_ondrain([this] { turn(); });
    }

    void run()
    {
        turn();
        io_.run();
        if (!done_)
            throw std::runtime_error{"the flood was not answered"};
    }

private:
    void turn()
    {
        for (std::size_t i = 0; i < plan_.outstanding && rest_ > 1; ++i, --rest_)
        {
            if (peer_.notify("tick", std::tuple{1234}))
                return io_.stop();
        }
        if (rest_ == 1)
        {
            rest_ = 0;
            add(io_, peer_, [this] { answered(); });
        }
    }

    void answered()
    {
        if (metering_)
        {
            meter_.stop();
            done_ = true;
            return io_.stop();
        }
        metering_ = true;
        meter_.start();
        rest_ = plan_.count;
        turn();
    }

    plan const& plan_;
    meter& meter_;
    std::size_t rest_;
    bool metering_ = false;
    bool done_ = false;
    boost::asio::io_context io_{1};
    rpc::peer peer_;
};

void run(plan const& p, meter& m, rpc::protocol protocol, std::string_view request)
{
    switch (p.shape)
    {
    case pattern::window:
    case pattern::burst: return run_calls(p, m, protocol);
    case pattern::oneway: return flood{p, m, protocol}.run();
    case pattern::idle: return run_idle(p, m, frame(request));
    case pattern::large: return;
    }
}

bool supports(plan const& p) { return p.shape != pattern::large; }

void run_json(plan const& p, meter& m)
{
    run(p, m, rpc::protocol::json, R"({"jsonrpc":"2.0","id":1,"method":"add","params":[2,3]})");
}

void run_msgpack(plan const& p, meter& m)
{
    using namespace std::literals;
    run(p, m, rpc::protocol::msgpack,
        "\x94\x00\x01\xa3"
        "add\x92\x02\x03"sv);
}

} // namespace

row const json_row{.name = "json", .limit = "raw", .supports = supports, .serve = serve, .run = run_json};
row const msgpack_row{
    .name = "msgpack", .limit = "raw", .supports = supports, .serve = serve, .run = run_msgpack};

} // namespace bench
