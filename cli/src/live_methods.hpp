// SPDX-License-Identifier: BSL-1.0
//
// The names of the methods of a server that runs.
#pragma once

#include "client.hpp"

#include <string>
#include <vector>

namespace oizys::cli
{

/// Sorted. @throws failure  if the server cannot be reached or does not tell
boost::asio::awaitable<std::vector<std::string>> live_methods(client_arguments arguments);

} // namespace oizys::cli
