// SPDX-License-Identifier: BSL-1.0
//
// The command line as a whole: the tree of sub-commands, from which parsing, --help, the man page and the completion
// are made, and what the parser must not see.
#pragma once

#include <CLI/App.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace oizys::cli
{

/// What was chosen.
struct command_line
{
    std::vector<std::string> behind;     ///< the words behind the first `--`, of any form
    std::function<int()> run;            ///< the sub-command that was named; returns the exit code
    std::vector<std::string> can_behind; ///< the sub-commands that take words behind `--`
};

/// The parser with all sub-commands; a sub-command that is named sets `line.run`. Both must outlive the run.
std::unique_ptr<CLI::App> make_app(command_line& line);

/// Takes off the program's own name, and what stands behind the first `--`.
std::vector<std::string> split(int argc, char const* const* argv, command_line& line);

/// Parses and runs. Returns the exit code; everything that went wrong has been printed.
int run_program(int argc, char const* const* argv);

} // namespace oizys::cli
