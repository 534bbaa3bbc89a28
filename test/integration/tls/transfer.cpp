// SPDX-License-Identifier: BSL-1.0
//
// Proves what happens to bytes once hands are shaken, and to whom does not speak TLS: much and little at a time,
// nobody reading, closing with and without a word, and every step failing.
#include "ends.hpp"

#include "memory_stream.hpp"
#include "stream_session.hpp"
#include "support/fail_each_step.hpp"

#include <oizys/session.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdio>
#include <limits>
#include <vector>

namespace
{

using namespace oizys::test;

auto const& files = certificates::get;

std::string pattern(std::size_t size)
{
    std::string text(size, '\0');
    std::uint32_t state = 1;
    for (auto& at : text)
    {
        state = state * 1664525u + 1013904223u;
        at = static_cast<char>(state >> 24);
    }
    return text;
}

/// A server at one end of a socket, bytes at the other.
struct lone_server
{
    asio::io_context io;
    local_socket client{io};
    std::shared_ptr<stream_user> server;

    lone_server()
    {
        local_socket other{io};
        asio::local::connect_pair(client, other);
        server = std::make_shared<stream_user>(oizys::detail::tls_stream::server(
            plain(std::move(other)), server_context({.cert = files().server})));
        server->read();
    }

    bool fails()
    {
        return run_until(io, [&] { return server->read_error.has_value(); });
    }
};

oizys::detail::memory_pipe_options constexpr wide_pipe{
    .capacity = 65536, .max_transfer = 65536, .fail_after = std::numeric_limits<std::size_t>::max()};

stream_factory const secure_client = [](auto below) {
    static auto const trusting = client_context({.ca = files().ca});
    return oizys::detail::tls_stream::client(std::move(below), trusting, "localhost");
};

stream_factory const secure_server = [](auto below) {
    static auto const known = server_context({.cert = files().server});
    return oizys::detail::tls_stream::server(std::move(below), known);
};

} // namespace

TEST_CASE("many bytes go both ways at once, unchanged")
{
    tls_pair pair;
    auto const bytes = pattern(3000000);
    pair.client->read();
    pair.client->send(bytes);
    pair.server->send(bytes);
    REQUIRE(pair.wait([&] {
        return pair.client->received.size() == bytes.size() && pair.server->received.size() == bytes.size();
    }));
    CHECK(pair.client->received == bytes);
    CHECK(pair.server->received == bytes);
    CHECK(!pair.client->busy());
}

TEST_CASE("bytes arrive one at a time, too")
{
    auto narrow = wide_pipe;
    narrow.capacity = 7;
    narrow.max_transfer = 1;
    asio::io_context io;
    auto const state = std::make_shared<oizys::memory_pair_state>();
    auto ends = oizys::detail::memory_stream::make_pair(io.get_executor(), narrow, state);
    auto const client = std::make_shared<stream_user>(secure_client(std::move(ends.first)));
    auto const server = std::make_shared<stream_user>(secure_server(std::move(ends.second)));
    client->handshake();
    server->read();
    client->send("Hello");
    CHECK(run_until(io, [&] { return server->received == "Hello"; }));
    client->drop_stream();
    server->drop_stream();
    io.restart();
    io.run();
}

TEST_CASE("what was received before TLS was thought of is read first")
{
    asio::io_context io;
    local_socket a{io};
    local_socket b{io};
    asio::local::connect_pair(a, b);
    auto const client = std::make_shared<stream_user>(secure_client(plain(std::move(a))));
    client->handshake();
    io.poll(); // the ClientHello is sent
    char first[10];
    REQUIRE(b.read_some(asio::buffer(first)) == sizeof first);
    auto const server = std::make_shared<stream_user>(oizys::detail::tls_stream::server(
        plain(std::move(b)), server_context({.cert = files().server}), std::string(first, sizeof first)));
    server->read();
    client->send("Hello");
    CHECK(run_until(io, [&] { return server->received == "Hello"; }));
}

TEST_CASE("an end that does not read makes the other wait, with write_buffer bytes")
{
    tls_pair pair{{.ca = files().ca, .write_buffer = 10000}};
    REQUIRE(pair.shake_hands());
    pair.server->pause();
    std::string const piece(4000, 'x');
    std::string_view const pieces[] = {piece};
    std::size_t taken = 0;
    error_code ec;
    auto& stream = pair.client->stream();
    while (!ec)
        taken += stream.try_write(pieces, ec);
    CHECK(ec == asio::error::would_block);
    CHECK(!stream.flushed());
    CHECK(stream.try_write(pieces, ec) == 0);
    bool may_write = false;
    stream.async_wait_writable([&](error_code) { may_write = true; });
    pair.io.restart();
    pair.io.poll();
    CHECK(!may_write);
    pair.server->read();
    CHECK(pair.wait([&] { return may_write; }));
    CHECK(pair.wait([&] { return stream.flushed() && pair.server->received.size() == taken; }));
}

TEST_CASE("before hands are shaken, nothing is taken")
{
    lone_server s;
    error_code ec;
    std::string_view const pieces[] = {"early"};
    CHECK(s.server->stream().try_write(pieces, ec) == 0);
    CHECK(ec == asio::error::would_block);
    CHECK(!s.server->stream().established());
}

TEST_CASE("an end that closes says so")
{
    tls_pair pair;
    REQUIRE(pair.shake_hands());
    pair.client->read();
    pair.client->send("last words");
    pair.client->close_when_flushed();
    REQUIRE(pair.wait([&] { return pair.server->read_error && pair.client->read_error; }));
    CHECK(*pair.server->read_error == asio::error::eof);
    CHECK(*pair.client->read_error == asio::error::operation_aborted);
    CHECK(pair.server->received == "last words");
}

TEST_CASE("a connection that is cut is not taken for one that was closed")
{
    asio::io_context io;
    local_socket a{io};
    local_socket b{io};
    asio::local::connect_pair(a, b);
    int const behind = ::dup(a.native_handle()); // cuts the connection behind TLS's back
    auto const client = std::make_shared<stream_user>(secure_client(plain(std::move(a))));
    auto const server = std::make_shared<stream_user>(secure_server(plain(std::move(b))));
    client->handshake();
    server->read();
    client->send("half a sen");
    REQUIRE(run_until(io, [&] { return server->received == "half a sen"; }));
    ::shutdown(behind, SHUT_RDWR);
    ::close(behind);
    REQUIRE(run_until(io, [&] { return server->read_error.has_value(); }));
    CHECK(*server->read_error == asio::ssl::error::stream_truncated);
}

TEST_CASE("whoever does not speak TLS is answered with an alert and refused")
{
    for (std::string const bytes :
         {"GET / HTTP/1.1\r\n\r\n", "\x00\x00\x00\x02Hi", "{\"jsonrpc\":\"2.0\"}", "SSH-2.0-x\r\n"})
    {
        lone_server s;
        s.client.write_some(asio::buffer(bytes + std::string(20, '\0')));
        REQUIRE(s.fails());
        CHECK(s.server->read_error->category() == asio::error::get_ssl_category());
        CHECK(!s.server->stream().established());
        s.server->stream().close();
    }
}

TEST_CASE("whoever goes within the handshake has cut the connection")
{
    lone_server s;
    s.client.write_some(asio::buffer("\x16\x03\x01", 3));
    s.client.close();
    REQUIRE(s.fails());
    CHECK(*s.server->read_error == asio::ssl::error::stream_truncated);
}

TEST_CASE("bytes that were changed on their way end the connection")
{
    // A pipe in memory on each side, and in between somebody who flips a bit.
    asio::io_context io;
    auto const state = std::make_shared<oizys::memory_pair_state>();
    auto near = oizys::detail::memory_stream::make_pair(io.get_executor(), wide_pipe, state);
    auto far = oizys::detail::memory_stream::make_pair(io.get_executor(), wide_pipe, state);
    auto const client = std::make_shared<stream_user>(secure_client(std::move(near.first)));
    auto const server = std::make_shared<stream_user>(secure_server(std::move(far.second)));
    auto const left = std::make_shared<stream_user>(std::move(near.second));
    auto const right = std::make_shared<stream_user>(std::move(far.first));
    bool flips = false;
    auto const pass = [&](stream_user& from, stream_user& to) {
        auto bytes = std::exchange(from.received, {});
        if (flips && !bytes.empty())
            bytes.back() = static_cast<char>(bytes.back() ^ 1);
        to.send(bytes);
    };
    left->on_event = [&] { pass(*left, *right); };
    right->on_event = [&] { pass(*right, *left); };
    left->read();
    right->read();
    server->read();
    client->handshake();
    client->send("good");
    REQUIRE(run_until(io, [&] { return server->received == "good"; }));
    flips = true;
    client->send("evil");
    REQUIRE(run_until(io, [&] { return server->read_error.has_value(); }));
    CHECK(has_reason(*server->read_error, 281)); // SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC
    CHECK(server->received == "good");
    for (auto const& user : {client, server, left, right})
    {
        user->on_event = {};
        user->drop_stream();
    }
    io.restart();
    io.run();
}

TEST_CASE("a cancelled read takes nothing with it")
{
    tls_pair pair;
    REQUIRE(pair.shake_hands());
    pair.client->read();
    pair.client->stream().cancel_read();
    REQUIRE(pair.wait([&] { return pair.client->read_error; }));
    CHECK(*pair.client->read_error == asio::error::operation_aborted);
    pair.server->send("Hello");
    pair.client->send("Hello");
    pair.client->read_error.reset();
    pair.client->read();
    CHECK(pair.wait([&] { return pair.client->received == "Hello" && pair.server->received == "Hello"; }));
}

TEST_CASE("a loop that ends in any turn leaves nothing behind")
{
    for (int turns = 0; turns < 40; ++turns)
    {
        std::weak_ptr<stream_user> client;
        std::weak_ptr<stream_user> server;
        {
            tls_pair pair;
            client = pair.client;
            server = pair.server;
            pair.client->read();
            pair.client->send("Hello");
            for (int i = 0; i < turns; ++i)
                pair.io.poll_one();
            if (turns % 2 == 0)
                pair.client->drop_stream();
            // Only what is pending keeps them now.
            pair.client.reset();
            pair.server.reset();
        }
        CHECK(client.expired());
        CHECK(server.expired());
    }
}

TEST_CASE("TLS survives the failure of each step")
{
    CHECK(fail_each_step(secure_client, secure_server, "Hello", wide_pipe) > 10);
    auto narrow = wide_pipe;
    narrow.capacity = 3000;
    narrow.max_transfer = 1000;
    CHECK(fail_each_step(secure_client, secure_server, pattern(20000), narrow) > 50);
}

TEST_CASE("sessions talk over TLS")
{
    asio::io_context io;
    local_socket a{io};
    local_socket b{io};
    asio::local::connect_pair(a, b);
    auto client_stream = secure_client(plain(std::move(a)));
    auto* const connecting = client_stream.get();
    auto const server =
        oizys::detail::make_handle(secure_server(plain(std::move(b))), oizys::session_options{});
    std::vector<std::string> received;
    std::optional<error_code> end;
    server->set_onmessage([&](std::string const& message) {
        if (message != "last words") // whose answer nobody would read
            server->send(message);
    });
    server->set_onclose([&](error_code why) { end = why; });
    std::optional<error_code> shaken;
    connecting->async_handshake([&](error_code ec) { shaken = ec; });
    REQUIRE(run_until(io, [&] { return shaken.has_value(); }));
    auto client = oizys::detail::make_handle(std::move(client_stream), oizys::session_options{});
    client->set_onmessage([&](std::string const& message) { received.push_back(message); });
    CHECK(client->credentials().subject == "CN=localhost,O=Oizys");
    std::vector<std::string> const sent{"Hi", pattern(2000000), "foo"};
    for (auto const& message : sent)
        client->send(message);
    REQUIRE(run_until(io, [&] { return received.size() == sent.size(); }));
    CHECK(received == sent);
    client->send("last words");
    client.reset(); // what is queued is still sent
    REQUIRE(run_until(io, [&] { return end.has_value(); }));
    CHECK(*end == asio::error::eof);
}

TEST_CASE("OpenSSL's own client talks to a server of ours")
{
    asio::io_context io;
    using asio::ip::tcp;
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    auto const command =
        "printf Hello | openssl s_client -quiet -verify_return_error -verify_hostname localhost -CAfile " +
        files().ca + " -cert " + files().alice +
        " -connect 127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + " 2>/dev/null";
    auto* const child = ::popen(command.c_str(), "re");
    REQUIRE(child != nullptr);
    auto const server = std::make_shared<stream_user>(
        oizys::detail::tls_stream::server(std::make_unique<oizys::detail::socket_stream>(
                                              asio::generic::stream_protocol::socket{acceptor.accept()}),
                                          server_context({.cert = files().server, .ca = files().ca})));
    server->read();
    REQUIRE(run_until(io, [&] { return server->received == "Hello"; }));
    CHECK(server->stream().get_credentials().subject == "CN=alice,O=Oizys");
    server->send("Good day");
    server->close_when_flushed();
    char room[100];
    std::string const printed(room, std::fread(room, 1, sizeof room, child));
    ::pclose(child);
    CHECK(printed == "Good day");
}
