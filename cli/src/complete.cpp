// SPDX-License-Identifier: BSL-1.0
//
// oizys completion, which prints a shell's script, and oizys complete, which that script asks.
#include "client.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "completion.hpp"
#include "failure.hpp"
#include "live_methods.hpp"
#include "text.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

/// Nobody wants to wait long at a prompt. A command is not started only because its name was typed.
std::vector<std::string> live(std::string const& where)
{
    std::vector<std::string> found;
    boost::system::error_code ec;
    auto const kind = endpoint::parse(where, ec).kind();
    if (ec || kind == endpoint_kind::exec || kind == endpoint_kind::exec_fd || kind == endpoint_kind::stdio ||
        kind == endpoint_kind::fd)
        return found;
    client_arguments arguments;
    arguments.endpoint = where;
    arguments.timeout = 1;
    try
    {
        run([&]() -> asio::awaitable<int> {
            found = co_await live_methods(arguments);
            co_return 0;
        });
    }
    catch (std::exception const&) // there is nothing to offer, and nobody to tell why
    {
    }
    return found;
}

std::vector<std::string> sockets(std::string const& begin)
{
    namespace fs = std::filesystem;
    std::vector<std::string> found;
    auto const slash = begin.rfind('/');
    auto const folder = slash == std::string::npos ? std::string{} : begin.substr(0, slash + 1);
    std::error_code ec; // a folder that cannot be read has nothing to offer
    for (fs::directory_iterator at{folder.empty() ? "." : folder, ec}, end; !ec && at != end;
         at.increment(ec))
    {
        std::error_code gone;
        auto const path = folder + at->path().filename().string();
        if (at->is_directory(gone))
            found.push_back(path + '/');
        else if (at->is_socket(gone))
            found.push_back(path);
    }
    std::sort(found.begin(), found.end());
    return found;
}

int complete(CLI::App const& app, std::vector<std::string> const& words)
{
    for (auto const& one : candidates(app, words, {.methods = live, .sockets = sockets}))
    {
        if (one_line(one) == one) // a name that would be two is none that can be typed
            std::cout << one << '\n';
    }
    return answered;
}

} // namespace

void add_complete(CLI::App& app, command_line& line)
{
    auto* const command =
        app.add_subcommand("complete", "print what may stand where the last word behind -- is");
    command->group(""); // for the scripts, not for people
    line.can_behind.push_back("complete");
    command->callback([&app, &line] { line.run = [&app, &line] { return complete(app, line.behind); }; });
}

void add_completion(CLI::App& app, command_line& line)
{
    auto const shell = std::make_shared<std::string>();
    auto* const command =
        app.add_subcommand("completion", "print a script with which a shell completes oizys");
    command->add_option("SHELL", *shell, "bash or zsh")->required();
    command->footer(
        "For example: source <(oizys completion bash). Methods are completed as well: the server is asked "
        "for them.");
    command->callback([&line, shell] {
        line.run = [shell] {
            auto const script = completion_script(*shell);
            if (script.empty())
                throw failure{usage, "there is no completion for " + *shell + "; there is for bash and zsh"};
            std::cout << script << std::flush;
            return 0;
        };
    });
}

} // namespace oizys::cli
