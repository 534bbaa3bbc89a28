// SPDX-License-Identifier: BSL-1.0
//
// What all examples do in the same way: read the command line, and end with an exit code that scripts can use.
#pragma once

#include <oizys/error.hpp>

#include <CLI/CLI.hpp>
#include <boost/system/system_error.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>

namespace example
{

enum exit_code : int
{
    done = 0,
    error_answer = 1, ///< the other end answered with an error
    usage = 2,
    no_connection = 3, ///< it could not connect or listen, or the connection was lost
};

/// Ends the program after --help and after a mistake in the command line.
inline void parse(CLI::App& app, int argc, char** argv)
{
    try
    {
        app.parse(argc, argv);
    }
    catch (CLI::ParseError const& e)
    {
        std::exit(app.exit(e) == 0 ? done : usage);
    }
}

/// Prints what ended the program, and tells its exit code.
inline int report(std::exception const& e)
{
    std::cerr << e.what() << '\n';
    auto const* const error = dynamic_cast<boost::system::system_error const*>(&e);
    bool const mistyped = error != nullptr && (error->code() == oizys::errc::bad_endpoint ||
                                               error->code() == oizys::errc::path_too_long);
    return mistyped ? usage : no_connection;
}

} // namespace example
