// SPDX-License-Identifier: BSL-1.0
#include "transports.hpp"

#include "descriptor_stream.hpp"
#include "shm_stream.hpp"
#include "socket_stream.hpp"
#include "stream_session.hpp"
#include "support/certificates.hpp"
#include "support/temp_dir.hpp"
#include "tls_stream.hpp"
#include "websocket_stream.hpp"

#include <oizys/unique_fd.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace oizys::test
{
namespace
{

using generic_socket = asio::generic::stream_protocol::socket;
using local_socket = asio::local::stream_protocol::socket;

std::pair<local_socket, local_socket> connected(pair_plan const& plan)
{
    std::pair<local_socket, local_socket> ends{plan.at_a, plan.at_b};
    asio::local::connect_pair(ends.first, ends.second);
    return ends;
}

std::unique_ptr<detail::stream> over_socket(generic_socket socket)
{
    return std::make_unique<detail::socket_stream>(std::move(socket));
}

std::unique_ptr<detail::stream> over_descriptors(asio::any_io_executor const& executor, unique_fd in,
                                                 unique_fd out)
{
    error_code ec;
    auto made = detail::make_descriptor_stream(executor, std::move(in), std::move(out), ec);
    INFO(ec.message());
    REQUIRE(made);
    return made;
}

std::pair<unique_fd, unique_fd> pipe()
{
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

// A server and who vouches for it, made once per process.
struct identity
{
    temp_dir folder;
    certificate authority{{.name = "authority", .is_ca = true}};
    std::shared_ptr<detail::tls_context const> client =
        context(detail::tls_role::client, {.ca = authority.write_certificate(folder.file("ca.pem"))});
    std::shared_ptr<detail::tls_context const> server = context(
        detail::tls_role::server,
        {.cert = certificate{{.name = "localhost", .alternative_names = "DNS:localhost"}, authority}.write(
             folder.file("server.pem"))});

    static std::shared_ptr<detail::tls_context const> context(detail::tls_role role,
                                                              tls_options const& options)
    {
        error_code ec;
        std::string why;
        auto made = detail::tls_context::make(role, options, ec, why);
        INFO(why);
        REQUIRE(made);
        return made;
    }

    static identity const& get()
    {
        static identity const instance;
        return instance;
    }
};

} // namespace

stream_pair unix_sockets(pair_plan const& plan)
{
    auto [a, b] = connected(plan);
    return {over_socket(std::move(a)), over_socket(std::move(b))};
}

stream_pair tcp_sockets(pair_plan const& plan)
{
    using asio::ip::tcp;
    tcp::acceptor acceptor{plan.at_b, {asio::ip::address_v4::loopback(), 0}};
    acceptor.set_option(tcp::acceptor::receive_buffer_size{262144});
    tcp::socket client{plan.at_a, tcp::v4()};
    client.set_option(tcp::socket::receive_buffer_size{262144});
    client.connect(acceptor.local_endpoint());
    auto server = acceptor.accept();
    for (auto* const socket : {&client, &server})
    {
        socket->set_option(tcp::no_delay{true});
        socket->set_option(
            tcp::socket::send_buffer_size{131072}); // not what the kernel would make of it: megabytes
    }
    return {over_socket(std::move(client)), over_socket(std::move(server))};
}

stream_pair pipes(pair_plan const& plan)
{
    auto there = pipe();
    auto back = pipe();
    return {over_descriptors(plan.at_a, std::move(back.first), std::move(there.second)),
            over_descriptors(plan.at_b, std::move(there.first), std::move(back.second))};
}

stream_pair shared_memory(pair_plan const& plan)
{
    auto [a, b] = connected(plan);
    return {detail::make_shm_client(generic_socket{std::move(a)}, {}),
            detail::make_shm_server(generic_socket{std::move(b)}, {})};
}

stream_pair encrypted(stream_pair below)
{
    auto const& ours = identity::get();
    return {detail::tls_stream::client(std::move(below.a), ours.client, "localhost"),
            detail::tls_stream::server(std::move(below.b), ours.server)};
}

stream_pair websockets(stream_pair below, pair_plan const& plan)
{
    // The other end of a close may have gone: nothing waits long for its answer.
    websocket_options const brief{.handshake_timeout = {}, .close_timeout = std::chrono::milliseconds{10}};
    return {detail::websocket_stream::client(std::move(below.a), "localhost", "/", plan.a.max_message, brief),
            detail::websocket_stream::server(std::move(below.b), {}, plan.b.max_message, brief)};
}

stream_pair tls(pair_plan const& plan) { return encrypted(unix_sockets(plan)); }
stream_pair ws(pair_plan const& plan) { return websockets(unix_sockets(plan), plan); }
stream_pair wss(pair_plan const& plan) { return websockets(tls(plan), plan); }

void shake_hands(asio::io_context& io, stream_pair const& streams)
{
    std::vector<error_code> ready;
    auto const note = [&](error_code ec) { ready.push_back(ec); };
    streams.a->async_handshake(note);
    streams.b->async_wait_writable(note); // who accepts shakes hands with the first thing that is asked
    REQUIRE(run_until(io, [&] { return ready.size() == 2; }));
    CHECK(ready == std::vector<error_code>(2));
    REQUIRE(streams.a->established());
    REQUIRE(streams.b->established());
}

session_pair open_pair(asio::io_context& io, stream_pair streams, session_options const& a,
                       session_options const& b)
{
    bool const negotiates = a.negotiation.enabled;
    if (!negotiates)
        shake_hands(io, streams);
    session_pair pair{detail::make_handle(std::move(streams.a), a),
                      detail::make_handle(std::move(streams.b), b)};
    if (negotiates)
    {
        std::vector<error_code> opened;
        auto const note = [&](error_code ec) { opened.push_back(ec); };
        detail::open_session(*pair.a, note);
        detail::open_session(*pair.b, note, wire::hello_exchange::role::accepting);
        REQUIRE(run_until(io, [&] { return opened.size() == 2; }));
        CHECK(opened == std::vector<error_code>(2));
        REQUIRE(pair.a->negotiated());
        REQUIRE(pair.b->negotiated());
    }
    io.restart();
    return pair;
}

std::size_t framed_size(framing kind, std::size_t payload)
{
    switch (kind)
    {
    case framing::newline: return payload + 1;
    case framing::content_length:
        return payload + std::string_view{"Content-Length: \r\n\r\n"}.size() + std::to_string(payload).size();
    case framing::message: return payload + 8;
    default: return payload + 4;
    }
}

} // namespace oizys::test
