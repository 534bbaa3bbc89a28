// SPDX-License-Identifier: BSL-1.0
//
// Proves the bytes of the connecting end, against a server that is written out by hand.
#include "ends.hpp"

#include <boost/beast/core/detail/base64.hpp>
#include <boost/beast/core/detail/sha1.hpp>
#include <boost/beast/websocket/error.hpp>

#include <array>
#include <set>

namespace
{

using namespace oizys::test;
using namespace std::string_literals;
namespace websocket = boost::beast::websocket;

std::string accept_of(std::string const& key)
{
    namespace detail = boost::beast::detail;
    auto const text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    detail::sha1_context hash;
    detail::init(hash);
    detail::update(hash, text.data(), text.size());
    std::array<char, detail::sha1_context::digest_size> digest{};
    detail::finish(hash, digest.data());
    std::string encoded(detail::base64::encoded_size(digest.size()), '\0');
    encoded.resize(detail::base64::encode(encoded.data(), digest.data(), digest.size()));
    return encoded;
}

std::string header(std::string const& request, std::string const& name)
{
    auto const at = request.find("\r\n" + name + ": ");
    if (at == request.npos)
        return "(none)";
    auto const from = at + name.size() + 4;
    return request.substr(from, request.find("\r\n", from) - from);
}

/// The masked payload of a short frame, unmasked.
std::string unmasked(std::string const& frame)
{
    std::string payload;
    for (std::size_t i = 6; i < frame.size(); ++i)
        payload += static_cast<char>(frame[i] ^ frame[2 + (i - 6) % 4]);
    return payload;
}

/// A client at one end of a socket, bytes at the other.
struct connecting : served
{
    explicit connecting(oizys::websocket_options const& options = {},
                        std::string const& host = "localhost:8080", std::string const& target = "/rpc?x=1")
        : served{}
    {
        local_socket a{io};
        local_socket b{io};
        asio::local::connect_pair(a, b);
        auto made = websocket_stream::client(plain(std::move(a)), host, target, max_message, options);
        stream = made.get();
        server = std::make_shared<stream_user>(std::move(made));
        client = std::make_unique<raw_end>(std::move(b));
        server->handshake();
    }

    std::shared_ptr<stream_user> user() const { return server; }

    static std::string granted(std::string const& key, std::string const& more = {})
    {
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Accept: " +
               accept_of(key) + "\r\n" + more + "\r\n";
    }

    error_code outcome()
    {
        REQUIRE(wait([&] { return user()->shaken(); }));
        return *user()->shaken();
    }

    void open(std::string const& behind = {})
    {
        client->send(granted(header(answer(), "Sec-WebSocket-Key")) + behind);
        REQUIRE(!outcome());
        user()->read();
    }
};

} // namespace

TEST_CASE("a client asks as RFC 6455 wants it, with a new key each time")
{
    std::set<std::string> keys;
    for (int i = 0; i < 3; ++i)
    {
        connecting c;
        auto const request = c.answer();
        CHECK(request.starts_with("GET /rpc?x=1 HTTP/1.1\r\n"));
        CHECK(header(request, "Host") == "localhost:8080");
        CHECK(header(request, "Upgrade") == "websocket");
        CHECK(header(request, "Connection") == "upgrade");
        CHECK(header(request, "Sec-WebSocket-Version") == "13");
        CHECK(header(request, "Sec-WebSocket-Protocol") == "(none)");
        CHECK(header(request, "Sec-WebSocket-Extensions") == "(none)");
        CHECK(header(request, "Origin") == "(none)");
        keys.insert(header(request, "Sec-WebSocket-Key"));
        CHECK(!c.stream->established());
        c.client->send(connecting::granted(header(request, "Sec-WebSocket-Key")));
        CHECK(c.outcome() == error_code{});
        CHECK(c.stream->established());
        CHECK(c.stream->http_status() == 101);
    }
    CHECK(keys.size() == 3);
}

TEST_CASE("the hash that is expected is the one of RFC 6455, section 1.3")
{
    CHECK(accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("what a server sends behind its answer is not lost")
{
    connecting c;
    c.open(server_frame(text_frame, "Hello"));
    CHECK(c.wait([&] { return c.messages() == texts{"Hello"}; }));
}

TEST_CASE("what a server sends behind its answer may arrive in any two parts")
{
    auto const behind = server_frame(text_frame, "Hello") + server_frame(0x01, "fra") +
                        server_frame(ping_frame, "?") + server_frame(0x80, "gments");
    for (std::size_t cut = 0; cut <= behind.size(); ++cut)
    {
        INFO(cut);
        connecting c;
        c.open(behind.substr(0, cut));
        if (cut < behind.size())
            c.client->send(behind.substr(cut));
        REQUIRE(c.wait([&] { return c.messages() == texts{"Hello", "fragments"}; }));
    }
}

TEST_CASE("a client masks what it sends, with a new mask each time")
{
    connecting c;
    c.open();
    std::set<std::string> masks;
    for (int i = 0; i < 3; ++i)
    {
        c.user()->send(with_length("{\"a\":1}"));
        REQUIRE(c.wait_received([](std::string const& got) { return got.size() == 13; }));
        auto const frame = c.client->take();
        CHECK(frame.substr(0, 2) == "\x81\x87");
        masks.insert(frame.substr(2, 4));
        CHECK(unmasked(frame) == "{\"a\":1}");
    }
    CHECK(masks.size() == 3);
}

TEST_CASE("a refusal says that it is one, and with which status")
{
    for (auto const& [answer, status] :
         {std::pair{"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nbody"s, 404u},
          std::pair{"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"s, 401u},
          std::pair{"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"s, 302u},
          std::pair{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"s, 200u},
          std::pair{"HTTP/1.1 101 Switching Protocols\r\n\r\n"s, 101u}})
    {
        connecting c;
        c.answer();
        c.client->send(answer);
        CHECK(c.outcome() == oizys::errc::handshake_refused);
        CHECK(c.stream->http_status() == status);
        CHECK(!c.stream->established());
        c.user()->read();
        CHECK(c.wait([&] { return c.user()->read_error; }));
        CHECK(c.user()->read_error == oizys::errc::handshake_refused);
    }
}

TEST_CASE("an answer to another key is refused")
{
    connecting c;
    c.answer();
    c.client->send(connecting::granted("dGhlIHNhbXBsZSBub25jZQ=="));
    CHECK(c.outcome() == oizys::errc::handshake_refused);
}

TEST_CASE("what is no answer is refused, and so is one without end")
{
    connecting c;
    c.answer();
    c.client->send("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    CHECK(c.outcome() == oizys::errc::handshake_refused);

    connecting d;
    d.answer();
    d.client->send("HTTP/1.1 101 Switching Protocols\r\n");
    for (int i = 0; i < 40 && !d.user()->shaken(); ++i)
    {
        std::string lines;
        for (int j = 0; j < 200; ++j)
            lines += "X: yyyyyyyy\r\n";
        d.client->send(lines);
        d.io.restart();
        d.io.poll();
    }
    CHECK(d.outcome() == oizys::errc::handshake_refused);
}

TEST_CASE("a server that does not answer is left after handshake_timeout")
{
    connecting c{{.handshake_timeout = std::chrono::milliseconds{20}}};
    CHECK(c.outcome() == oizys::errc::handshake_timeout);
    CHECK(c.wait_client_eof());
}

TEST_CASE("a server that goes instead of answering has not refused")
{
    connecting c;
    c.answer();
    c.client->send("HTTP/1.1 1");
    c.client->close();
    CHECK(c.outcome() == asio::error::eof);
}

TEST_CASE("all sub-protocols are offered, and the server must choose among them")
{
    auto const choose = [](std::string const& line, error_code expected, std::string const& protocol) {
        connecting c{{.protocols = {"a", "b"}}};
        auto const request = c.answer();
        CHECK(header(request, "Sec-WebSocket-Protocol") == "a, b");
        c.client->send(connecting::granted(header(request, "Sec-WebSocket-Key"), line));
        CHECK(c.outcome() == expected);
        if (!expected)
            CHECK(c.stream->protocol() == protocol);
    };
    choose("Sec-WebSocket-Protocol: b\r\n", {}, "b");
    choose("", {}, "");
    choose("Sec-WebSocket-Protocol: c\r\n", oizys::errc::handshake_refused, "");
    choose("Sec-WebSocket-Protocol: a, b\r\n", oizys::errc::handshake_refused, "");
}

TEST_CASE("nothing can be slipped into a request")
{
    struct
    {
        std::string host;
        std::string target;
        std::string protocol;
    } const cases[] = {{"localhost\r\nX: y", "/", "a"},
                       {"localhost", "/ HTTP/1.1\r\nX: y", "a"},
                       {"localhost", "/", "a\r\nX: y"},
                       {"localhost", "/a b", "a"},
                       {"", "/", "a"},
                       {"localhost", "", "a"},
                       {"localhost", "/", ""},
                       {"localhost", "/\x7f", "a"},
                       {"localhost", "/", "a,b"}};
    for (auto const& [host, target, protocol] : cases)
    {
        INFO(host << ' ' << target << ' ' << protocol);
        connecting c{{.protocols = {protocol}}, host, target};
        CHECK(c.outcome() == asio::error::invalid_argument);
        CHECK(c.client->receive().empty());
    }
}

TEST_CASE("a server that masks has broken the protocol")
{
    connecting c;
    c.open();
    c.client->send(client_frame(text_frame, "Hello"));
    REQUIRE(c.wait([&] { return c.user()->read_error; }));
    CHECK(c.user()->read_error == websocket::error::bad_masked_frame);
    REQUIRE(c.wait_received([](std::string const& got) { return got.size() == 8; }));
    CHECK(unmasked(c.client->take()) == code(1002));
}

TEST_CASE("a server's close frame is answered, and is the end of the stream")
{
    connecting c;
    c.open();
    c.client->send(server_frame(close_frame, code(1001) + "restarting"));
    REQUIRE(c.wait([&] { return c.user()->read_error; }));
    CHECK(c.user()->read_error == asio::error::eof);
    REQUIRE(c.wait_received([](std::string const& got) { return got.size() == 8; }));
    CHECK(unmasked(c.client->take()) == code(1001));
}

TEST_CASE("a silent other end is pinged, and taken for gone if it stays silent")
{
    connecting c{{.idle_timeout = std::chrono::milliseconds{60}}};
    c.open();
    // An answered ping keeps the connection: twice as long as the other end may be silent.
    for (int i = 0; i < 4; ++i)
    {
        REQUIRE(c.wait_received([](std::string const& got) { return got.size() >= 6; }));
        CHECK(c.client->take().starts_with("\x89\x80"));
        c.client->send(server_frame(pong_frame, ""));
    }
    CHECK(!c.user()->read_error);
    REQUIRE(c.wait([&] { return c.user()->read_error; }));
    CHECK(c.user()->read_error == asio::error::timed_out);
    CHECK(c.wait_client_eof());
}

TEST_CASE("an end that does not read does not take the other for gone")
{
    connecting c{{.idle_timeout = std::chrono::milliseconds{20}}};
    c.open();
    c.user()->pause();
    c.client->send(server_frame(text_frame, "one") + server_frame(text_frame, "two"));
    REQUIRE(c.wait([&] { return c.messages() == texts{"one", "two"}; })); // both, with one read
    c.client->send(server_frame(text_frame, "three"));
    asio::steady_timer later{c.io, std::chrono::milliseconds{100}};
    bool has_passed = false;
    later.async_wait([&](error_code) { has_passed = true; });
    REQUIRE(c.wait([&] { return has_passed; }));
    CHECK(!c.client->at_eof());
    c.user()->read();
    CHECK(c.wait([&] { return c.messages() == texts{"one", "two", "three"}; }));
    REQUIRE(c.wait([&] { return c.user()->read_error; })); // and now it does
    CHECK(c.user()->read_error == asio::error::timed_out);
}
