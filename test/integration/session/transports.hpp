// SPDX-License-Identifier: BSL-1.0
//
// The transports that the same cases run over: what connects two ends, what lies on top of it, and lists of
// pairs of sessions for TEMPLATE_LIST_TEST_CASE.
#pragma once

#include "ends.hpp"
#include "stream.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <tuple>

namespace oizys::test
{

/// Two streams that are connected with each other; `a` is the end that connects, and shakes hands first.
struct stream_pair
{
    std::unique_ptr<detail::stream> a;
    std::unique_ptr<detail::stream> b;
};

/// Where each end runs, and what its session will be told.
struct pair_plan
{
    asio::any_io_executor at_a;
    asio::any_io_executor at_b;
    session_options a{};
    session_options b{};
};

// What connects two ends.
stream_pair unix_sockets(pair_plan const& plan);
stream_pair tcp_sockets(pair_plan const& plan);
stream_pair pipes(pair_plan const& plan);
stream_pair shared_memory(pair_plan const& plan);
stream_pair child_processes(
    pair_plan const& plan); ///< one end is connected to a child, which is connected to the other

// What lies on top.
stream_pair encrypted(stream_pair below);
stream_pair websockets(stream_pair below, pair_plan const& plan);

// Both.
stream_pair tls(pair_plan const& plan);
stream_pair ws(pair_plan const& plan);
stream_pair wss(pair_plan const& plan);

/// Returns when both ends are established.
void shake_hands(asio::io_context& io, stream_pair const& streams);

/// Shakes hands and makes sessions. Where they negotiate, the first one connects and the second one accepts, and they
/// have agreed before anybody listens to them.
session_pair open_pair(asio::io_context& io, stream_pair streams, session_options const& a,
                       session_options const& b);

/// The bytes that a message of so many takes in a queue.
std::size_t framed_size(framing kind, std::size_t payload);

/// A transport made of the above.
template <stream_pair (*Connect)(pair_plan const&), framing Framing = framing::header24>
struct over
{
    static session_pair make(asio::io_context& io, session_options a = {}, session_options b = {})
    {
        a.framing = Framing;
        b.framing = Framing;
        return open_pair(io, Connect({io.get_executor(), io.get_executor(), a, b}), a, b);
    }

    static std::size_t framed_size(std::size_t payload) { return test::framed_size(Framing, payload); }
};

/// The negotiated mode. `Bare` leaves out what makes messages travel in other ways than plain frames do:
/// compression, parts that others overtake, and shared memory.
template <stream_pair (*Connect)(pair_plan const&), bool Bare>
struct over_agreed
{
    static session_pair make(asio::io_context& io, session_options a = {}, session_options b = {})
    {
        for (auto* const options : {&a, &b})
        {
            options->negotiation.enabled = true;
            options->negotiation.ping_interval = {}; // whose timer would keep a loop running
            if (Bare)
            {
                options->negotiation.compress = false;
                options->negotiation.shared_from = 0;
                options->negotiation.part_size = 16777215;
            }
        }
        return open_pair(io, Connect({io.get_executor(), io.get_executor(), a, b}), a, b);
    }

    static std::size_t framed_size(std::size_t payload)
    {
        return test::framed_size(framing::header24, payload);
    }
};

using over_tcp = over<tcp_sockets>;
using over_pipes = over<pipes>;
using over_exec = over<child_processes>;
using over_shm = over<shared_memory>;
using over_tls = over<tls>;
using over_ws = over<ws, framing::message>;
using over_wss = over<wss, framing::message>;
using over_content_length = over<unix_sockets, framing::content_length>;
using over_lines = over<unix_sockets, framing::newline>;
using over_negotiated = over_agreed<unix_sockets, true>;
using over_negotiated_shared = over_agreed<unix_sockets, false>;    ///< long messages in shared memory
using over_negotiated_compressed = over_agreed<tcp_sockets, false>; ///< long messages compressed and in parts

/// All that carry any bytes, in order, and take some ten thousand of them at once.
using wide_transports = std::tuple<over_sockets, over_memory, over_tcp, over_pipes, over_exec, over_shm,
                                   over_tls, over_ws, over_wss, over_content_length, over_negotiated>;

/// And those that carry lines, or on which long messages go other ways and may be overtaken.
using wide_transports_of_text =
    std::tuple<over_sockets, over_memory, over_tcp, over_pipes, over_exec, over_shm, over_tls, over_ws,
               over_wss, over_content_length, over_negotiated, over_lines, over_negotiated_shared,
               over_negotiated_compressed>;

/// And one over which every frame arrives in pieces.
template <class... Others>
auto with_narrow(std::tuple<Others...>) -> std::tuple<Others..., over_narrow_memory>;
using every_transport = decltype(with_narrow(wide_transports{}));
using every_transport_of_text = decltype(with_narrow(wide_transports_of_text{}));

} // namespace oizys::test
