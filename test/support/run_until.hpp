// SPDX-License-Identifier: BSL-1.0
//
// Runs an event loop until something has happened. Tests wait with this and never sleep.
#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>

namespace oizys::test
{

/// Runs `io` until `predicate()` is true. Returns false at the deadline, or when `io` has nothing left to
/// do and the predicate is still false.
template <class Predicate>
bool run_until(boost::asio::io_context& io, Predicate predicate,
               std::chrono::steady_clock::duration deadline = std::chrono::seconds{10})
{
    auto const end = std::chrono::steady_clock::now() + deadline;
    io.restart();
    while (!predicate())
    {
        if (io.run_one_until(end) == 0)
            return predicate();
    }
    return true;
}

} // namespace oizys::test
