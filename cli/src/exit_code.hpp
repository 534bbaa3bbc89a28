// SPDX-License-Identifier: BSL-1.0
//
// What a script learns from how the program ends.
#pragma once

namespace oizys::cli
{

enum exit_code : int
{
    answered = 0,
    error_answer = 1,  ///< the other end answered with an error
    usage = 2,         ///< the command line cannot be right, or a file that it names cannot be used
    no_connection = 3, ///< it could not connect or listen, or the connection was lost
    timed_out = 4,     ///< connected, and no answer came in time
};

} // namespace oizys::cli
