// SPDX-License-Identifier: BSL-1.0
//
// Opens a listening socket on an endpoint of any kind.
#pragma once

#include <oizys/listener.hpp>

#include "endpoint_socket.hpp"
#include "listener_file.hpp"
#include "stream.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>

#include <sys/types.h>

#include <optional>
#include <string>

namespace oizys::detail
{

struct listening_socket
{
    unique_fd fd;
    int family = 0;
    endpoint local; ///< with the real port
    socket_file file;
    std::optional<::gid_t> group;       ///< of a Unix socket that was given one
    std::string group_name;             ///< as it was asked for, also if there is no such group
    std::string why;                    ///< it could not be opened, in words
    std::unique_ptr<stream> connection; ///< the only one there is, where nothing listens
    bool is_connection = false;         ///< it does not listen: it is the one connection there is to accept
};

/// `executor` lends the service that resolves a host name; nothing is started on it.
listening_socket open_listening_socket(boost::asio::any_io_executor const& executor, endpoint const& where,
                                       listener_options const& options, boost::system::error_code& ec);

} // namespace oizys::detail
