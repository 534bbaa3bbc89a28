// SPDX-License-Identifier: BSL-1.0
//
// Prints what was seen of a conversation, for listen, monitor and replay: the options for that, and the lines.
#pragma once

#include "conversation.hpp"
#include "message_filter.hpp"

#include <string>
#include <vector>

namespace CLI
{
class App;
}

namespace oizys::cli
{

class message_printer
{
public:
    /// Adds --filter, --json, --full and what is said about lines below the options.
    void add_options(CLI::App& command);

    /// One line each, on standard output, at once.
    void print(std::vector<sighting> const& seen);

private:
    static constexpr std::size_t short_limit = 400; ///< bytes of one message in a line

    std::vector<std::string> conditions_;
    message_filter filter_;
    bool json_ = false;
    bool full_ = false;
};

} // namespace oizys::cli
