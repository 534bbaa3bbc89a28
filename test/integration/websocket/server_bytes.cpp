// SPDX-License-Identifier: BSL-1.0
//
// Proves the bytes of the accepting end, against a client that is written out by hand: the examples of RFC 6455, and
// what a client must not send.
#include "ends.hpp"

#include <boost/beast/websocket/error.hpp>

namespace
{

using namespace oizys::test;
using namespace std::string_literals;
namespace websocket = boost::beast::websocket;

} // namespace

TEST_CASE("the handshake of RFC 6455, section 1.3, is answered")
{
    served s;
    s.client->send(request());
    auto const answer = s.answer();
    CHECK(answer == "HTTP/1.1 101 Switching Protocols\r\n"
                    "Upgrade: websocket\r\n"
                    "Connection: upgrade\r\n"
                    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                    "Server: oizys\r\n\r\n");
    CHECK(s.wait([&] { return s.stream->established(); }));
    CHECK(s.stream->http_status() == 101);
    CHECK(s.stream->protocol().empty());
}

TEST_CASE("the handshake may arrive in any two parts, one of them before the WebSocket was thought of")
{
    auto const whole = request() + client_frame(text_frame, "Hello");
    for (std::size_t cut = 0; cut <= whole.size(); ++cut)
    {
        INFO(cut);
        served s{{}, whole.substr(0, cut)};
        if (cut < whole.size())
            s.client->send(whole.substr(cut));
        REQUIRE(s.wait([&] { return s.messages() == texts{"Hello"}; }));
        REQUIRE(s.answer().starts_with("HTTP/1.1 101 "));
    }
}

TEST_CASE("the examples of RFC 6455, section 5.7, are received")
{
    served s;
    s.open();
    s.client->send("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"); // "Hello", masked
    CHECK(s.wait([&] { return s.messages() == texts{"Hello"}; }));
    s.client->send(client_frame(0x01, "Hel"));
    s.client->send(client_frame(ping_frame, "Hello"));
    s.client->send(client_frame(0x80, "lo"));
    CHECK(s.wait_received(server_frame(pong_frame, "Hello"))); // between the fragments
    CHECK(s.wait([&] { return s.messages() == texts{"Hello", "Hello"}; }));
    std::string const bytes256(256, '\x5a');
    std::string const bytes64k(65536, '\xa5');
    s.client->send(client_frame(binary_frame, bytes256));
    CHECK(s.wait([&] { return s.messages().size() == 3; }));
    s.client->send(client_frame(binary_frame, bytes64k));
    CHECK(s.wait([&] { return s.messages().size() == 4; }));
    CHECK(s.messages()[2] == bytes256);
    CHECK(s.messages()[3] == bytes64k);
}

TEST_CASE("frames may arrive in any two parts")
{
    auto const whole = client_frame(0x02, "one") + client_frame(ping_frame, "") + client_frame(0x80, "two") +
                       client_frame(text_frame, "{}") + client_frame(pong_frame, "unasked");
    for (std::size_t cut = 0; cut <= whole.size(); ++cut)
    {
        INFO(cut);
        served s;
        s.open();
        if (cut > 0)
            s.client->send(whole.substr(0, cut));
        s.io.restart();
        s.io.poll();
        if (cut < whole.size())
            s.client->send(whole.substr(cut));
        REQUIRE(s.wait([&] { return s.messages() == texts{"onetwo", "{}"}; }));
    }
}

TEST_CASE("messages are sent in one frame each, as text if they are JSON and UTF-8")
{
    served s;
    s.open();
    struct
    {
        std::string message;
        unsigned char type;
    } const cases[] = {
        {"{}", text_frame},
        {"[1]", text_frame},
        {" \t\r\n{\"a\":1}", text_frame},
        {"{\"\xc3\xa9\xf0\x9f\x98\x80\"}", text_frame},
        {"Hello", binary_frame},
        {"1", binary_frame},
        {"\"{\"", binary_frame},
        {"{\xff}", binary_frame},
        {"{\xc3", binary_frame},
        {"{\xed\xa0\x80}", binary_frame},
        {"    ", binary_frame},
        {"\x93\x02\xa4ping\x90"s, binary_frame},
        {"\0"s, binary_frame},
    };
    for (auto const& [message, type] : cases)
    {
        INFO(message);
        s.server->send(with_length(message));
        CHECK(s.wait_received(server_frame(type, message)));
    }
    s.server->send(with_length("{}") + with_length("x"));
    CHECK(s.wait_received(server_frame(text_frame, "{}") + server_frame(binary_frame, "x")));
    std::string const large(70000, '\x00');
    s.server->send(with_length(large));
    CHECK(s.wait_received("\x82\x7f\0\0\0\0\0\x01\x11\x70"s + large)); // one frame
}

TEST_CASE("a message may be written in any two parts")
{
    auto const whole = with_length("[1,2]") + with_length("y");
    for (std::size_t cut = 0; cut <= whole.size(); ++cut)
    {
        served s;
        s.open();
        s.server->send(std::string_view{whole}.substr(0, cut));
        s.server->send(std::string_view{whole}.substr(cut));
        INFO(cut);
        REQUIRE(s.wait_received(server_frame(text_frame, "[1,2]") + server_frame(binary_frame, "y")));
    }
}

TEST_CASE("one read hands over all messages that have arrived, as far as there is room")
{
    texts sent;
    std::string bytes;
    std::string handed_over;
    for (std::size_t size = 0; size < 300; size += 7)
    {
        sent.push_back(std::string(size + 1, static_cast<char>('a' + size % 26)));
        bytes += client_frame(binary_frame, sent.back());
        handed_over += with_length(sent.back());
    }
    served s;
    s.open();
    s.client->send(client_frame(binary_frame, std::string(1000, 'x')) + bytes); // makes room for all of them
    REQUIRE(s.wait([&] { return s.messages().size() == sent.size() + 1; }));
    s.server->received.clear();
    s.server->pause();
    s.client->send(bytes);
    REQUIRE(s.wait([&] { return !s.server->received.empty(); }));
    constexpr std::size_t room = 4096; // of a stream_user
    CHECK(s.server->received == handed_over.substr(0, room));
    s.server->read();
    CHECK(s.wait([&] { return s.messages() == sent; }));
}

TEST_CASE("messages in front of what breaks the protocol are received")
{
    auto const good = client_frame(text_frame, "one") + client_frame(text_frame, "two");
    for (auto const& bad : {client_frame(text_frame, "Hell\xff"), client_frame(0xc1, "Hello"),
                            "\x81\x05Hello"s, client_frame(binary_frame, std::string(101, 'x'))})
        for (std::size_t cut : {good.size() + bad.size(), good.size(), good.size() + 1, good.size() + 3})
        {
            INFO(cut);
            served s{{}, {}, 100};
            s.open();
            auto const bytes = good + bad;
            s.client->send(bytes.substr(0, cut));
            if (cut < bytes.size())
                s.client->send(bytes.substr(cut));
            REQUIRE(s.wait([&] { return s.server->read_error; }));
            CHECK(s.messages() == texts{"one", "two"});
            CHECK(s.wait_received([](auto const& got) { return got.size() == 4 && got[0] == '\x88'; }));
        }
}

TEST_CASE("a long message is passed on as it comes, and is not taken for one before its end")
{
    for (auto const& end : {"."s, "\xff"s})
    {
        served s;
        s.open();
        auto const frame = client_frame(text_frame, std::string(150000, 'x') + end);
        s.client->send(std::string_view{frame}.substr(0, 100000));
        CHECK(s.wait([&] { return s.server->received.size() > 99000; }));
        CHECK(s.messages().empty());
        s.client->send(std::string_view{frame}.substr(100000));
        if (end == ".")
            CHECK(s.wait([&] { return s.messages() == texts{std::string(150000, 'x') + end}; }));
        else
        {
            CHECK(s.wait([&] { return s.server->read_error; }));
            CHECK(*s.server->read_error == websocket::error::bad_frame_payload);
            CHECK(s.messages().empty());
        }
    }
}

TEST_CASE("a ping is answered with its payload, also while nothing is said")
{
    served s;
    s.open();
    s.client->send(client_frame(ping_frame, ""));
    CHECK(s.wait_received(server_frame(pong_frame, "")));
    s.client->send(client_frame(ping_frame, std::string(125, 'p')));
    CHECK(s.wait_received(server_frame(pong_frame, std::string(125, 'p'))));
}

TEST_CASE("empty messages are passed over")
{
    served s;
    s.open();
    s.client->send(client_frame(text_frame, "") + client_frame(binary_frame, "") + client_frame(0x01, "") +
                   client_frame(0x80, "") + client_frame(text_frame, "x"));
    CHECK(s.wait([&] { return s.messages() == texts{"x"}; }));
}

TEST_CASE("a client that breaks the protocol is told by a close frame")
{
    struct
    {
        char const* what;
        std::string bytes;
        unsigned code;
        error_code error;
    } const cases[] = {
        {"not masked", "\x81\x05Hello", 1002, websocket::error::bad_unmasked_frame},
        {"reserved bit 1", client_frame(0xc1, "Hello"), 1002, websocket::error::bad_reserved_bits},
        {"reserved bit 2", client_frame(0xa1, "Hello"), 1002, websocket::error::bad_reserved_bits},
        {"reserved bit 3", client_frame(0x91, "Hello"), 1002, websocket::error::bad_reserved_bits},
        {"reserved opcode", client_frame(0x83, "Hello"), 1002, websocket::error::bad_opcode},
        {"reserved control opcode", client_frame(0x8b, ""), 1002, websocket::error::bad_opcode},
        {"fragmented ping", client_frame(0x09, "x"), 1002, websocket::error::bad_control_fragment},
        {"ping of 126 bytes", client_frame(ping_frame, std::string(126, 'x')), 1002,
         websocket::error::bad_control_size},
        {"continues nothing", client_frame(0x80, "x"), 1002, websocket::error::bad_continuation},
        {"a message within a message", client_frame(0x01, "x") + client_frame(text_frame, "y"), 1002,
         websocket::error::bad_data_frame},
        {"length of two bytes that fits one", "\x82\xfe\x00\x05"s + "\x37\xfa\x21\x3d", 1002,
         websocket::error::bad_size},
        {"text that is not UTF-8", client_frame(text_frame, "Hell\xff"), 1007,
         websocket::error::bad_frame_payload},
        {"text that ends within a character", client_frame(text_frame, "\xe2\x82"), 1007,
         websocket::error::bad_frame_payload},
        {"text that is not UTF-8, in fragments", client_frame(0x01, "\xe2") + client_frame(0x80, "x"), 1007,
         websocket::error::bad_frame_payload},
        {"close code that nobody may send", client_frame(close_frame, code(1005)), 1002,
         websocket::error::bad_close_code},
        {"close frame with half a code", client_frame(close_frame, "\x03"), 1002,
         websocket::error::bad_close_size},
        {"too long", client_frame(binary_frame, std::string(101, 'x')), 1009, oizys::errc::message_too_large},
        {"too long together", client_frame(0x02, std::string(99, 'x')) + client_frame(0x80, "xx"), 1009,
         oizys::errc::message_too_large},
        {"far too long", "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s + "\x37\xfa\x21\x3d", 1009,
         oizys::errc::message_too_large},
    };
    for (auto const& [what, bytes, expected, error] : cases)
    {
        INFO(what);
        served s{{}, {}, 100};
        s.open();
        s.client->send(bytes);
        CHECK(s.wait_received(server_frame(close_frame, code(expected))));
        REQUIRE(s.wait([&] { return s.server->read_error; }));
        CHECK(*s.server->read_error == error);
        s.server->send(with_length("late"));
        CHECK(s.server->write_error);
        s.server->stream().close();
        s.client->send("more of it"); // does no harm
        CHECK(s.wait_client_eof());
        CHECK(s.client->take().empty());
    }
}

TEST_CASE("a message of just the allowed length is received")
{
    served s{{}, {}, 100};
    s.open();
    s.client->send(client_frame(binary_frame, std::string(100, 'x')));
    CHECK(s.wait([&] { return s.messages() == texts{std::string(100, 'x')}; }));
}

TEST_CASE("a client's close frame is answered, and is the end of the stream")
{
    struct
    {
        std::string payload;
        unsigned answer;
    } const cases[] = {{"", 1000}, {code(1000), 1000}, {code(1001) + "going away", 1001}, {code(4321), 4321}};
    for (auto const& [payload, answer] : cases)
    {
        served s;
        s.open();
        s.client->send(client_frame(text_frame, "last words") + client_frame(close_frame, payload));
        REQUIRE(s.wait([&] { return s.server->read_error; }));
        CHECK(*s.server->read_error == asio::error::eof);
        CHECK(s.messages() == texts{"last words"});
        CHECK(s.wait_received(server_frame(close_frame, code(answer))));
        s.server->send(with_length("late"));
        CHECK(s.server->write_error == asio::error::broken_pipe);
        s.server->stream().close();
        CHECK(s.wait_client_eof());
    }
}

TEST_CASE("a client that goes without a close frame has broken the connection")
{
    served s;
    s.open();
    s.client->close();
    REQUIRE(s.wait([&] { return s.server->read_error; }));
    CHECK(*s.server->read_error == asio::error::connection_reset);
}

TEST_CASE("closing sends a close frame, waits for the answer and closes then")
{
    served s{{.close_timeout = std::chrono::minutes{10}}};
    s.open();
    s.server->send(with_length("last words"));
    s.server->close_when_flushed();
    CHECK(s.wait_received(server_frame(binary_frame, "last words") + server_frame(close_frame, code(1000))));
    REQUIRE(s.wait([&] { return s.server->read_error; }));
    CHECK(*s.server->read_error == asio::error::operation_aborted);
    s.server->drop_stream(); // the close handshake goes on without it
    s.client->send(client_frame(text_frame, "still talking"));
    s.io.restart();
    s.io.poll();
    CHECK(!s.client->at_eof());
    s.client->send(client_frame(close_frame, code(1000)));
    CHECK(s.wait_client_eof());
    s.io.restart();
    s.io.run(); // nothing is left, no timer either
    CHECK(s.server->received.empty());
}

TEST_CASE("a client that does not answer a close frame is left after close_timeout")
{
    served s{{.close_timeout = std::chrono::milliseconds{20}}};
    s.open();
    s.server->stream().close();
    CHECK(s.wait_received(server_frame(close_frame, code(1000))));
    CHECK(s.wait_client_eof());
}

TEST_CASE("a client that does not read is left after close_timeout, too")
{
    served s{{.close_timeout = std::chrono::milliseconds{20}}};
    s.open();
    // Pongs fill the socket, and the last of them is waiting for room when the stream is closed.
    for (int i = 0; i < 20000 && s.stream->flushed(); ++i)
    {
        s.client->send(client_frame(ping_frame, std::string(125, 'p')));
        s.io.restart();
        s.io.poll();
    }
    REQUIRE(!s.stream->flushed());
    s.server->stream().close();
    s.io.restart();
    s.io.run();
    CHECK(s.client->at_eof());
}
