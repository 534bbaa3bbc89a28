// SPDX-License-Identifier: BSL-1.0
//
// Two connected sessions without a socket, for tests: the real session over a pipe in memory that
// can be told to move little at a time and to fail.
#pragma once

#include <oizys/api.hpp>
#include <oizys/session.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <limits>
#include <memory>
#include <utility>

namespace oizys
{

/// How the pipe between the two sessions behaves.
struct memory_pair_options
{
    session_options first{};
    session_options second{};
    std::size_t capacity = 65536; ///< bytes under way in one direction
    std::size_t max_transfer =
        std::numeric_limits<std::size_t>::max(); ///< bytes that one read or write moves
    /// So many reads, writes and waits of both ends succeed; the next one fails with
    /// `boost::asio::error::connection_reset`, once.
    std::size_t fail_after = std::numeric_limits<std::size_t>::max();
};

/// What happened in the pipe; shared by both ends and outlives them.
struct memory_pair_state
{
    std::size_t operations = 0; ///< reads, writes and waits so far
    bool failed = false;        ///< the failure was injected
};

struct memory_pair_result
{
    std::shared_ptr<session> first;
    std::shared_ptr<session> second;
    std::shared_ptr<memory_pair_state const> state;
};

/// Makes two sessions that are connected to each other, both on `executor`.
OIZYS_API memory_pair_result memory_pair(boost::asio::any_io_executor executor,
                                         memory_pair_options const& options = {});

} // namespace oizys
