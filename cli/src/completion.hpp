// SPDX-License-Identifier: BSL-1.0
//
// What a shell may offer for a word of the command line. What is outside of the parser (the methods of a server that
// runs, sockets in a folder) comes from functions, so that this has no I/O.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI
{
class App;
}

namespace oizys::cli
{

struct completion_sources
{
    /// The methods of the server at an endpoint; none if it does not answer soon.
    std::function<std::vector<std::string>(std::string const& endpoint)> methods;
    /// Paths of sockets, and of folders with a `/` at their end, that begin so.
    std::function<std::vector<std::string>(std::string const& begin)> sockets;
};

/// `words` are those behind the program's name; the last one is completed and may be empty. A candidate that ends with
/// `:`, `/` or `=` goes on.
std::vector<std::string> candidates(CLI::App const& app, std::vector<std::string> const& words,
                                    completion_sources const& sources);

/// The script that makes a shell ask `oizys complete`; empty if the shell is neither bash nor zsh.
std::string_view completion_script(std::string_view shell);

} // namespace oizys::cli
