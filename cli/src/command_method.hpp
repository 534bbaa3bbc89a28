// SPDX-License-Identifier: BSL-1.0
//
// What a shell command is given of a call, and what the caller is given of what it did. No I/O.
#pragma once

#include "shell_child.hpp"

#include <oizys/rpc/outcome.hpp>

#include <string>
#include <vector>

namespace oizys::cli
{

/// A method and the command behind it, from a word `NAME=COMMAND`. @throws failure  (usage)
struct command_method
{
    explicit command_method(std::string const& word);

    std::string name;
    std::string command;
};

/// The parameters as words for "$1", "$2" and so on: a string as it is, anything else as JSON; none for named
/// parameters. @throws rpc::error  (invalid_params) where a word would be longer than 128 KiB or hold a zero byte
std::vector<std::string> words_of(rpc::value const& parameters);

/// The result, which is what was printed: JSON, or text without its last line feed, or bytes; null if nothing was. An
/// error if the command failed: its code is the exit status, its data has what was printed on standard error.
rpc::outcome<rpc::value> answer_of(std::string const& method, shell_outcome const& outcome);

} // namespace oizys::cli
