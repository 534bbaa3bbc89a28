// SPDX-License-Identifier: BSL-1.0
//
// Proves what happens to messages between two WebSockets of ours, also over TLS: many, long, nobody reading, loops that
// end, and every step failing.
#include "ends.hpp"

#include "memory_stream.hpp"
#include "stream_session.hpp"
#include "support/certificates.hpp"
#include "support/fail_each_step.hpp"
#include "support/temp_dir.hpp"
#include "tls_stream.hpp"

#include <oizys/session.hpp>

#include <limits>

namespace
{

using namespace oizys::test;
using namespace std::chrono_literals;
using oizys::framing;

oizys::detail::memory_pipe_options constexpr wide_pipe{
    .capacity = 65536, .max_transfer = 65536, .fail_after = std::numeric_limits<std::size_t>::max()};

oizys::websocket_options const brief{.handshake_timeout = 5s, .close_timeout = 10ms};

stream_factory const ws_client = [](auto below) {
    return websocket_stream::client(std::move(below), "localhost", "/", max_message, brief);
};
stream_factory const ws_server = [](auto below) {
    return websocket_stream::server(std::move(below), {}, max_message, brief);
};

/// TLS on top of which WebSockets are made.
struct tls
{
    temp_dir folder;
    certificate own{{.name = "localhost", .alternative_names = "DNS:localhost"}};
    std::string file = own.write(folder.file("own.pem"));

    std::shared_ptr<oizys::detail::tls_context const> context(oizys::detail::tls_role role) const
    {
        error_code ec;
        std::string why;
        auto made = oizys::detail::tls_context::make(
            role, {.cert = file, .ca = role == oizys::detail::tls_role::client ? file : ""}, ec, why);
        REQUIRE(why.empty());
        return made;
    }

    static tls const& get()
    {
        static tls const instance;
        return instance;
    }
};

stream_factory const wss_client = [](auto below) {
    return ws_client(oizys::detail::tls_stream::client(
        std::move(below), tls::get().context(oizys::detail::tls_role::client), "localhost"));
};
stream_factory const wss_server = [](auto below) {
    return ws_server(oizys::detail::tls_stream::server(std::move(below),
                                                       tls::get().context(oizys::detail::tls_role::server)));
};

/// Two ends over a socket.
struct ws_pair
{
    asio::io_context io;
    std::shared_ptr<stream_user> client;
    std::shared_ptr<stream_user> server;

    explicit ws_pair(stream_factory const& make_client = ws_client,
                     stream_factory const& make_server = ws_server)
    {
        local_socket a{io};
        local_socket b{io};
        asio::local::connect_pair(a, b);
        client = std::make_shared<stream_user>(make_client(plain(std::move(a))));
        server = std::make_shared<stream_user>(make_server(plain(std::move(b))));
        client->handshake();
        server->read();
    }

    template <class Predicate>
    bool wait(Predicate predicate)
    {
        return run_until(io, [&] { return static_cast<bool>(predicate()); });
    }

    bool shake_hands()
    {
        return wait([&] { return client->shaken() && server->stream().established(); }) && !*client->shaken();
    }
};

} // namespace

TEST_CASE("messages of many lengths go both ways at once, unchanged")
{
    for (bool const encrypted : {false, true})
    {
        ws_pair pair{encrypted ? wss_client : ws_client, encrypted ? wss_server : ws_server};
        std::string all;
        for (std::size_t const size :
             {1u, 2u, 124u, 125u, 126u, 127u, 65535u, 65536u, 65537u, 500000u, 1000000u, 1u})
        {
            std::string message(size, 'a');
            for (std::size_t i = 0; i < size; ++i)
                message[i] = static_cast<char>(i * i % 251);
            all += with_length(message);
        }
        pair.client->read();
        pair.client->send(all);
        pair.server->send(all);
        REQUIRE(pair.wait([&] {
            return pair.client->received.size() == all.size() && pair.server->received.size() == all.size();
        }));
        CHECK(pair.client->received == all);
        CHECK(pair.server->received == all);
        CHECK(!pair.client->busy());
        CHECK(!pair.server->busy());
    }
}

TEST_CASE("an end that does not read makes the other wait, with write_buffer bytes")
{
    ws_pair pair;
    REQUIRE(pair.shake_hands());
    pair.server->pause();
    auto const message = with_length(std::string(40000, 'x'));
    std::string_view const pieces[] = {message};
    std::size_t taken = 0;
    error_code ec;
    auto& stream = pair.client->stream();
    for (int i = 0; i < 1000 && !ec; ++i)
        taken += stream.try_write(pieces, ec);
    CHECK(ec == asio::error::would_block);
    CHECK(!stream.flushed());
    bool may_write = false;
    stream.async_wait_writable([&](error_code) { may_write = true; });
    pair.io.restart();
    pair.io.poll();
    CHECK(!may_write);
    pair.server->read();
    CHECK(pair.wait([&] { return may_write; }));
    CHECK(pair.wait([&] { return stream.flushed() && pair.server->received.size() == taken; }));
}

TEST_CASE("before the handshake, nothing is taken")
{
    ws_pair pair;
    error_code ec;
    std::string_view const pieces[] = {"early"};
    CHECK(pair.server->stream().try_write(pieces, ec) == 0);
    CHECK(ec == asio::error::would_block);
    CHECK(!pair.server->stream().established());
}

TEST_CASE("a cancelled read takes no message with it")
{
    ws_pair pair;
    REQUIRE(pair.shake_hands());
    pair.client->read();
    pair.client->stream().cancel_read();
    REQUIRE(pair.wait([&] { return pair.client->read_error; }));
    CHECK(*pair.client->read_error == asio::error::operation_aborted);
    pair.server->send(with_length("Hello"));
    pair.client->read_error.reset();
    pair.client->read();
    CHECK(pair.wait([&] { return pair.client->received == with_length("Hello"); }));
}

TEST_CASE("one end that closes is the end of the other's stream")
{
    for (bool const encrypted : {false, true})
    {
        ws_pair pair{encrypted ? wss_client : ws_client, encrypted ? wss_server : ws_server};
        REQUIRE(pair.shake_hands());
        pair.client->send(with_length("last words"));
        pair.client->close_when_flushed();
        REQUIRE(pair.wait([&] { return pair.server->read_error; }));
        CHECK(*pair.server->read_error == asio::error::eof);
        CHECK(pair.server->received == with_length("last words"));
    }
}

TEST_CASE("credentials are those of the stream below")
{
    ws_pair plain_pair;
    CHECK(plain_pair.server->stream().get_credentials().uid == ::getuid());
    ws_pair pair{wss_client, wss_server};
    REQUIRE(pair.shake_hands());
    CHECK(pair.client->stream().get_credentials().subject == "CN=localhost,O=Oizys");
}

TEST_CASE("a loop that ends in any turn leaves nothing behind")
{
    for (bool const encrypted : {false, true})
        for (int turns = 0; turns < 60; turns += encrypted ? 3 : 1)
        {
            std::weak_ptr<stream_user> client;
            std::weak_ptr<stream_user> server;
            {
                ws_pair pair{encrypted ? wss_client : ws_client, encrypted ? wss_server : ws_server};
                client = pair.client;
                server = pair.server;
                pair.client->on_event = [&user = *pair.client] {
                    if (user.shaken() && !user.read_error)
                        user.read();
                };
                pair.client->send(with_length("Hello"));
                for (int i = 0; i < turns; ++i)
                    pair.io.poll_one();
                if (turns % 2 == 0)
                    pair.client->drop_stream(); // which still says goodbye
                pair.io.poll_one();
                // Only what is pending keeps them now.
                pair.client.reset();
                pair.server.reset();
            }
            CHECK(client.expired());
            CHECK(server.expired());
        }
}

TEST_CASE("WebSockets survive the failure of each step")
{
    CHECK(fail_each_step(ws_client, ws_server, with_length("Hello"), wide_pipe) > 8);
    auto narrow = wide_pipe;
    narrow.capacity = 100;
    narrow.max_transfer = 30;
    CHECK(fail_each_step(ws_client, ws_server, with_length("Hello") + with_length(std::string(300, 'x')),
                         narrow) > 50);
}

TEST_CASE("WebSockets over TLS survive the failure of each step")
{
    CHECK(fail_each_step(wss_client, wss_server, with_length("Hello"), wide_pipe) > 15);
}

TEST_CASE("sessions talk over WebSockets")
{
    asio::io_context io;
    local_socket a{io};
    local_socket b{io};
    asio::local::connect_pair(a, b);
    oizys::session_options const options{.framing = framing::message, .max_message = max_message};
    auto client_stream = ws_client(plain(std::move(a)));
    auto* const connecting = client_stream.get();
    auto const server = oizys::detail::make_handle(ws_server(plain(std::move(b))), options);
    texts received;
    std::optional<error_code> end;
    server->set_onmessage([&](std::string const& message) { server->send(message); });
    server->set_onclose([&](error_code why) { end = why; });
    std::optional<error_code> shaken;
    connecting->async_handshake([&](error_code ec) { shaken = ec; });
    REQUIRE(run_until(io, [&] { return shaken.has_value(); }));
    REQUIRE(!*shaken);
    auto client = oizys::detail::make_handle(std::move(client_stream), options);
    client->set_onmessage([&](std::string const& message) { received.push_back(message); });
    texts const sent{"Hi", std::string(900000, 'x'), "{\"a\":1}"};
    for (auto const& message : sent)
        client->send(message);
    REQUIRE(run_until(io, [&] { return received.size() == sent.size(); }));
    CHECK((received == sent));
    client->send("last words");
    client.reset(); // what is queued is still sent
    REQUIRE(run_until(io, [&] { return end.has_value(); }));
    CHECK(*end == asio::error::eof);
}
