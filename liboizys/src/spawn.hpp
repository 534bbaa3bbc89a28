// SPDX-License-Identifier: BSL-1.0
//
// Starts a program. What becomes of the process is in child_process.
#pragma once

#include <boost/system/error_code.hpp>

#include <sys/types.h>

#include <string>
#include <vector>

namespace oizys::detail
{

/// The descriptors that a child starts with; -1 is /dev/null for its input, ours for its output, and no
/// descriptor 3. Its errors go where ours go. All are at least first_child_descriptor.
struct child_descriptors
{
    int in = -1;
    int out = -1;
    int three = -1;
};

inline constexpr int first_child_descriptor = 4; ///< those below are given new meanings in the child

/// Starts words[0], searched in PATH where it has no slash, with these words as its arguments: no shell
/// looks at them. The child inherits our environment and these descriptors, no others, but for the
/// variables with which systemd speaks to one process; no signal is
/// blocked or ignored.
///
/// Returns once the program runs, or the system's error: `no_such_file_or_directory`, `permission_denied`,
/// `executable_format_error`, …; `invalid_argument` where there is no word, or a NUL within one.
pid_t spawn(std::vector<std::string> const& words, child_descriptors const& descriptors,
            boost::system::error_code& ec);

} // namespace oizys::detail
