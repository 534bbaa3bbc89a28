// SPDX-License-Identifier: BSL-1.0
//
// Sessions over shared memory; `shm-spin` looks for the next message for a while before it sleeps.
#include "row.hpp"
#include "session_exchange.hpp"

#include "shm_stream.hpp"
#include "stream_session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <utility>

namespace bench
{
namespace
{

using oizys::detail::shm_options;

shm_options options_of(bool spins)
{
    shm_options options;
    if (spins)
        options.spin = std::chrono::microseconds{50};
    return options;
}

template <bool Spins>
session_ptr accepted(local::socket socket)
{
    return make_handle(oizys::detail::make_shm_server(std::move(socket), options_of(Spins)),
                       oizys::session_options{});
}

template <bool Spins>
session_ptr connected(local::socket socket)
{
    auto& io = static_cast<boost::asio::io_context&>(socket.get_executor().context());
    auto stream = oizys::detail::make_shm_client(std::move(socket), options_of(Spins));
    bool done = false;
    boost::system::error_code failure;
    stream->async_handshake([&](boost::system::error_code ec) {
        done = true;
        failure = ec;
    });
    while (!done)
        io.run_one();
    if (failure)
        throw boost::system::system_error{failure};
    return make_handle(std::move(stream), oizys::session_options{});
}

template <bool Spins>
constexpr row row_named(std::string_view name)
{
    return {
        .name = name,
        .limit = "raw",
        .supports = [](plan const& p) { return p.connections == 1 && p.holds == contents::any; },
        .serve = [](plan const& p) { serve_sessions(p, accepted<Spins>); },
        .run = [](plan const& p, meter& m) { run_sessions(p, m, connected<Spins>); },
    };
}

} // namespace

row const shm_row = row_named<false>("shm");
row const shm_spin_row = row_named<true>("shm-spin");

} // namespace bench
