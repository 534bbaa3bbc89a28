// SPDX-License-Identifier: BSL-1.0
//
// Proves that a session tells who is at the other end of a Unix socket, and claims to know nothing where
// the kernel does not.
#include "ends.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <unistd.h>

namespace
{

using namespace oizys::test;

} // namespace

TEST_CASE("the peer of a Unix socket is known by uid, gid and pid")
{
    asio::io_context io;
    auto const pair = over_sockets::make(io);
    for (auto const& s : {pair.a, pair.b})
    {
        auto const peer = s->credentials();
        CHECK(peer.uid == ::getuid());
        CHECK(peer.gid == ::getgid());
        CHECK(peer.pid == ::getpid());
    }
}

TEST_CASE("nothing is known of the peer of a TCP connection or of a pipe in memory")
{
    asio::io_context io;
    using asio::ip::tcp;
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    tcp::socket client{io};
    client.connect(acceptor.local_endpoint());
    auto const server = oizys::create_session(asio::generic::stream_protocol::socket{acceptor.accept()}, {});
    auto const pair = over_memory::make(io);
    for (auto const& s : {server, pair.a})
    {
        auto const peer = s->credentials();
        CHECK(!peer.uid);
        CHECK(!peer.gid);
        CHECK(!peer.pid);
    }
}

TEST_CASE("nothing is known of the peer after the session was closed")
{
    asio::io_context io;
    auto const pair = over_sockets::make(io);
    pair.a->abort();
    settle(io);
    CHECK(!pair.a->credentials().uid);
}

TEST_CASE("a session runs on the executor of its socket")
{
    asio::io_context io;
    for (auto const& pair : {over_sockets::make(io), over_memory::make(io)})
        CHECK((pair.a->get_executor() == asio::any_io_executor{io.get_executor()}));
}

TEST_CASE("a session works over TCP")
{
    asio::io_context io;
    using asio::ip::tcp;
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    tcp::socket socket{io};
    socket.connect(acceptor.local_endpoint());
    auto const server = oizys::create_session(asio::generic::stream_protocol::socket{acceptor.accept()}, {});
    auto const client = oizys::create_session(asio::generic::stream_protocol::socket{std::move(socket)}, {});
    witness w;
    w.watch(*client);
    server->set_onmessage([&](std::string const& message) { server->send(message); });
    texts const sent{"Hi", std::string(300000, 'x')};
    for (auto const& text : sent)
        client->send(text);
    REQUIRE(run_until(io, [&] { return w.messages.size() == 2; }));
    CHECK((w.messages == sent));
    server->close();
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closed_with(asio::error::eof));
}
