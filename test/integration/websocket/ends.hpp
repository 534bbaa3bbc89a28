// SPDX-License-Identifier: BSL-1.0
//
// What the tests of WebSockets share: a stream under test at one end of a socket, and at the other plain bytes, or
// another stream.
#pragma once

#include "socket_stream.hpp"
#include "support/run_until.hpp"
#include "support/stream_user.hpp"
#include "websocket_stream.hpp"
#include "wire/message_header.hpp"
#include "wire/message_splitter.hpp"

#include <oizys/error.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::test
{

namespace asio = boost::asio;
using boost::system::error_code;
using detail::websocket_stream;
using texts = std::vector<std::string>;
using local_socket = asio::local::stream_protocol::socket;

inline constexpr std::size_t max_message = 1000000;

inline std::unique_ptr<detail::stream> plain(local_socket socket)
{
    return std::make_unique<detail::socket_stream>(asio::generic::stream_protocol::socket{std::move(socket)});
}

/// A message as a session hands it to a stream of messages.
inline std::string with_length(std::string_view message)
{
    auto const header = wire::encode_message_header(message.size());
    return std::string{header.data(), header.size()}.append(message);
}

/// The messages in what was read from such a stream.
inline texts messages_in(std::string_view bytes)
{
    texts found;
    wire::message_splitter splitter{max_message};
    while (!bytes.empty())
        if (auto const step = splitter.next(bytes); step.found)
            found.emplace_back(step.message);
    return found;
}

/// An end that is no stream: sends and receives bytes.
class raw_end
{
public:
    explicit raw_end(local_socket socket) : socket_{std::move(socket)} { socket_.non_blocking(true); }

    /// All of the bytes must fit into the socket's buffer.
    void send(std::string_view bytes)
    {
        REQUIRE(socket_.write_some(asio::buffer(bytes.data(), bytes.size())) == bytes.size());
    }

    /// Reads what is there; returns all that was received so far and not taken.
    std::string const& receive()
    {
        for (char room[65536];;)
        {
            error_code ec;
            auto const n = socket_.read_some(asio::buffer(room), ec);
            received_.append(room, n);
            eof_ = eof_ || (ec && ec != asio::error::would_block);
            if (ec)
                return received_;
        }
    }

    std::string take() { return std::exchange(received_, {}); }
    bool at_eof()
    {
        receive();
        return eof_;
    }
    void close() { socket_.close(); }

private:
    local_socket socket_;
    std::string received_;
    bool eof_ = false;
};

inline std::string const handshake_of_rfc6455 = "GET /chat HTTP/1.1\r\n"
                                                "Host: server.example.com\r\n"
                                                "Upgrade: websocket\r\n"
                                                "Connection: Upgrade\r\n"
                                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                                "Sec-WebSocket-Version: 13\r\n";

/// The request of RFC 6455, section 1.3, with more lines of header.
inline std::string request(std::string const& more = {}) { return handshake_of_rfc6455 + more + "\r\n"; }

/// A server at one end of a socket, bytes at the other.
struct served
{
    asio::io_context io;
    std::shared_ptr<stream_user> server;
    std::unique_ptr<raw_end> client;
    websocket_stream* stream = nullptr;

    explicit served(websocket_options const& options = {}, std::string received = {},
                    std::size_t limit = max_message)
    {
        local_socket a{io};
        local_socket b{io};
        asio::local::connect_pair(a, b);
        auto made = websocket_stream::server(plain(std::move(a)), std::move(received), limit, options);
        stream = made.get();
        server = std::make_shared<stream_user>(std::move(made));
        client = std::make_unique<raw_end>(std::move(b));
        server->read();
    }

    template <class Predicate>
    bool wait(Predicate predicate)
    {
        return run_until(io, [&] { return static_cast<bool>(predicate()); });
    }

    /// Polls the client's socket between the turns of the loop.
    template <class Predicate>
    bool wait_received(Predicate predicate)
    {
        asio::steady_timer tick{io};
        auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!predicate(client->receive()))
        {
            if (std::chrono::steady_clock::now() > end)
                return false;
            io.restart();
            io.run_one_for(std::chrono::milliseconds{5});
        }
        return true;
    }

    bool wait_received(std::string const& bytes)
    {
        return wait_received([&](std::string const& got) { return got.size() >= bytes.size(); }) &&
               client->take() == bytes;
    }

    bool wait_client_eof()
    {
        return wait_received([&](std::string const&) { return client->at_eof(); });
    }

    std::string answer()
    {
        wait_received([](std::string const& got) { return got.find("\r\n\r\n") != got.npos; });
        return client->take();
    }

    void open(std::string const& more = {})
    {
        client->send(request(more));
        auto const got = answer();
        INFO(got);
        REQUIRE(got.starts_with("HTTP/1.1 101 "));
        REQUIRE(wait([&] { return stream->established(); }));
    }

    texts messages() const { return messages_in(server->received); }
};

/// The bytes of a frame that a client sends, masked by 37 fa 21 3d, as in RFC 6455.
inline std::string client_frame(unsigned char first, std::string_view payload)
{
    std::string const mask = "\x37\xfa\x21\x3d";
    std::string frame(1, static_cast<char>(first));
    auto const size = payload.size();
    if (size < 126)
        frame += static_cast<char>(0x80 | size);
    else if (size < 65536)
        frame.append({static_cast<char>(0xfe), static_cast<char>(size >> 8), static_cast<char>(size)});
    else
    {
        frame += static_cast<char>(0xff);
        for (int shift = 56; shift >= 0; shift -= 8)
            frame += static_cast<char>(size >> shift);
    }
    frame += mask;
    for (std::size_t i = 0; i < size; ++i)
        frame += static_cast<char>(payload[i] ^ mask[i % 4]);
    return frame;
}

/// The bytes of a frame that a server sends; `payload` has 125 bytes at most.
inline std::string server_frame(unsigned char first, std::string_view payload)
{
    return std::string{static_cast<char>(first), static_cast<char>(payload.size())}.append(payload);
}

inline constexpr unsigned char text_frame = 0x81;
inline constexpr unsigned char binary_frame = 0x82;
inline constexpr unsigned char close_frame = 0x88;
inline constexpr unsigned char ping_frame = 0x89;
inline constexpr unsigned char pong_frame = 0x8a;

/// The payload of a close frame.
inline std::string code(unsigned value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }

} // namespace oizys::test
