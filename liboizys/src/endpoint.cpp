// SPDX-License-Identifier: BSL-1.0
//
// Endpoints as values, and back to texts. How a text is read: endpoint_parser.cpp.
#include <oizys/endpoint.hpp>

#include "command_words.hpp"
#include "endpoint_options.hpp"
#include "endpoint_parser.hpp"
#include "endpoint_text.hpp"

#include <boost/system/system_error.hpp>

namespace oizys
{
namespace
{

std::string host_of(endpoint const& e)
{
    bool const is_v6 = e.name().find(':') != e.name().npos;
    return is_v6 ? '[' + e.name() + ']' : e.name();
}

std::string host_and_port_of(endpoint const& e) { return host_of(e) + ':' + std::to_string(e.port()); }

std::string authority_of(endpoint const& e, std::uint16_t default_port)
{
    return e.port() == default_port ? host_of(e) : host_and_port_of(e);
}

// A path must not be taken for an abstract name.
std::string path_of(endpoint const& e, std::string_view reserved)
{
    bool const looks_abstract = e.name().starts_with('@');
    auto const rest = std::string_view{e.name()}.substr(looks_abstract ? 1 : 0);
    return (looks_abstract ? "%40" : "") + detail::percent_encoded(rest, reserved);
}

std::string place_of(endpoint const& e)
{
    switch (e.kind())
    {
    case endpoint_kind::none: break;
    case endpoint_kind::unix_path:
    case endpoint_kind::shm: return path_of(e, "?");
    case endpoint_kind::unix_abstract:
    case endpoint_kind::systemd: return detail::percent_encoded(e.name(), "?");
    case endpoint_kind::tcp:
    case endpoint_kind::tls: return host_and_port_of(e);
    case endpoint_kind::ws: return authority_of(e, 80) + e.target();
    case endpoint_kind::wss: return authority_of(e, 443) + e.target();
    case endpoint_kind::ws_unix: return path_of(e, "?#:") + ':' + e.target();
    case endpoint_kind::stdio: break;
    case endpoint_kind::fd:
        return std::to_string(e.fd_in()) + (e.fd_in() == e.fd_out() ? "" : ',' + std::to_string(e.fd_out()));
    case endpoint_kind::exec:
    case endpoint_kind::exec_fd: return detail::join_command(e.words());
    }
    return {};
}

} // namespace

endpoint endpoint::parse(std::string_view text, boost::system::error_code& ec, std::string* why)
{
    detail::endpoint_parser parser;
    bool const is_endpoint = parser.parse(text);
    ec = is_endpoint ? boost::system::error_code{} : parser.code();
    if (why != nullptr)
        *why = parser.why();
    return is_endpoint ? parser.result() : endpoint{};
}

endpoint::endpoint(std::string_view text)
{
    boost::system::error_code ec;
    std::string why;
    *this = parse(text, ec, &why);
    if (ec)
        throw boost::system::system_error{ec, "oizys::endpoint \"" + std::string{text} + "\": " + why};
}

endpoint::endpoint(std::string const& text) : endpoint{std::string_view{text}} {}

endpoint::endpoint(char const* text) : endpoint{std::string_view{text}} {}

endpoint endpoint::with_port(std::uint16_t port) const
{
    endpoint result{*this};
    result.port_ = port;
    return result;
}

std::string endpoint::to_string() const
{
    std::string text{detail::prefix_of(kind_)};
    auto const options = detail::print_options(options_);
    if (options.empty())
    {
        bool const misleads = !detail::option_in_query(kind_, target_).empty();
        return text + place_of(*this) + (misleads ? "#" : "");
    }
    switch (kind_)
    {
    case endpoint_kind::exec:
    case endpoint_kind::exec_fd:
        text.back() = '?'; // instead of the colon, which follows the options
        return text + options + ':' + place_of(*this);
    case endpoint_kind::ws:
    case endpoint_kind::wss:
    case endpoint_kind::ws_unix: return text + place_of(*this) + '#' + options;
    default: return text + place_of(*this) + '?' + options;
    }
}

} // namespace oizys
