// SPDX-License-Identifier: BSL-1.0
//
// Proves which requests are granted, and what the others are answered.
#include "ends.hpp"

namespace
{

using namespace oizys::test;

struct refusal
{
    std::string answer;
    unsigned status;
};

/// What a request is answered that must not be granted.
refusal refused(oizys::websocket_options const& options, std::string const& text,
                error_code why = oizys::errc::handshake_refused)
{
    served s{options};
    s.client->send(text);
    refusal result{s.answer(), 0};
    CHECK(s.wait([&] { return s.server->read_error; }));
    CHECK(s.server->read_error == why);
    CHECK(!s.stream->established());
    s.server->send(with_length("late"));
    CHECK(s.server->write_error == why);
    CHECK(s.server->received.empty());
    result.status = s.stream->http_status();
    s.server->stream().close();
    s.client->close();
    s.io.restart();
    s.io.run();
    return result;
}

bool contains(std::string const& text, std::string const& part) { return text.find(part) != text.npos; }

} // namespace

TEST_CASE("a request of a web page is refused, unless its origin is allowed")
{
    std::string const page = "Origin: https://example.org\r\n";
    auto const got = refused({}, request(page));
    CHECK(got.answer.starts_with("HTTP/1.1 403 Forbidden\r\n"));
    CHECK(contains(got.answer, "\r\nConnection: close\r\n"));
    CHECK(contains(got.answer, "web pages may not connect"));
    CHECK(got.status == 403);
    for (auto const* const other : {"http://example.org", "https://example.org:444",
                                    "https://example.org.evil.example", "https://evil.example", "null", ""})
        CHECK(refused({.allowed_origins = {other}}, request(page)).status == 403);
    CHECK(refused({.allowed_origins = {"https://example.org"}}, request("Origin: null\r\n")).status == 403);
    CHECK(refused({.target = "/other"}, request(page)).status == 403); // and it learns nothing else

    for (auto const* const origin : {"https://example.org", "*"})
    {
        served s{{.allowed_origins = {"http://localhost:8080", origin}}};
        s.open(page);
    }
}

TEST_CASE("only the target that is served is granted, when one is")
{
    auto const got = refused({.target = "/rpc"}, request());
    CHECK(got.answer.starts_with("HTTP/1.1 404 Not Found\r\n"));
    CHECK(got.status == 404);
    for (auto const* const target : {"/chat/", "/cha", "/CHAT", "/"})
        CHECK(refused({.target = target}, request()).status == 404);
    served{{.target = "/chat"}}.open();
    auto with_query = request();
    with_query.replace(with_query.find("/chat"), 5, "/chat?token=1");
    served s{{.target = "/chat"}, with_query};
    CHECK(s.answer().starts_with("HTTP/1.1 101 "));
}

TEST_CASE("a request for something else is told what is served here")
{
    for (auto const* const text :
         {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody",
          "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"})
    {
        INFO(text);
        auto const got = refused({}, text);
        CHECK(got.answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n"));
        CHECK(contains(got.answer, "\r\nUpgrade: websocket\r\n"));
        CHECK(contains(got.answer, "\r\nConnection: upgrade, close\r\n"));
        CHECK(got.status == 426);
    }
}

TEST_CASE("a request that is none is answered 400")
{
    for (auto const* const text : {"GARBAGE\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                                   "\x16\x03\x01\x02\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"})
    {
        INFO(text);
        CHECK(refused({}, text).answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
    }
}

TEST_CASE("an upgrade that RFC 6455 forbids is refused")
{
    auto const without = [](std::string const& line, std::string const& instead = {}) {
        auto text = request();
        auto const at = text.find(line);
        return text.replace(at, text.find("\r\n", at) + 2 - at, instead);
    };
    CHECK(refused({}, without("Host")).status == 400);
    CHECK(refused({}, without("Sec-WebSocket-Key")).status == 400);
    CHECK(refused({}, without("Sec-WebSocket-Version")).status == 400);
    auto const old = refused({}, without("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8\r\n"));
    CHECK(old.status == 426);
    CHECK(contains(old.answer, "\r\nSec-WebSocket-Version: 13\r\n"));
}

TEST_CASE("the header of a request may not be longer than max_http_header")
{
    std::string const long_line = "X: " + std::string(9000, 'x') + "\r\n";
    CHECK(refused({}, request(long_line)).answer.starts_with("HTTP/1.1 431 "));
    std::string many_lines;
    for (int i = 0; i < 1000; ++i)
        many_lines += "X: y\r\n    z\r\n";
    CHECK(refused({}, request(many_lines)).answer.starts_with("HTTP/1.1 431 "));
    CHECK(refused({}, std::string(9000, 'G')).answer.starts_with("HTTP/1.1 4"));
    served{{.max_http_header = 10000}}.open(long_line);
    auto const exact = request();
    served{{.max_http_header = exact.size()}}.open();
    CHECK(refused({.max_http_header = exact.size() - 1}, exact).answer.starts_with("HTTP/1.1 431 "));
    CHECK(refused({.max_http_header = 1}, exact).answer.starts_with("HTTP/1.1 431 "));
}

TEST_CASE("a client that is refused while it still sends is not cut off before it has the answer")
{
    for (auto const& begun :
         {std::string(9000, 'G'), std::string{"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n"}})
    {
        served s{{.close_timeout = std::chrono::minutes{10}}};
        s.client->send(begun);
        REQUIRE(s.wait([&] { return s.server->read_error; }));
        s.server->stream().close();
        for (int i = 0; i < 3; ++i)
        {
            s.client->send("more"); // a connection that is closed would be reset by this
            s.io.restart();
            s.io.poll();
        }
        CHECK(s.answer().starts_with("HTTP/1.1 4"));
        s.client->close();
        s.io.restart();
        s.io.run(); // nothing is left, no timer either
    }
}

TEST_CASE("a client that is refused after all it had to say is closed at once")
{
    served s{{.target = "/other", .close_timeout = std::chrono::minutes{10}}};
    s.client->send(request());
    REQUIRE(s.wait([&] { return s.server->read_error; }));
    s.server->stream().close();
    CHECK(s.wait_client_eof());
}

TEST_CASE("a client that does not finish its request is closed after handshake_timeout")
{
    for (auto const& part : {std::string{"G"}, request().substr(0, 60), std::string{}})
    {
        served s{{.handshake_timeout = std::chrono::milliseconds{20}}, part};
        REQUIRE(s.wait([&] { return s.server->read_error; }));
        CHECK(*s.server->read_error == oizys::errc::handshake_timeout);
        CHECK(s.wait_client_eof());
    }
}

TEST_CASE("a handshake that is finished is not timed out")
{
    served s{{.handshake_timeout = std::chrono::milliseconds{500}}};
    s.open();
    CHECK(s.wait([&] { return s.stream->established(); }));
    s.server->pause();
    s.client->send(client_frame(text_frame, "x"));
    CHECK(s.wait([&] { return !s.messages().empty(); }));
    s.io.restart();
    s.io.run(); // no timer is left
    CHECK(!s.server->read_error);
}

TEST_CASE("a client that goes before the handshake is the end of the stream")
{
    for (auto const& part : {std::string{}, std::string{"G"}, request().substr(0, 60)})
    {
        served s{{}, part};
        s.client->close();
        REQUIRE(s.wait([&] { return s.server->read_error; }));
        CHECK(*s.server->read_error == asio::error::eof);
    }
}

TEST_CASE("the first sub-protocol of the server's that is offered is chosen")
{
    struct
    {
        std::string offered;
        std::string chosen;
    } const cases[] = {
        {"Sec-WebSocket-Protocol: b\r\n", "b"},
        {"Sec-WebSocket-Protocol: c, b ,a\r\n", "a"},
        {"Sec-WebSocket-Protocol: c\r\nSec-WebSocket-Protocol: a\r\n", "a"},
        {"Sec-WebSocket-Protocol: A\r\n", ""},
        {"Sec-WebSocket-Protocol: ab, a b\r\n", ""},
        {"Sec-WebSocket-Protocol: ,,\r\n", ""},
        {"", ""},
    };
    for (auto const& [offered, chosen] : cases)
    {
        INFO(offered);
        served s{{.protocols = {"a", "b"}}};
        s.client->send(request(offered));
        auto const answer = s.answer();
        CHECK(answer.starts_with("HTTP/1.1 101 "));
        CHECK(contains(answer, "Sec-WebSocket-Protocol: " + chosen + "\r\n") == !chosen.empty());
        CHECK(contains(answer, "Sec-WebSocket-Protocol") == !chosen.empty());
        REQUIRE(s.wait([&] { return s.stream->established(); }));
        CHECK(s.stream->protocol() == chosen);
    }
}

TEST_CASE("compression is not granted")
{
    served s;
    s.client->send(request("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"));
    CHECK(!contains(s.answer(), "Extensions"));
}
