// SPDX-License-Identifier: BSL-1.0
//
// What the sub-commands that call have in common: where to, how, and how long to wait.
#pragma once

#include "exit_code.hpp"

#include <oizys/rpc/codec/value.hpp>
#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/outcome.hpp>
#include <oizys/rpc/peer.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace CLI
{
class App;
}

namespace oizys::cli
{

struct client_arguments
{
    std::string endpoint;
    bool msgpack = false;
    double timeout = 30; ///< seconds, for connecting and for each call; 0: none
};

/// Adds ENDPOINT, --msgpack and --timeout.
void add_client_options(CLI::App& command, client_arguments& to);

/// @throws failure, or boost::system::system_error for an endpoint that is none
boost::asio::awaitable<rpc::peer> connect(client_arguments arguments);

/// Calls and waits for the answer.
/// @throws failure  if there is none
boost::asio::awaitable<rpc::outcome<rpc::value>> call_and_wait(rpc::peer peer, std::string method,
                                                               rpc::value parameters);
boost::asio::awaitable<rpc::outcome<rpc::value>> call_and_wait(rpc::peer peer, std::string method);

/// Runs a coroutine to its end, and returns the exit code that it returns.
int run(std::function<boost::asio::awaitable<int>()> const& body);

/// Prints an error that was answered on standard error: as a sentence and its data, or as compact JSON. Returns
/// error_answer.
int print_error(rpc::error_object const& error, bool as_json);

} // namespace oizys::cli
