// SPDX-License-Identifier: BSL-1.0
//
// The name of a place to connect to or to listen on, as users write it. A plain value: nothing is
// opened or resolved here. New kinds are new texts; code that hands endpoints on does not change.
#pragma once

#include <oizys/api.hpp>
#include <oizys/endpoint_options.hpp>

#include <boost/system/error_code.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oizys
{

namespace detail
{
class endpoint_parser;
} // namespace detail

enum class endpoint_kind : std::uint8_t
{
    none, ///< of an endpoint that was made without a text; it leads nowhere
    unix_path,
    unix_abstract,
    tcp,
    tls,
    ws,
    wss,
    ws_unix,
    stdio,
    fd,
    exec,
    exec_fd,
    shm,
    systemd,
};

/// One of
/// - `unix:/path/of/socket`: a Unix socket; a relative path belongs to the current folder. At most 107 bytes.
/// - `unix:@name`: a Unix socket in Linux's abstract namespace, which has no file. At most 107 bytes.
/// - `tcp:host:port`: host is a name, an IPv4 address, or an IPv6 address in brackets. A listener
///   with port 0 is given a free port.
/// - `tls:host:port`: the same, encrypted.
/// - `ws://host:port/target`, `wss://host:port/target`: a WebSocket, plain or encrypted. Without a port 80 or 443,
///   without a target `/`.
/// - `ws+unix:/path:/target`: a WebSocket over a Unix socket. The target begins at the last `:/` in front of its
///   query; without one it is `/`.
/// - `stdio:`, `fd:N`, `fd:IN,OUT`: standard input and output, or descriptors that this process was given.
/// - `exec:COMMAND ARG...`, `exec+fd:COMMAND ARG...`: a child process, spoken to over its standard input and output,
///   or over a socket that is its descriptor 3. Words are separated by white space; single quotes keep everything,
///   double quotes everything but `\"` and `\\`, and a backslash the character behind it. There is no shell.
/// - `shm:/path`: shared memory, met over the Unix socket at that path.
/// - `systemd:`, `systemd:NAME`: the socket that systemd handed over, the only one or the one of that name; or one
///   connection, with `Accept=yes`.
///
/// Options stand behind `?` as `name=value`, with `&` between them: `unix:/run/x.sock?mode=0660&group=users`. Two
/// kinds of texts have a `?` of their own: the options of a command stand in front of it,
/// `exec?framing=content_length:clangd --log=error`, and those of a WebSocket behind `#`,
/// `wss://host/target?query#ca=/etc/ca.pem`; so a target is given to the other end as it was written. A query that has
/// a parameter called like an option is refused, unless there is a `#` behind it, with or without options. Which options
/// there are, and for what: endpoint_options. One that is unknown, given twice, of another kind or with a bad value
/// is an error that names it.
///
/// In paths, in names and in the values of options `%3F` is `?`: `%` and two hexadecimal digits are the byte of that
/// number, and `%25` is `%`. Commands and targets hold a `%` as it is.
class OIZYS_API endpoint
{
public:
    endpoint() noexcept = default;

    // Implicit, so that functions which want an endpoint can be called with its text.
    /// @throws boost::system::system_error  `errc::bad_endpoint` or `errc::path_too_long`; `what()` says what is wrong
    endpoint(std::string_view text);   // NOLINT(google-explicit-constructor)
    endpoint(std::string const& text); // NOLINT(google-explicit-constructor)
    endpoint(char const* text);        // NOLINT(google-explicit-constructor)

    /// Like the constructor, but reports failure in `ec` and then returns an endpoint of kind `none`.
    /// @param why  if given, is told what is wrong, in a sentence
    static endpoint parse(std::string_view text, boost::system::error_code& ec, std::string* why = nullptr);

    endpoint_kind kind() const noexcept { return kind_; }

    /// The path, the abstract name without its `@`, the host without brackets, or the name of systemd's
    /// descriptors.
    std::string const& name() const noexcept { return name_; }

    /// The port of a tcp, tls, ws or wss endpoint, else 0.
    std::uint16_t port() const noexcept { return port_; }

    /// What a WebSocket asks its server for: `/path?query`. Visible ASCII.
    std::string const& target() const noexcept { return target_; }

    /// The command of an exec endpoint and its arguments.
    std::vector<std::string> const& words() const noexcept { return words_; }

    /// The descriptors of stdio and fd endpoints, else -1. They may be the same.
    int fd_in() const noexcept { return fd_in_; }
    int fd_out() const noexcept { return fd_out_; }

    endpoint_options const& options() const noexcept { return options_; }

    /// The same host with another port.
    endpoint with_port(std::uint16_t port) const;

    /// A text of this endpoint: the one that it was made from, or one that means the same.
    std::string to_string() const;

    friend auto operator<=>(endpoint const&, endpoint const&) = default;

private:
    friend class detail::endpoint_parser;

    endpoint_kind kind_ = endpoint_kind::none;
    std::string name_;
    std::uint16_t port_ = 0;
    std::string target_;
    std::vector<std::string> words_;
    int fd_in_ = -1;
    int fd_out_ = -1;
    endpoint_options options_;
};

} // namespace oizys
