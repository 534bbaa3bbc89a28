// SPDX-License-Identifier: BSL-1.0
//
// Sessions over TCP and WebSockets, and in the negotiated mode: plain, compressed, with large messages in shared
// memory.
#include "endpoint_exchange.hpp"
#include "row.hpp"

#include <string>

namespace bench
{
namespace
{

std::string tcp(plan const&) { return "tcp:127.0.0.1:0"; }
std::string unix_socket(plan const& p) { return "unix:" + p.path; }
std::string websocket(plan const& p) { return "ws+unix:" + p.path + ":/"; }

bool one_connection(plan const& p) { return p.connections == 1; }
bool one_connection_of_any(plan const& p) { return one_connection(p) && p.holds == contents::any; }
bool large_only(plan const& p) { return p.shape == pattern::large && p.holds == contents::any; }
bool contents_only(plan const& p) { return p.holds != contents::any; }

oizys::session_options ordinary() { return {}; }

oizys::session_options negotiated()
{
    oizys::session_options options;
    options.negotiation.enabled = true;
    options.negotiation.compress = false;
    options.negotiation.shared_from = 0; // never
    return options;
}

oizys::session_options with_memfd()
{
    auto options = negotiated();
    options.negotiation.shared_from = 1;
    return options;
}

oizys::session_options with_zstd()
{
    auto options = negotiated();
    options.negotiation.compress = true;
    return options;
}

using options_maker = oizys::session_options (*)();
using endpoint_maker = std::string (*)(plan const& p);

template <endpoint_maker Where, options_maker Options>
constexpr row row_named(std::string_view name, std::string_view limit, bool (*supports)(plan const& p))
{
    return {
        .name = name,
        .limit = limit,
        .supports = supports,
        .serve =
            [](plan const& p) {
                auto options = Options();
                if (options.negotiation.enabled)
                    options.framing = oizys::framing::detect; // the other end's first byte asks for it
                serve_endpoint(p, Where(p), {.session = options});
            },
        .run = [](plan const& p, meter& m) { run_endpoint(p, m, {.session = Options()}, {}); },
    };
}

} // namespace

row const negotiated_row = row_named<unix_socket, negotiated>("negotiated", "raw", one_connection_of_any);
row const memfd_row = row_named<unix_socket, with_memfd>("memfd", "raw", large_only);
row const ws_row = row_named<websocket, ordinary>("ws", "raw", one_connection_of_any);
row const tcp_row = row_named<tcp, ordinary>("tcp", "raw-tcp", one_connection);
row const zstd_row = row_named<tcp, with_zstd>("zstd", "raw-tcp", contents_only);

} // namespace bench
