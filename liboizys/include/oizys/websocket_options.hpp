// SPDX-License-Identifier: BSL-1.0
//
// How WebSockets are asked for and granted.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace oizys
{

struct websocket_options
{
    /// Sub-protocols. Who connects offers them all; who accepts picks the first of its own that is offered,
    /// and goes on without one if none is, as RFC 6455 has it.
    std::vector<std::string> protocols{};

    /// Who accepts: the path that must be asked for, without a query; if empty, every path is right.
    std::string target{};
    /// Who accepts: web pages that may connect, as browsers name them (`https://example.org`), or `*` for all. Without any,
    /// every request that comes from a web page is refused: a browser lets any page of the world connect to
    /// the sockets of its own machine.
    std::vector<std::string> allowed_origins{};
    std::size_t max_http_header = 8192; ///< who accepts: bytes of the request

    std::chrono::milliseconds handshake_timeout{
        10000}; ///< for the HTTP request and its answer; zero: no limit
    /// For the other end's answer to a close frame. The session has ended by then: this is about its descriptor.
    std::chrono::milliseconds close_timeout{1000};
    /// Silence of the other end after which it is taken for gone; it is pinged after half of that. Zero: never.
    /// Time in which nothing is read here (a paused session) does not count.
    std::chrono::milliseconds idle_timeout{0};
    std::size_t write_buffer = 65536; ///< bytes that are framed ahead of what the other end receives
};

} // namespace oizys
