// SPDX-License-Identifier: BSL-1.0
#include "endpoint_parser.hpp"

#include "command_words.hpp"
#include "endpoint_options.hpp"
#include "endpoint_text.hpp"

#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace oizys::detail
{
namespace
{

// A path is stored with a NUL behind it, an abstract name with one in front.
constexpr std::size_t max_unix_name = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t max_systemd_name = 255; ///< bytes; sd_listen_fds_with_names(3)

constexpr std::array<std::pair<std::string_view, endpoint_kind>, 12> schemes{{
    {"unix", endpoint_kind::unix_path},
    {"tcp", endpoint_kind::tcp},
    {"tls", endpoint_kind::tls},
    {"ws", endpoint_kind::ws},
    {"wss", endpoint_kind::wss},
    {"ws+unix", endpoint_kind::ws_unix},
    {"stdio", endpoint_kind::stdio},
    {"fd", endpoint_kind::fd},
    {"exec", endpoint_kind::exec},
    {"exec+fd", endpoint_kind::exec_fd},
    {"shm", endpoint_kind::shm},
    {"systemd", endpoint_kind::systemd},
}};

bool is_exec(endpoint_kind kind) { return kind == endpoint_kind::exec || kind == endpoint_kind::exec_fd; }

bool is_web_socket(endpoint_kind kind)
{
    return kind == endpoint_kind::ws || kind == endpoint_kind::wss || kind == endpoint_kind::ws_unix;
}

/// Cuts the text at the first `mark`; what is behind it, if it is there.
std::optional<std::string_view> split(std::string_view& text, char mark)
{
    auto const at = text.find(mark);
    if (at == text.npos)
        return std::nullopt;
    auto const behind = text.substr(at + 1);
    text = text.substr(0, at);
    return behind;
}

} // namespace

bool endpoint_parser::refuse(std::string why)
{
    why_ = std::move(why);
    return false;
}

bool endpoint_parser::parse(std::string_view text)
{
    constexpr std::string_view nul{"\0", 1};
    if (text.find(nul) != text.npos)
        return refuse("no endpoint holds a NUL byte");
    if (!parse_kind(text))
        return false;

    std::optional<std::string_view> options;
    if (!is_exec(result_.kind_))
        options = split(text, is_web_socket(result_.kind_) ? '#' : '?');
    else if (consume(text, "?"))
    {
        auto const command = split(text, ':');
        if (!command)
            return refuse("expected exec?OPTIONS:COMMAND");
        options = std::exchange(text, *command);
    }
    else
        consume(text, ":");

    has_options_ = options.has_value();
    if (!parse_place(text))
        return false;
    if (options && !(options->empty() && is_web_socket(result_.kind_)))
        why_ = read_options(*options, result_.kind_, result_.options_);
    return why_.empty();
}

// Consumes what says the kind, but for the ':' of a command, in front of which options may stand.
bool endpoint_parser::parse_kind(std::string_view& text)
{
    auto const scheme = text.substr(0, text.find_first_of(":?"));
    auto const found = std::ranges::find(schemes, scheme, [](auto const& s) { return s.first; });
    bool const known = found != schemes.end() && scheme.size() != text.size() &&
                       (text[scheme.size()] == ':' || is_exec(found->second));
    if (!known)
        return refuse(
            "unknown kind " + quoted(scheme) +
            "; expected unix:, tcp:, tls:, ws://, wss://, ws+unix:, stdio:, fd:, exec:, exec+fd:, shm: "
            "or systemd:");
    result_.kind_ = found->second;
    text.remove_prefix(scheme.size());
    if (is_exec(result_.kind_))
        return true;
    text.remove_prefix(1);
    if ((result_.kind_ == endpoint_kind::ws || result_.kind_ == endpoint_kind::wss) && !consume(text, "//"))
        return refuse("expected // behind " + std::string{scheme} + ':');
    if (result_.kind_ == endpoint_kind::unix_path && text.starts_with('@'))
        result_.kind_ = endpoint_kind::unix_abstract;
    return true;
}

bool endpoint_parser::parse_place(std::string_view text)
{
    switch (result_.kind_)
    {
    case endpoint_kind::none: break;
    case endpoint_kind::unix_path:
    case endpoint_kind::shm: return parse_unix(text);
    case endpoint_kind::unix_abstract: return parse_abstract(text.substr(1));
    case endpoint_kind::tcp:
    case endpoint_kind::tls: return parse_host_and_port(text);
    case endpoint_kind::ws: return parse_ws(text, 80);
    case endpoint_kind::wss: return parse_ws(text, 443);
    case endpoint_kind::ws_unix: return parse_ws_unix(text);
    case endpoint_kind::stdio:
        result_.fd_in_ = STDIN_FILENO;
        result_.fd_out_ = STDOUT_FILENO;
        return text.empty() || refuse("nothing but options stands behind stdio:");
    case endpoint_kind::fd: return parse_descriptors(text);
    case endpoint_kind::exec:
    case endpoint_kind::exec_fd: return parse_command(text);
    case endpoint_kind::systemd: return parse_systemd(text);
    }
    return false;
}

bool endpoint_parser::decode_name(std::string_view text)
{
    auto decoded = percent_decoded(text);
    if (!decoded)
        return refuse("a % is written %25, and no name holds a NUL; got " + quoted(text));
    result_.name_ = *std::move(decoded);
    return true;
}

bool endpoint_parser::parse_unix(std::string_view path)
{
    // An abstract name may come to mean something here.
    if (path.empty() || path.front() == '@')
        return refuse("expected a path behind " + std::string{prefix_of(result_.kind_)});
    return parse_abstract(path);
}

bool endpoint_parser::parse_abstract(std::string_view name)
{
    if (name.empty())
        return refuse("expected a name behind unix:@");
    if (!decode_name(name))
        return false;
    if (result_.name_.size() <= max_unix_name)
        return true;
    code_ = errc::path_too_long;
    return refuse("a Unix socket's path or name of " + std::to_string(result_.name_.size()) + " bytes");
}

bool endpoint_parser::parse_host_and_port(std::string_view text)
{
    auto const colon = text.rfind(':');
    auto const port = colon == text.npos ? std::nullopt : parse_number<std::uint16_t>(text.substr(colon + 1));
    if (!port)
        return refuse("expected host:port, with a port of 0 to 65535; got " + quoted(text));
    result_.port_ = *port;
    return parse_host(text.substr(0, colon));
}

bool endpoint_parser::parse_host(std::string_view text)
{
    bool const has_brackets = text.size() >= 2 && text.front() == '[' && text.back() == ']';
    auto const host = has_brackets ? text.substr(1, text.size() - 2) : text;
    if (!(has_brackets ? is_ipv6(host) : is_host_name(host)))
        return refuse("expected a host: a name, an IPv4 address, or an IPv6 address in brackets; got " +
                      quoted(text));
    result_.name_ = host;
    return true;
}

bool endpoint_parser::parse_ws(std::string_view text, std::uint16_t default_port)
{
    auto const host = text.substr(0, text.find_first_of("/?"));
    if (!parse_target(text.substr(host.size())))
        return false;
    bool const has_port = host.rfind(':') != host.npos && !host.ends_with(']');
    if (has_port)
        return parse_host_and_port(host);
    result_.port_ = default_port;
    return parse_host(host);
}

bool endpoint_parser::parse_ws_unix(std::string_view text)
{
    auto const in_front = text.substr(0, text.find('?'));
    auto const mark = in_front.rfind(":/");
    auto const path = in_front.substr(0, mark);
    return parse_unix(path) && parse_target(text.substr(mark == in_front.npos ? path.size() : mark + 1));
}

bool endpoint_parser::parse_target(std::string_view text)
{
    if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
        return refuse("a target is visible ASCII, and % with two hexadecimal digits for all else; got " +
                      quoted(text));
    // Most likely meant for us, who would say nothing, and then sent to somebody else.
    if (auto const name = option_in_query(result_.kind_, text); !name.empty() && !has_options_)
        return refuse("option " + quoted(name) + " stands in the query of the target; options of " +
                      std::string{prefix_of(result_.kind_)} +
                      " stand behind #, and a # at the end says that this is none");
    result_.target_ = text.starts_with('/') ? text : '/' + std::string{text};
    return true;
}

bool endpoint_parser::parse_descriptors(std::string_view text)
{
    auto const all = text;
    auto const out = split(text, ',');
    auto const in = parse_number<int>(text);
    auto const second = out ? parse_number<int>(*out) : in;
    if (!in || !second)
        return refuse("expected one descriptor, or two with a comma between them; got " + quoted(all));
    result_.fd_in_ = *in;
    result_.fd_out_ = *second;
    return true;
}

bool endpoint_parser::parse_command(std::string_view text)
{
    auto words = split_command(text);
    if (!words)
        return refuse("a quote or a backslash of the command is left open");
    if (words->empty() || words->front().empty())
        return refuse("expected a command behind " + std::string{prefix_of(result_.kind_)});
    result_.words_ = *std::move(words);
    return true;
}

bool endpoint_parser::parse_systemd(std::string_view name)
{
    if (!decode_name(name))
        return false;
    bool const is_valid =
        result_.name_.size() <= max_systemd_name &&
        std::ranges::all_of(result_.name_, [](char c) { return c >= ' ' && c < 0x7f && c != ':'; });
    return is_valid ||
           refuse("a FileDescriptorName is at most 255 characters of ASCII without a colon; got " +
                  quoted(result_.name_));
}

} // namespace oizys::detail
