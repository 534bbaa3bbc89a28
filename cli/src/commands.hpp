// SPDX-License-Identifier: BSL-1.0
//
// The sub-commands. Each function adds one to the parser, and is in the file of that name.
#pragma once

namespace CLI
{
class App;
}

namespace oizys::cli
{

struct command_line;

void add_bench(CLI::App& app, command_line& line);
void add_call(CLI::App& app, command_line& line);
void add_complete(CLI::App& app, command_line& line);
void add_completion(CLI::App& app, command_line& line);
void add_describe(CLI::App& app, command_line& line);
void add_generate(CLI::App& app, command_line& line);
void add_list(CLI::App& app, command_line& line);
void add_listen(CLI::App& app, command_line& line);
void add_man(CLI::App& app, command_line& line);
void add_monitor(CLI::App& app, command_line& line);
void add_ping(CLI::App& app, command_line& line);
void add_replay(CLI::App& app, command_line& line);
void add_serve(CLI::App& app, command_line& line);

} // namespace oizys::cli
