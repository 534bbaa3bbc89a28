// SPDX-License-Identifier: BSL-1.0
#include "man_page.hpp"

#include <CLI/App.hpp>

#include <sstream>
#include <vector>

namespace oizys::cli
{
namespace
{

/// Text as roff takes it for text.
std::string escaped(std::string_view text)
{
    std::string out;
    for (char const c : text)
    {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if (c == '\'')
            out += "\\(aq";
        else if (c == '`')
            out += "\\(ga";
        else if (c == '^' || c == '~')
            out += c == '^' ? "\\(ha" : "\\(ti";
        else
            out += c;
    }
    return !out.empty() && out.front() == '.' ? "\\&" + out : out;
}

/// Lines, with an empty one between paragraphs.
void add_paragraphs(std::string& out, std::string const& text)
{
    bool begins = true;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
    {
        if (line.empty())
        {
            begins = true;
            continue;
        }
        if (begins)
            out += ".PP\n";
        begins = false;
        out += escaped(line) + '\n';
    }
}

/// The usage line that --help shows, without `Usage:`.
std::string usage_of(CLI::App const& command)
{
    std::istringstream help{command.help()};
    constexpr std::string_view begin = "Usage: ";
    for (std::string line; std::getline(help, line);)
    {
        if (line.compare(0, begin.size(), begin) == 0)
            return line.substr(begin.size());
    }
    return command.get_name();
}

void add_options(std::string& out, CLI::App const& command)
{
    bool const is_whole = command.get_parent() == nullptr;
    for (auto const* const option : command.get_options())
    {
        if (option == command.get_help_ptr() && !is_whole)
            continue; // said once
        auto const positional = option->get_positional();
        auto const name = positional ? option->get_name(true) : option->get_name(false, true);
        auto const type = option->get_type_name();
        bool const shows_type = option->get_items_expected_max() > 0 && !type.empty() && type != "TEXT";
        out += ".TP\n.B " + escaped(name);
        if (shows_type)
            out += " \\fI" + escaped(type) + "\\fR";
        if (auto const standard = option->get_default_str(); !standard.empty())
            out += " \\fR(" + escaped(standard) + ")";
        out += '\n' + escaped(option->get_description()) + '\n';
    }
}

void add_command(std::string& out, CLI::App const& command)
{
    out += ".SS " + escaped(command.get_name()) + "\n.PP\n.B " + escaped("oizys " + usage_of(command)) + "\n";
    add_paragraphs(out, command.get_description() + '.');
    add_options(out, command);
    add_paragraphs(out, command.get_footer());
}

} // namespace

std::string man_page(CLI::App const& app, std::string const& version)
{
    std::string out = ".TH OIZYS 1 \"\" \"" + escaped(version) +
                      "\" \"User Commands\"\n.SH NAME\noizys \\- " +
                      escaped("call, serve, watch and measure JSON-RPC 2.0 and MessagePack-RPC") +
                      "\n.SH SYNOPSIS\n.B oizys\n.I COMMAND\n[OPTIONS] ...\n.SH DESCRIPTION\n";
    add_paragraphs(out, app.get_description());
    add_paragraphs(out, app.get_footer());
    out += ".SH OPTIONS\n";
    add_options(out, app);
    out += ".SH COMMANDS\n";
    for (auto const* const command :
         app.get_subcommands([](CLI::App const* c) { return !c->get_group().empty(); }))
        add_command(out, *command);
    return out;
}

} // namespace oizys::cli
