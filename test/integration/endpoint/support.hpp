// SPDX-License-Identifier: BSL-1.0
//
// What the tests of connect and listen share: a handler that remembers, and sockets without oizys.
#pragma once

#include <oizys/endpoint.hpp>
#include <oizys/session.hpp>

#include "endpoint_socket.hpp"

#include <boost/system/error_code.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

namespace oizys::test
{

/// What an operation completed with.
struct outcome
{
    int calls = 0;
    boost::system::error_code ec;
    std::shared_ptr<oizys::session> session;

    auto handler()
    {
        return [this](boost::system::error_code why, std::shared_ptr<oizys::session> result) {
            ++calls;
            ec = why;
            session = std::move(result);
        };
    }
};

using oizys::unique_fd;

inline unique_fd raw_socket(int family)
{
    boost::system::error_code ec;
    auto fd = detail::open_stream_socket(family, ec);
    if (ec)
        throw std::system_error{ec.value(), std::system_category()};
    return fd;
}

inline detail::socket_address address_of(endpoint const& where)
{
    return where.kind() == endpoint_kind::tcp ? detail::numeric_address(where).value()
                                              : detail::unix_address(where);
}

/// A socket that listens without any of the library's care, as other programs do.
inline unique_fd raw_listen(endpoint const& where, int backlog)
{
    auto const address = address_of(where);
    auto fd = raw_socket(address.family());
    if (::bind(fd.get(), address.data(), address.size) != 0 || ::listen(fd.get(), backlog) != 0)
        throw std::system_error{errno, std::system_category()};
    return fd;
}

inline unique_fd raw_connect(endpoint const& where)
{
    auto const address = address_of(where);
    auto fd = raw_socket(address.family());
    if (::connect(fd.get(), address.data(), address.size) != 0 && errno != EINPROGRESS)
        return {};
    return fd;
}

/// Connects until the listener's queue is full: a Unix socket then refuses, tcp lets connections hang.
inline std::vector<unique_fd> fill_backlog(endpoint const& where)
{
    std::vector<unique_fd> result;
    while (result.size() < 8)
    {
        auto fd = raw_connect(where);
        if (!fd)
            break;
        result.push_back(std::move(fd));
    }
    return result;
}

} // namespace oizys::test
