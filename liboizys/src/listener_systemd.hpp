// SPDX-License-Identifier: BSL-1.0
//
// Listens on what systemd handed over: a socket that listens already, or one connection.
#pragma once

#include "listener_socket.hpp"

#include <boost/system/error_code.hpp>

#include <string_view>

namespace oizys::systemd
{
class descriptor_table;
}

namespace oizys::detail
{

/// Takes the stream socket that `name` asks for, see systemd::take. `where` is what the user wrote: the local
/// endpoint of a socket whose own address no endpoint can name.
///
/// The socket's file, its permissions and its queue are systemd's, and stay as they are.
listening_socket open_systemd_socket(std::string_view name, endpoint const& where,
                                     boost::system::error_code& ec);

listening_socket open_systemd_socket(systemd::descriptor_table& table, std::string_view name,
                                     endpoint const& where, boost::system::error_code& ec);

} // namespace oizys::detail
