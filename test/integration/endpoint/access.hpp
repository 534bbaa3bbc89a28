// SPDX-License-Identifier: BSL-1.0
//
// What the tests of access and limits share: a listener that accepts whoever comes, and a log that remembers.
#pragma once

#include <oizys/listener.hpp>

#include "support.hpp"

#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace oizys::test
{

/// The lines of a log, as text.
struct log_book
{
    std::vector<std::string> lines;

    log_handler handler()
    {
        return [this](log_event const& event) { lines.push_back(to_logfmt(event)); };
    }
};

/// A listener that accepts again and again, and keeps the sessions.
struct reception
{
    temp_dir dir;
    boost::asio::io_context io;
    log_book log;
    std::optional<listener> server;
    std::vector<std::shared_ptr<session>> sessions;
    boost::system::error_code ended;
    int ends = 0;
    std::function<void(session&)> on_session = [](session&) {};

    // Other users must be able to reach the sockets in it.
    reception() { REQUIRE(::chmod(dir.path().c_str(), 0755) == 0); }

    void open(endpoint const& where, listener_options options = {})
    {
        options.log = log.handler();
        server.emplace(io.get_executor(), where, options);
        accept();
    }
    void open(listener_options const& options = {}) { open(dir.endpoint(), options); }

    endpoint where() const { return server->local_endpoint(); }

    void accept()
    {
        server->async_accept([this](boost::system::error_code ec, std::shared_ptr<session> s) {
            ended = ec;
            if (ec)
            {
                ++ends;
                return;
            }
            on_session(*s);
            sessions.push_back(std::move(s));
            accept();
        });
    }

    std::uint64_t refused() const
    {
        auto const counters = server->counters();
        return counters.refused_by_policy + counters.refused_by_limit;
    }

    bool wait_for_sessions(std::size_t count)
    {
        return run_until(io, [&] { return sessions.size() == count; });
    }
    bool wait_for_refusals(std::size_t count)
    {
        return run_until(io, [&] { return refused() == count; });
    }

    /// Runs everything that can run now.
    void settle()
    {
        io.restart();
        io.poll();
    }
};

/// What the other end sees of its connection.
enum class seen : std::uint8_t
{
    open,
    closed, ///< and nothing was sent
    bytes,
};

inline seen look_at(unique_fd const& client)
{
    char byte = 0;
    auto const n = ::recv(client.get(), &byte, 1, MSG_DONTWAIT);
    return n > 0 ? seen::bytes : n == 0 ? seen::closed : seen::open;
}

} // namespace oizys::test
