// SPDX-License-Identifier: BSL-1.0
//
// The name of a place to connect to or to listen on, as users write it. A plain value: nothing is
// opened or resolved here. New kinds are new texts; code that hands endpoints on does not change.
#pragma once

#include <oizys/api.hpp>

#include <boost/system/error_code.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace oizys
{

enum class endpoint_kind : std::uint8_t
{
    none, ///< of an endpoint that was made without a text; it leads nowhere
    unix_path,
    unix_abstract,
    tcp,
};

/// One of
/// - `unix:/path/of/socket`: a Unix socket; a relative path belongs to the current folder. At most 107 bytes.
/// - `unix:@name`: a Unix socket in Linux's abstract namespace, which has no file. At most 107 bytes.
/// - `tcp:host:port`: host is a name, an IPv4 address, or an IPv6 address in brackets. A listener
///   with port 0 is given a free port.
///
/// A `?` begins options in a later version; until then it is refused, as unknown kinds are.
class OIZYS_API endpoint
{
public:
    endpoint() noexcept = default;

    // Implicit, so that functions which want an endpoint can be called with its text.
    /// @throws boost::system::system_error  `errc::bad_endpoint` or `errc::path_too_long`
    endpoint(std::string_view text);   // NOLINT(google-explicit-constructor)
    endpoint(std::string const& text); // NOLINT(google-explicit-constructor)
    endpoint(char const* text);        // NOLINT(google-explicit-constructor)

    /// Like the constructor, but reports failure in `ec` and then returns an endpoint of kind `none`.
    static endpoint parse(std::string_view text, boost::system::error_code& ec);

    endpoint_kind kind() const noexcept { return kind_; }

    /// The path, the abstract name without its `@`, or the host without brackets.
    std::string const& name() const noexcept { return name_; }

    /// The port of a tcp endpoint, else 0.
    std::uint16_t port() const noexcept { return port_; }

    /// The same host with another port.
    endpoint with_port(std::uint16_t port) const;

    /// The text that this endpoint was made from.
    std::string to_string() const;

    friend auto operator<=>(endpoint const&, endpoint const&) = default;

private:
    endpoint_kind kind_ = endpoint_kind::none;
    std::string name_;
    std::uint16_t port_ = 0;
};

} // namespace oizys
