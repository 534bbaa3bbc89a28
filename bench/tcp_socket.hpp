// SPDX-License-Identifier: BSL-1.0
//
// Blocking TCP sockets of the loopback interface, beside those of unix_socket.hpp.
#pragma once

#include "unix_socket.hpp"

#include <string>

namespace bench
{

/// Listens on any port, and tells `tcp_connect_to`, which has the same path.
unique_fd tcp_listen_at(std::string const& path);
unique_fd tcp_accept_from(unique_fd const& listener);
unique_fd tcp_connect_to(std::string const& path);

} // namespace bench
