// SPDX-License-Identifier: BSL-1.0
#include "command_line.hpp"

#include "commands.hpp"
#include "failure.hpp"
#include "version_text.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>

namespace oizys::cli
{
namespace
{

constexpr auto description =
    "Calls, serves, watches and measures what speaks JSON-RPC 2.0 or MessagePack-RPC.";

constexpr auto footer =
    R"(ENDPOINT is unix:/path, unix:@name, tcp:host:port, tls:host:port, ws://host:port/target, shm:/path,
exec:COMMAND ARG... or another of those in README.md. A server that is not made with oizys needs its
framing named: unix:/path?framing=json_text, or newline, content_length, msgpack_object.

Answers are printed on standard output, everything else on standard error.

Exit codes: 0 answered; 1 answered with an error; 2 the command line is wrong; 3 it could not connect
or listen, or the connection was lost; 4 no answer came in time.

Colours are used on a terminal only, and not if NO_COLOR is set.)";

/// Names the arguments that the parser does not know: see arguments.hpp.
class help_formatter : public CLI::Formatter
{
public:
    std::string make_usage(CLI::App const* app, std::string name) const override
    {
        auto text = CLI::Formatter::make_usage(app, std::move(name));
        if (app->get_allow_extras())
            text.insert(text.find_last_not_of('\n') + 1, " [ARG]...");
        return text;
    }
};

} // namespace

std::unique_ptr<CLI::App> make_app(command_line& line)
{
    auto app = std::make_unique<CLI::App>(description, "oizys");
    auto const formatter = std::make_shared<help_formatter>();
    formatter->column_width(34);
    app->formatter(formatter);
    app->set_version_flag("--version", version_text(), "show the version, and end");
    app->set_help_flag("-h,--help", "show what there is, and end");
    app->require_subcommand(1); // so that an argument that is named like a sub-command is not taken for one
    app->footer(footer);
    for (auto* const add : {add_call, add_list, add_describe, add_ping, add_listen, add_serve, add_monitor,
                            add_replay, add_bench, add_generate, add_completion, add_man, add_complete})
        add(*app, line);
    return app;
}

std::vector<std::string> split(int argc, char const* const* argv, command_line& line)
{
    std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    auto const mark = std::find(words.begin(), words.end(), "--");
    if (mark != words.end())
    {
        line.behind.assign(mark + 1, words.end());
        words.erase(mark, words.end());
    }
    return words;
}

int run_program(int argc, char const* const* argv)
try
{
    command_line line;
    auto const app = make_app(line);
    auto words = split(argc, argv, line);
    std::reverse(words.begin(), words.end()); // as CLI11 wants them
    try
    {
        app->parse(std::move(words));
    }
    catch (CLI::ParseError const& e)
    {
        return app->exit(e) == 0 ? answered : usage;
    }
    auto const name = app->get_subcommands().front()->get_name();
    bool const takes_more =
        std::find(line.can_behind.begin(), line.can_behind.end(), name) != line.can_behind.end();
    if (!line.behind.empty() && !takes_more)
        throw failure{usage, name + " takes no words behind --"};
    return line.run();
}
catch (std::exception const& e)
{
    return report(e);
}

} // namespace oizys::cli
