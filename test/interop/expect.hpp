// SPDX-License-Identifier: BSL-1.0
//
// What the programs that talk with other implementations share.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace oizys::test
{

/// Ends the program with the name of what does not hold.
inline void expect(std::string const& what, bool holds)
{
    if (!holds)
        throw std::runtime_error{what + ": it is not so"};
}

/// Runs `conversation` and what it has begun to the end; the exit code of the program.
inline int run(boost::asio::io_context& io, boost::asio::awaitable<void> conversation)
try
{
    boost::asio::co_spawn(io, std::move(conversation), [](std::exception_ptr const& failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    io.run();
    std::cout << "done\n";
    return 0;
}
catch (std::exception const& e)
{
    std::cerr << "failed: " << e.what() << '\n';
    return 1;
}

} // namespace oizys::test
