// SPDX-License-Identifier: BSL-1.0
#include "completion.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <array>

namespace oizys::cli
{
namespace
{

constexpr std::array kinds{"unix:", "tcp:",  "tls:",   "ws://",    "wss://", "ws+unix:",
                           "shm:",  "exec:", "stdio:", "exec+fd:", "fd:",    "systemd:"};
constexpr std::array kinds_with_sockets{"unix:", "ws+unix:", "shm:"};

bool begins_with(std::string_view text, std::string_view begin)
{
    return text.substr(0, begin.size()) == begin;
}

std::vector<std::string> option_names(CLI::App const& command)
{
    std::vector<std::string> names;
    for (auto const* const option : command.get_options())
    {
        for (auto const& name : option->get_lnames())
            names.push_back("--" + name);
    }
    return names;
}

CLI::Option const* option_named(CLI::App const& command, std::string const& word)
{
    for (auto const* const option : command.get_options())
    {
        if (option->nonpositional() && option->check_name(word))
            return option;
    }
    return nullptr;
}

bool takes_value(CLI::Option const* option)
{
    return option != nullptr && option->get_items_expected_max() > 0;
}

/// What the word at the end is: the value of an option, or the positional parameter of that number.
struct place
{
    CLI::Option const* value_of = nullptr;
    std::vector<std::string> positionals{}; ///< those in front of it
};

place find_place(CLI::App const& command, std::vector<std::string> const& words)
{
    place out;
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
    {
        auto const* const option = option_named(command, words[i]);
        if (takes_value(option) && ++i + 1 == words.size())
            out.value_of = option;
        else if (option == nullptr && !begins_with(words[i], "-"))
            out.positionals.push_back(words[i]);
    }
    return out;
}

std::vector<std::string> endpoints(std::string const& begin, completion_sources const& sources)
{
    for (std::string const kind : kinds_with_sockets)
    {
        if (!begins_with(begin, kind))
            continue;
        auto found = sources.sockets(begin.substr(kind.size()));
        for (auto& path : found)
            path.insert(0, kind);
        return found;
    }
    return {kinds.begin(), kinds.end()};
}

CLI::Option const* positional_at(CLI::App const& command, std::size_t index)
{
    for (auto const* const option : command.get_options())
    {
        if (option->get_positional() && index-- == 0)
            return option;
    }
    return nullptr;
}

std::vector<std::string> values(CLI::App const& command, std::vector<std::string> const& words,
                                completion_sources const& sources)
{
    auto const at = find_place(command, words);
    auto const& current = words.back();
    if (at.value_of == nullptr && begins_with(current, "-"))
        return option_names(command);
    auto const* const wanted =
        at.value_of != nullptr ? at.value_of : positional_at(command, at.positionals.size());
    if (wanted == nullptr)
        return {};
    auto const name = wanted->get_name(wanted->get_positional());
    if (name == "ENDPOINT" || wanted->get_type_name() == "ENDPOINT")
        return endpoints(current, sources);
    if (name == "METHOD" && wanted->get_type_name() == "TEXT")
        return sources.methods(at.positionals.front());
    if (name == "--filter")
        return {"method=",           "direction=to-server", "direction=to-client", "kind=request",
                "kind=notification", "kind=result",         "kind=error",          "kind=other"};
    if (name == "SHELL")
        return {"bash", "zsh"};
    return {};
}

CLI::App const* command_named(CLI::App const& app, std::string const& name)
{
    auto const all = app.get_subcommands([&](CLI::App const* one) { return one->get_name() == name; });
    return all.empty() ? nullptr : all.front();
}

std::vector<std::string> command_names(CLI::App const& app)
{
    std::vector<std::string> names;
    for (auto const* const one :
         app.get_subcommands([](CLI::App const* c) { return !c->get_group().empty(); }))
        names.push_back(one->get_name());
    return names;
}

} // namespace

std::vector<std::string> candidates(CLI::App const& app, std::vector<std::string> const& words,
                                    completion_sources const& sources)
{
    if (words.empty())
        return command_names(app);
    std::vector<std::string> all;
    if (words.size() == 1)
        all = begins_with(words.front(), "-") ? option_names(app) : command_names(app);
    else if (auto const* const command = command_named(app, words.front()))
        all = values(*command, {words.begin() + 1, words.end()}, sources);
    all.erase(std::remove_if(all.begin(), all.end(),
                             [&](std::string const& one) { return !begins_with(one, words.back()); }),
              all.end());
    return all;
}

std::string_view completion_script(std::string_view shell)
{
    // bash cuts words at `:` and `=`, which are parts of ours; what it has cut off must not be offered again.
    constexpr std::string_view bash =
        R"script(# Completion of oizys for bash: source this, or put it into bash-completion's folder.
_oizys()
{
    local line=${COMP_LINE:0:COMP_POINT} current
    local -a words
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    current=${words[-1]}
    mapfile -t COMPREPLY < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:/=] ]] && compopt -o nospace 2>/dev/null
    if [[ $current == *[:=]* ]]; then
        local cut=${current%"${current##*[:=]}"}
        COMPREPLY=("${COMPREPLY[@]#"$cut"}")
    fi
}
complete -o default -F _oizys oizys
)script";
    constexpr std::string_view zsh = R"script(#compdef oizys
# Completion of oizys for zsh: source this, or put it as _oizys into a folder of $fpath.
_oizys()
{
    local -a found
    found=(${(f)"$(${(Q)words[1]} complete -- "${(Q@)words[2,CURRENT]}" 2>/dev/null)"})
    if (( ! $#found )); then
        _files
        return
    fi
    compadd -S '' -- ${(M)found:#*[:/=]}
    compadd -- ${found:#*[:/=]}
}
if [[ ${funcstack[1]} == _oizys ]]; then
    _oizys "$@"
else
    compdef _oizys oizys
fi
)script";
    return shell == "bash" ? bash : shell == "zsh" ? zsh : std::string_view{};
}

} // namespace oizys::cli
