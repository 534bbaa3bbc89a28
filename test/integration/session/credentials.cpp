// SPDX-License-Identifier: BSL-1.0
//
// Proves that a session tells who is at the other end of a Unix socket, and claims to know nothing where
// the kernel does not.
#include "ends.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

namespace
{

using namespace oizys::test;

std::vector<gid_t> own_groups()
{
    std::vector<gid_t> groups(65536);
    auto const count = ::getgroups(static_cast<int>(groups.size()), groups.data());
    REQUIRE(count >= 0);
    groups.resize(static_cast<std::size_t>(count));
    std::ranges::sort(groups);
    return groups;
}

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
        REQUIRE(peer.groups);
        auto groups = *peer.groups;
        std::ranges::sort(groups);
        CHECK(groups == own_groups());
    }
}

TEST_CASE("the process at the other end of a Unix socket is held by a pidfd")
{
    asio::io_context io;
    auto const pair = over_sockets::make(io);
    auto const process = pair.a->peer_pidfd();
    if (!process)
    {
        std::cout << "OIZYS_SKIPPED: this kernel has no SO_PEERPIDFD\n"; // ctest knows this line
        return;
    }
    std::ifstream info{"/proc/self/fdinfo/" + std::to_string(process.get())};
    std::string const text{std::istreambuf_iterator<char>{info}, {}};
    CHECK_THAT(text, Catch::Contains("\nPid:\t" + std::to_string(::getpid()) + '\n'));
    CHECK((::fcntl(process.get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(pair.a->peer_pidfd().get() != process.get()); // each call opens its own

    pair.a->abort();
    settle(io);
    CHECK(!pair.a->peer_pidfd());
    CHECK(!over_memory::make(io).a->peer_pidfd());
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
        CHECK(!peer.groups);
        CHECK(!s->peer_pidfd());
    }
}

TEST_CASE("who was at the other end is still told when the session has ended, but for groups")
{
    asio::io_context io;
    auto const pair = over_sockets::make(io);
    std::optional<uid_t> left;
    pair.a->set_onmessage([](std::string const&) {});
    pair.a->set_onclose([&](error_code) { left = pair.a->credentials().uid; });
    pair.b->close();
    REQUIRE(run_until(io, [&] { return left.has_value(); }));
    CHECK(left == ::geteuid());
    CHECK(pair.a->credentials().gid == ::getegid());
    CHECK(pair.a->credentials().pid == ::getpid());
    CHECK(!pair.a->credentials().groups);
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
