// SPDX-License-Identifier: BSL-1.0
//
// A real server on a Unix socket, and clients without a session that send and receive plain bytes: what another
// library, or an attacker, would do.
#pragma once

#include "rpc_test.hpp"

#include "support/temp_dir.hpp"

#include <oizys/rpc/server.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace oizys::test
{

/// The bytes of header24 that carry `message`.
inline std::string framed(std::string_view message)
{
    std::string frame{'\0', static_cast<char>(message.size() >> 16), static_cast<char>(message.size() >> 8),
                      static_cast<char>(message.size())};
    return frame.append(message);
}

/// A server whose peers' ends are noted.
struct raw_server
{
    explicit raw_server(rpc::service const& service, rpc::server_options const& options = {})
        : server{io.get_executor(), service, options}
    {
        where = server.listen(dir.endpoint());
        server.set_onpeer(
            [this](rpc::peer p) { p.set_onclose([this](error_code why) { closes.push_back(why); }); });
    }

    temp_dir dir;
    asio::io_context io{1};
    rpc::server server;
    endpoint where;
    std::vector<error_code> closes;
};

/// A client that connects in its constructor.
class raw_client
{
public:
    explicit raw_client(raw_server& server) : io_{server.io}, state_{std::make_shared<state>(server.io)}
    {
        state_->socket.connect(asio::local::stream_protocol::endpoint{server.dir.file("socket")});
        read(state_);
    }

    raw_client(raw_client const&) = delete;
    raw_client& operator=(raw_client const&) = delete;
    ~raw_client() { close(); }

    /// Sends all of it, or as much as is taken until the server closes.
    void send(std::string_view bytes)
    {
        bool done = false;
        asio::async_write(state_->socket, asio::buffer(bytes.data(), bytes.size()),
                          [&](error_code, std::size_t) { done = true; });
        REQUIRE(run_until(io_, [&] { return done; }));
    }

    /// Sends the bytes one by one, so that the server sees every split.
    void send_slowly(std::string_view bytes)
    {
        for (char const c : bytes)
        {
            send({&c, 1});
            settle(io_);
        }
    }

    /// Waits until `bytes` bytes have come, and takes them.
    std::string receive(std::size_t bytes)
    {
        auto& received = state_->received;
        if (!run_until(io_, [&] { return received.size() >= bytes || state_->eof; }))
            FAIL("no answer; only: " << received);
        auto taken = received.substr(0, bytes);
        received.erase(0, taken.size());
        return taken;
    }

    /// Waits until the server has closed, and takes all that came.
    std::string receive_all()
    {
        REQUIRE(run_until(io_, [&] { return state_->eof; }));
        return std::exchange(state_->received, {});
    }

    /// What has come so far.
    std::string const& received() const { return state_->received; }

    void shutdown_send() { state_->socket.shutdown(asio::socket_base::shutdown_send); }
    void close() { state_->socket.close(); }

private:
    /// Lives as long as a read is under way.
    struct state
    {
        explicit state(asio::io_context& io) : socket{io} {}

        asio::local::stream_protocol::socket socket;
        std::array<char, 65536> room{};
        std::string received{};
        bool eof = false;
    };

    static void read(std::shared_ptr<state> const& s)
    {
        s->socket.async_read_some(asio::buffer(s->room), [s](error_code ec, std::size_t n) {
            s->received.append(s->room.data(), n);
            s->eof = static_cast<bool>(ec);
            if (!ec)
                read(s);
        });
    }

    asio::io_context& io_;
    std::shared_ptr<state> state_;
};

} // namespace oizys::test
