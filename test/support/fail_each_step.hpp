// SPDX-License-Identifier: BSL-1.0
//
// A conversation between two streams over a pipe in memory of which each read, write and wait fails in turn:
// nothing may hang, be lost track of, or be received that was not sent.
#pragma once

#include "memory_stream.hpp"
#include "support/stream_user.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <string>

namespace oizys::test
{

using stream_factory = std::function<std::unique_ptr<detail::stream>(std::unique_ptr<detail::stream>)>;

/// A client connects, sends `message`, is sent it back and closes. Returns how many operations that took.
inline std::size_t fail_each_step(stream_factory const& make_client, stream_factory const& make_server,
                                  std::string const& message, detail::memory_pipe_options options)
{
    using namespace std::chrono_literals;
    constexpr auto never = std::numeric_limits<std::size_t>::max();
    for (options.fail_after = never;;
         options.fail_after = options.fail_after == never ? 0 : options.fail_after + 1)
    {
        INFO("operation " << options.fail_after << " fails");
        boost::asio::io_context io;
        auto const state = std::make_shared<memory_pair_state>();
        auto pipe = detail::memory_stream::make_pair(io.get_executor(), options, state);
        auto const client = std::make_shared<stream_user>(make_client(std::move(pipe.first)), 1000);
        auto const server = std::make_shared<stream_user>(make_server(std::move(pipe.second)), 1000);
        bool reads = false;
        bool echoed = false;
        bool closed = false;
        client->on_event = [&] {
            if (client->shaken() == boost::system::error_code{} && !std::exchange(reads, true))
            {
                client->read();
                client->send(message);
            }
            bool const is_done = client->received.size() >= message.size() || client->read_error ||
                                 client->write_error || client->shaken()->failed();
            if (client->shaken() && is_done && !std::exchange(closed, true))
                client->stream().close();
        };
        server->on_event = [&] {
            if (server->received.size() >= message.size() && !std::exchange(echoed, true))
                server->send(server->received);
            if (server->read_error)
                server->stream().close();
        };
        server->read();
        client->handshake();
        io.run_for(20s);
        REQUIRE(io.stopped());
        REQUIRE(client->shaken());
        REQUIRE((!reads || client->read_error));
        REQUIRE(server->read_error);
        REQUIRE(client->received == message.substr(0, client->received.size()));
        REQUIRE(server->received == message.substr(0, server->received.size()));
        if (options.fail_after == never)
            REQUIRE(client->received == message);
        else if (!state->failed)
            return options.fail_after;
        client->on_event = {};
        server->on_event = {};
        client->drop_stream();
        server->drop_stream();
        io.restart();
        io.run_for(20s);
        REQUIRE(io.stopped());
        std::weak_ptr<stream_user> const gone{client};
        REQUIRE(gone.use_count() == 1); // no handler is left that keeps it
    }
}

} // namespace oizys::test
