// SPDX-License-Identifier: BSL-1.0
//
// Listens, and serves a service to everybody who connects.
#pragma once

#include <oizys/api.hpp>
#include <oizys/endpoint.hpp>
#include <oizys/function.hpp>
#include <oizys/listener.hpp>
#include <oizys/rpc/peer.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace oizys::rpc
{

namespace detail
{
class server_impl;
} // namespace detail

/// Options of a server. By default, each connection's first byte tells its framing; its protocol is always detected,
/// whatever `peer.protocol` says. Who may connect, and how many, is up to `listener`: by default, a Unix socket
/// serves this process's own user and root.
///
/// A client that asks and does not read the answers is made to wait: while more than
/// `listener.session.pause_reading_above` bytes of answers wait for it (256 KiB), nothing is read from it, until half of
/// them are left. Each of them costs no more than that, one answer, and what one read takes in.
struct server_options
{
    listener_options listener{.session = {.framing = framing::detect, .pause_reading_above = 262144}};
    peer_options peer{.protocol = protocol::detect};
    /// Close by itself when nobody has been connected for so long; zero: never.
    std::chrono::milliseconds idle_exit{0};
};

/// Serves one service on any number of endpoints; each connection becomes a peer.
///
/// With `idle_exit`, a server on `systemd:` ends without losing a request: somebody who connects while it decides
/// is either served, which puts the end off, or waits in the socket's queue, for which systemd starts the service
/// again. On other endpoints, where nobody else holds the socket, who connects in that moment is refused.
///
/// @par Thread safety  distinct objects: safe; shared objects: unsafe. It is called on its executor, where all its
///                     peers run.
/// @par Lifetime       destroying it stops listening and drops its peers.
class OIZYS_API server
{
public:
    server(boost::asio::any_io_executor executor, service served, server_options options = {});
    server(server&&) noexcept;
    server& operator=(server&&) noexcept;
    ~server();

    /// Listens on `where` too. Returns where that is: the real port where port 0 was asked for.
    /// @throws boost::system::system_error  see oizys::listener.
    /// @throws std::logic_error             after `close`.
    endpoint listen(endpoint const& where);

    /// Sets a handler that is given each peer when it has connected, before its first call. With TLS, the subject of
    /// its certificate is not known yet: `call_context::credentials` knows it.
    void set_onpeer(unique_function<void(peer)> handler);

    /// What all its listeners together have accepted and refused. The limits of `server_options::listener` are
    /// those of each of them.
    listener_counters counters() const noexcept;

    /// The peers that are connected.
    std::vector<peer> peers() const;

    /// Sets a handler that is told once when it listens nowhere any more and its last connection has ended: after
    /// `close`, after `idle_exit`, or when systemd handed over one connection instead of a socket to listen on.
    void set_onclose(unique_function<void()> handler);

    /// Stops listening, and closes each connection when what is queued on it has been sent; a call that is being
    /// served is answered first.
    void close();

private:
    std::shared_ptr<detail::server_impl> impl_;
};

} // namespace oizys::rpc
