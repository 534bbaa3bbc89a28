// SPDX-License-Identifier: BSL-1.0
#include "endpoint_options.hpp"

#include "endpoint_text.hpp"
#include "shared_area.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace oizys::detail
{
namespace
{

using kind_set = unsigned;

constexpr kind_set of(std::initializer_list<endpoint_kind> kinds)
{
    kind_set result = 0;
    for (auto const kind : kinds)
        result |= 1u << static_cast<unsigned>(kind);
    return result;
}

using enum endpoint_kind;
constexpr kind_set with_file = of({unix_path, ws_unix, shm});
constexpr kind_set with_tls = of({tls, wss});
constexpr kind_set with_http = of({ws, wss, ws_unix});
constexpr kind_set without_http = ~(with_http | of({none})); // a WebSocket keeps messages apart itself

struct option_rule
{
    std::string_view name;
    kind_set kinds;
    std::string_view expected;
    bool (*read)(std::string const& value, endpoint_options& into);
    std::string (*print)(endpoint_options const& from); ///< empty: it was not given
};

template <std::string endpoint_options::*Member>
bool read_text(std::string const& value, endpoint_options& into)
{
    into.*Member = value;
    return !value.empty();
}

template <std::string endpoint_options::*Member>
std::string print_text(endpoint_options const& from)
{
    return from.*Member;
}

bool read_mode(std::string const& value, endpoint_options& into)
{
    bool const is_octal = (value.size() == 3 || (value.size() == 4 && value.front() == '0')) &&
                          consists_of(value, {"01234567"});
    if (!is_octal)
        return false;
    unsigned mode = 0;
    std::from_chars(value.data(), value.data() + value.size(), mode, 8);
    into.mode = mode;
    return true;
}

std::string print_mode(endpoint_options const& from)
{
    if (!from.mode)
        return {};
    auto const digit = [&](unsigned shift) { return static_cast<char>('0' + (*from.mode >> shift & 7)); };
    return {'0', digit(6), digit(3), digit(0)};
}

// A token of HTTP, so that a name cannot end the header in which it is sent.
bool is_token(std::string_view text)
{
    return !text.empty() && consists_of(text, {letters, digits, "!#$%&'*+-.^_`|~"});
}

bool read_protocols(std::string const& value, endpoint_options& into)
{
    for (std::string_view rest = value;;)
    {
        auto const comma = rest.find(',');
        auto const name = rest.substr(0, comma);
        if (!is_token(name) || std::ranges::find(into.protocols, name) != into.protocols.end())
            return false;
        into.protocols.emplace_back(name);
        if (comma == rest.npos)
            return true;
        rest.remove_prefix(comma + 1);
    }
}

std::string print_protocols(endpoint_options const& from)
{
    std::string text;
    for (auto const& name : from.protocols)
        text.append(text.empty() ? "" : ",").append(name);
    return text;
}

struct time_unit
{
    std::string_view name;
    std::chrono::microseconds::rep microseconds;
};

constexpr std::array<time_unit, 3> time_units{{{"us", 1}, {"ms", 1000}, {"s", 1000000}}};

bool read_spin(std::string const& value, endpoint_options& into)
{
    auto const digits_end = std::min(value.find_first_not_of(digits), value.size());
    // 32 bits: more than anybody needs, and too few to overflow.
    auto const number = parse_number<std::uint32_t>(std::string_view{value}.substr(0, digits_end));
    auto const unit = std::ranges::find(time_units, value.substr(digits_end), &time_unit::name);
    if (!number || unit == time_units.end())
        return false;
    into.spin = std::chrono::microseconds{*number * unit->microseconds};
    return true;
}

std::string print_spin(endpoint_options const& from)
{
    if (!from.spin)
        return {};
    auto const count = from.spin->count();
    auto const unit = std::find_if(time_units.rbegin(), time_units.rend(),
                                   [&](auto const& u) { return count % u.microseconds == 0; });
    return std::to_string(count / unit->microseconds).append(unit->name);
}

bool read_capacity(std::string const& value, endpoint_options& into)
{
    into.capacity = parse_number<std::size_t>(value);
    return into.capacity && *into.capacity >= shared_area::min_capacity &&
           *into.capacity <= shared_area::max_capacity;
}

std::string print_capacity(endpoint_options const& from)
{
    return from.capacity ? std::to_string(*from.capacity) : std::string{};
}

constexpr std::array<std::pair<std::string_view, framing>, 6> framings{
    {{"header24", framing::header24},
     {"newline", framing::newline},
     {"json_text", framing::json_text},
     {"content_length", framing::content_length},
     {"msgpack_object", framing::msgpack_object},
     {"detect", framing::detect}}};

bool read_framing(std::string const& value, endpoint_options& into)
{
    for (auto const& [name, which] : framings)
        if (name == value)
            into.framing = which;
    return into.framing.has_value();
}

std::string print_framing(endpoint_options const& from)
{
    for (auto const& [name, which] : framings)
        if (from.framing == which)
            return std::string{name};
    return {};
}

bool read_negotiate(std::string const& value, endpoint_options& into)
{
    into.negotiate = value == "1";
    return value == "1" || value == "0";
}

std::string print_negotiate(endpoint_options const& from)
{
    return !from.negotiate ? "" : *from.negotiate ? "1" : "0";
}

constexpr std::array<option_rule, 10> rules{{
    {"mode", with_file, "octal permissions such as 0660", read_mode, print_mode},
    {"group", with_file, "the name of a group", read_text<&endpoint_options::group>,
     print_text<&endpoint_options::group>},
    {"cert", with_tls, "the name of a file", read_text<&endpoint_options::certificate>,
     print_text<&endpoint_options::certificate>},
    {"key", with_tls, "the name of a file", read_text<&endpoint_options::private_key>,
     print_text<&endpoint_options::private_key>},
    {"ca", with_tls, "the name of a file", read_text<&endpoint_options::authorities>,
     print_text<&endpoint_options::authorities>},
    {"protocol", with_http, "different names with commas between them", read_protocols, print_protocols},
    {"spin", of({shm}), "a time such as 50us, 5ms or 2s", read_spin, print_spin},
    {"capacity", of({shm}), "4096 to 16777216 bytes", read_capacity, print_capacity},
    {"framing", without_http, "header24, newline, json_text, content_length, msgpack_object or detect",
     read_framing, print_framing},
    {"negotiate", without_http, "1 or 0", read_negotiate, print_negotiate},
}};

bool belongs(option_rule const& rule, endpoint_kind kind) { return (rule.kinds & of({kind})) != 0; }

std::string options_of(endpoint_kind kind)
{
    std::string text;
    for (auto const& rule : rules)
        if (belongs(rule, kind))
            text.append(text.empty() ? "" : ", ").append(rule.name);
    return std::string{prefix_of(kind)} + " takes " + text;
}

} // namespace

std::string read_options(std::string_view text, endpoint_kind kind, endpoint_options& options)
{
    unsigned seen = 0;
    for (bool more = true; more;)
    {
        auto const option = text.substr(0, text.find('&'));
        more = option.size() != text.size();
        text.remove_prefix(option.size() + (more ? 1 : 0));

        auto const name = option.substr(0, option.find('='));
        if (name.empty())
            return "an option is missing; " + options_of(kind);
        auto const what = "option " + quoted(name);
        auto const rule = std::ranges::find(rules, name, &option_rule::name);
        if (rule == rules.end())
            return what + " is unknown; " + options_of(kind);
        if (!belongs(*rule, kind))
            return what + " belongs to another kind of endpoint; " + options_of(kind);
        auto const bit = 1u << (rule - rules.begin());
        if ((seen & bit) != 0)
            return what + " is given twice";
        seen |= bit;

        auto const value = option.substr(std::min(name.size() + 1, option.size()));
        auto const decoded = percent_decoded(value);
        if (!decoded)
            return what + ": a % is written %25, and no value holds a NUL; got " + quoted(value);
        if (!rule->read(*decoded, options))
            return what + ": expected " + std::string{rule->expected} + ", got " +
                   (value.empty() ? "nothing" : quoted(*decoded));
    }
    return {};
}

std::string print_options(endpoint_options const& options)
{
    std::string text;
    for (auto const& rule : rules)
        if (auto const value = rule.print(options); !value.empty())
            text.append(text.empty() ? "" : "&")
                .append(rule.name)
                .append("=")
                .append(percent_encoded(value, " &#:?\\'\""));
    return text;
}

std::string_view option_in_query(endpoint_kind kind, std::string_view target)
{
    for (auto at = target.find('?'); at != target.npos; at = target.find('&'))
    {
        target.remove_prefix(at + 1);
        auto const parameter = target.substr(0, target.find('&'));
        auto const name = parameter.substr(0, parameter.find('='));
        auto const rule = std::ranges::find(rules, name, &option_rule::name);
        if (rule != rules.end() && belongs(*rule, kind))
            return name;
    }
    return {};
}

std::string_view prefix_of(endpoint_kind kind)
{
    switch (kind)
    {
    case none: return "";
    case unix_path: return "unix:";
    case unix_abstract: return "unix:@";
    case tcp: return "tcp:";
    case tls: return "tls:";
    case ws: return "ws://";
    case wss: return "wss://";
    case ws_unix: return "ws+unix:";
    case stdio: return "stdio:";
    case fd: return "fd:";
    case exec: return "exec:";
    case exec_fd: return "exec+fd:";
    case shm: return "shm:";
    case systemd: return "systemd:";
    }
    return "";
}

} // namespace oizys::detail
