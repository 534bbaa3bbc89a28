// SPDX-License-Identifier: BSL-1.0
//
// Texts to endpoints and back. Pure: what is refused here was never given to the system.
#include <oizys/endpoint.hpp>
#include <oizys/error.hpp>

#include <boost/system/system_error.hpp>

#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>

namespace oizys
{
namespace
{

// A path is stored with a NUL behind it, an abstract name with one in front.
constexpr std::size_t max_unix_name = sizeof(sockaddr_un::sun_path) - 1;

bool consume(std::string_view& text, std::string_view prefix)
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";

bool consists_of(std::string_view text, std::initializer_list<std::string_view> allowed)
{
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return std::any_of(allowed.begin(), allowed.end(), [&](auto set) { return set.find(c) != set.npos; });
    });
}

bool is_host_name(std::string_view text)
{
    return !text.empty() && consists_of(text, {letters, digits, "-._"});
}

/// Whether this looks like an IPv6 address with an optional zone; the system has the last word.
bool is_ipv6(std::string_view text)
{
    auto const percent = text.find('%');
    auto const address = text.substr(0, percent);
    if (percent != text.npos && !is_host_name(text.substr(percent + 1)))
        return false;
    return address.find(':') != address.npos && consists_of(address, {hex_digits, ":."});
}

std::optional<std::uint16_t> parse_port(std::string_view text)
{
    std::uint16_t port = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
    bool const has_leading_zero = text.size() > 1 && text.front() == '0';
    if (failure != std::errc{} || end != text.data() + text.size() || has_leading_zero)
        return std::nullopt;
    return port;
}

} // namespace

endpoint endpoint::parse(std::string_view text, boost::system::error_code& ec)
{
    constexpr std::string_view nul{"\0", 1};
    endpoint result;
    ec = errc::bad_endpoint;
    if (text.find('?') != text.npos || text.find(nul) != text.npos)
        return {};

    if (consume(text, "unix:"))
    {
        result.kind_ = consume(text, "@") ? endpoint_kind::unix_abstract : endpoint_kind::unix_path;
        if (text.empty())
            return {};
        if (text.size() > max_unix_name)
        {
            ec = errc::path_too_long;
            return {};
        }
        result.name_ = text;
    }
    else if (consume(text, "tcp:"))
    {
        result.kind_ = endpoint_kind::tcp;
        auto const colon = text.rfind(':');
        if (colon == text.npos)
            return {};
        auto host = text.substr(0, colon);
        auto const port = parse_port(text.substr(colon + 1));
        bool const has_brackets = host.size() >= 2 && host.front() == '[' && host.back() == ']';
        if (has_brackets)
            host = host.substr(1, host.size() - 2);
        if (!port || !(has_brackets ? is_ipv6(host) : is_host_name(host)))
            return {};
        result.name_ = host;
        result.port_ = *port;
    }
    else
        return {};

    ec.clear();
    return result;
}

endpoint::endpoint(std::string_view text)
{
    boost::system::error_code ec;
    *this = parse(text, ec);
    if (ec)
        throw boost::system::system_error{ec, "oizys::endpoint \"" + std::string{text} + '"'};
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
    switch (kind_)
    {
    case endpoint_kind::none: return {};
    case endpoint_kind::unix_path: return "unix:" + name_;
    case endpoint_kind::unix_abstract: return "unix:@" + name_;
    case endpoint_kind::tcp:
    {
        bool const is_v6 = name_.find(':') != name_.npos;
        return "tcp:" + (is_v6 ? '[' + name_ + ']' : name_) + ':' + std::to_string(port_);
    }
    }
    return {};
}

} // namespace oizys
