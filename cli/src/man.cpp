// SPDX-License-Identifier: BSL-1.0
//
// oizys man: prints the manual page.
#include "command_line.hpp"
#include "commands.hpp"
#include "man_page.hpp"
#include "version_text.hpp"

#include <iostream>

namespace oizys::cli
{

void add_man(CLI::App& app, command_line& line)
{
    auto* const command = app.add_subcommand("man", "print the manual page, as roff");
    command->footer("To read it: oizys man | man -l -");
    command->callback([&app, &line] {
        line.run = [&app] {
            std::cout << man_page(app, version_text()) << std::flush;
            return 0;
        };
    });
}

} // namespace oizys::cli
