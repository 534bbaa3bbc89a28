// SPDX-License-Identifier: BSL-1.0
//
// What the tests of sessions share: connected pairs over every kind of stream, a witness that notes what
// a session reports, and an end without a session that sends and receives plain bytes.
#pragma once

#include "support/run_until.hpp"

#include <oizys/error.hpp>
#include <oizys/memory_pair.hpp>
#include <oizys/session.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::test
{

namespace asio = boost::asio;
using boost::system::error_code;
using texts = std::vector<std::string>;

struct session_pair
{
    std::shared_ptr<session> a;
    std::shared_ptr<session> b;
};

inline std::shared_ptr<session> session_of(asio::local::stream_protocol::socket socket,
                                           session_options const& options = {})
{
    return create_session(asio::generic::stream_protocol::socket{std::move(socket)}, options);
}

// The simplest of the transports that the same cases run over. The others are in transports.hpp.

struct over_sockets
{
    static std::size_t framed_size(std::size_t payload) { return payload + 4; }

    static session_pair make(asio::io_context& io, session_options const& a = {},
                             session_options const& b = {})
    {
        asio::local::stream_protocol::socket first{io};
        asio::local::stream_protocol::socket second{io};
        asio::local::connect_pair(first, second);
        return {session_of(std::move(first), a), session_of(std::move(second), b)};
    }
};

template <std::size_t Capacity, std::size_t MaxTransfer>
struct over_pipe
{
    static std::size_t framed_size(std::size_t payload) { return payload + 4; }

    static session_pair make(asio::io_context& io, session_options const& a = {},
                             session_options const& b = {})
    {
        auto pair = memory_pair(io.get_executor(),
                                {.first = a, .second = b, .capacity = Capacity, .max_transfer = MaxTransfer});
        return {std::move(pair.first), std::move(pair.second)};
    }
};

using over_memory = over_pipe<65536, 65536>;
using over_narrow_memory = over_pipe<11, 3>; ///< every frame arrives in pieces

/// Notes what a session reports. Must outlive the session's handlers.
struct witness
{
    texts messages;
    std::vector<error_code> closes;

    void listen(session& s)
    {
        s.set_onmessage([this](std::string const& message) { messages.push_back(message); });
    }

    void watch_close(session& s)
    {
        s.set_onclose([this](error_code why) { closes.push_back(why); });
    }

    void watch(session& s)
    {
        watch_close(s);
        listen(s);
    }

    bool closed() const { return !closes.empty(); }
    bool closed_with(error_code why) const { return closes == std::vector{why}; }
};

/// Runs everything that can run now.
inline void settle(asio::io_context& io)
{
    io.restart();
    io.poll();
}

/// An end of a socket pair that is no session.
class raw_end
{
public:
    explicit raw_end(asio::io_context& io) : socket_{io} {}

    /// Makes the session at the other end.
    std::shared_ptr<session> connect(asio::io_context& io, session_options const& options = {})
    {
        asio::local::stream_protocol::socket other{io};
        asio::local::connect_pair(socket_, other);
        socket_.non_blocking(true);
        return session_of(std::move(other), options);
    }

    /// All of the bytes must fit into the socket's buffer.
    void send(std::string_view bytes)
    {
        REQUIRE(socket_.write_some(asio::buffer(bytes.data(), bytes.size())) == bytes.size());
    }

    /// Reads what is there; returns all that was received so far.
    std::string const& receive()
    {
        for (char room[65536];;)
        {
            error_code ec;
            auto const n = socket_.read_some(asio::buffer(room), ec);
            received_.append(room, n);
            eof_ = eof_ || ec == asio::error::eof;
            if (ec)
                return received_;
        }
    }

    bool at_eof()
    {
        receive();
        return eof_;
    }

    void close() { socket_.close(); }
    void shutdown_send() { socket_.shutdown(asio::socket_base::shutdown_send); }
    asio::local::stream_protocol::socket& socket() { return socket_; }

private:
    asio::local::stream_protocol::socket socket_;
    std::string received_;
    bool eof_ = false;
};

/// The bytes of header24 that carry `message`.
inline std::string framed(std::string_view message)
{
    std::string frame{'\0', static_cast<char>(message.size() >> 16), static_cast<char>(message.size() >> 8),
                      static_cast<char>(message.size())};
    return frame.append(message);
}

/// Bytes that no two sizes or seeds share.
inline std::string random_text(std::mt19937& random, std::size_t size)
{
    std::string text(size, '\0');
    auto state = static_cast<std::uint32_t>(random());
    for (auto& at : text)
    {
        state = state * 1664525u + 1013904223u;
        at = static_cast<char>(state >> 24);
    }
    return text;
}

/// The code that a throwing send reports; none if it does not throw.
inline error_code error_of_send(session& s, std::string const& message)
{
    try
    {
        s.send(message);
        return {};
    }
    catch (boost::system::system_error const& e)
    {
        return e.code();
    }
}

} // namespace oizys::test
