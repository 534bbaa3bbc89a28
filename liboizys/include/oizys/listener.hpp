// SPDX-License-Identifier: BSL-1.0
//
// Listens on an endpoint and makes a session of each connection that arrives. Whoever wants all of them
// accepts again in the handler.
#pragma once

#include <oizys/access_policy.hpp>
#include <oizys/api.hpp>
#include <oizys/endpoint.hpp>
#include <oizys/log.hpp>
#include <oizys/session.hpp>
#include <oizys/tls_options.hpp>
#include <oizys/websocket_options.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace oizys
{

namespace detail
{
struct listener_state;
}

struct listener_options
{
    /// Its framing is header24, as ever. With `framing::detect` each connection's first byte tells, as in rpc::server;
    /// it is not the default because such a session cannot send before the other end has, and a server may have
    /// the first word.
    session_options session{};
    websocket_options websocket{}; ///< of WebSockets, also those that a session with framing::detect finds
    tls_options tls{};             ///< of `tls:` and `wss:`; the endpoint's own options come first
    int backlog = 4096; ///< connections that wait to be accepted; the kernel bounds it (net.core.somaxconn)
    unsigned socket_mode =
        0600; ///< permissions of a Unix socket's file: who may write to it reaches `access`
    /// Group of a Unix socket's file, by name or number; empty: this process's. Its members are let in where
    /// `access` says nothing, and need a `socket_mode` of 0660 to reach it.
    std::string socket_group{};
    /// How long to wait before accepting again when the process or the system has run out of
    /// descriptors or memory; at least 1 ms.
    std::chrono::milliseconds accept_backoff{100};
    /// Who may connect. Left as it is, a Unix socket lets in this process's own user and root, whatever its
    /// file's permissions are; tcp lets in everybody. A socket of systemd's that has a file lets in whoever may write
    /// to that: `SocketMode=`, 0666 by default. `fd:` and `stdio:` ask nobody, since who started the process has
    /// decided.
    access_policy access{};
    /// Open sessions of this listener; beyond, connections wait in the backlog until one ends. Zero: no limit.
    std::size_t max_sessions = 65536;
    /// Open sessions of one user, where the kernel says who that is; beyond, connections are closed at once. A
    /// quarter of all, so that no user can keep the others out. Zero: no limit.
    std::size_t max_sessions_per_uid = 16384;
    /// Where the negotiated mode is enabled, a connection beyond max_sessions_per_uid may say its hello for so long,
    /// and is told `errc::too_many_connections`. Zero: it is closed at once.
    std::chrono::milliseconds refusal_timeout{1000};
    std::size_t max_lingering_refusals =
        64; ///< connections that do that at a time; beyond, they are closed at once
    /// Told who was refused and why, whose handshake failed, and what keeps it from accepting.
    log_handler log{};
};

/// What a listener has done since it was opened.
struct listener_counters
{
    std::uint64_t accepted = 0;          ///< connections that became sessions
    std::uint64_t refused_by_policy = 0; ///< closed at once because of `access`
    std::uint64_t refused_by_limit = 0;  ///< closed at once because of `max_sessions_per_uid`
    std::uint64_t accept_errors =
        0;                    ///< connections that were gone, and times that descriptors or memory were short
    std::size_t sessions = 0; ///< open now
    /// Accepted, and ended before both ends understood each other: by TLS, a WebSocket's request, the hello of the
    /// negotiated mode, or what the first bytes are. Who connects and goes without a word is not among them.
    std::uint64_t failed_handshakes = 0;
};

/// A listening socket.
///
/// A Unix socket's file is made with exactly `socket_mode`, whatever the umask is. A file that a dead
/// process left behind is replaced; for that, listeners in one folder open one after the other (the folder
/// is locked meanwhile; a lock of somebody else's is waited for, at most for a second). The file is removed when the listener is closed, unless
/// it is not the listener's own any more or the listener was copied by fork().
/// An abstract name has no permissions: every process in the network namespace reaches `access`.
///
/// Who may connect is decided by what the kernel recorded at connect(2). A connection that is refused is closed
/// with nothing read or written (but see `refusal_timeout`), is counted, and is told to `log`; the next one is
/// accepted instead. Functions of `access` and `log` are called while a connection is accepted, also within
/// `async_accept`, and `log` also when a session ends; they may close or destroy the listener.
///
/// `systemd:` takes the stream socket that systemd listens on (or only one connection, with Accept=yes). Its
/// file, permissions and queue are systemd's: the options for these mean nothing, closing the listener leaves the file
/// where it is, and connections that were not accepted wait for the next one who is started to serve them. `access`
/// and the limits hold as ever; a single connection that is refused was the only one, and ends the listener.
///
/// @par Thread safety  distinct objects: safe; shared objects: unsafe. A listener is called on its executor.
/// @par Lifetime       destroying it closes it. One that was moved from can be destroyed, assigned to, closed and
///                     asked `is_open`, nothing else. A forked child that destroys its copy must have called
///                     `io_context::notify_fork` before, as Asio demands.
class OIZYS_API listener
{
public:
    /// Opens the socket; afterwards clients can connect. A host name is resolved while the caller waits.
    /// @throws boost::system::system_error  `errc::address_in_use`, `errc::not_a_socket`,
    ///         `errc::bad_endpoint`, `errc::unknown_name` (of `socket_group`), `device_or_resource_busy`
    ///         (a dead process's file is in the way and somebody keeps the folder locked), for `systemd:` `errc::no_descriptor`,
    ///         `errc::ambiguous_descriptor` and `errc::not_a_stream_socket`, or another error of the system's
    listener(boost::asio::any_io_executor executor, endpoint const& where,
             listener_options const& options = {});

    /// Like the other, but reports failure in `ec`. The listener is closed then.
    listener(boost::asio::any_io_executor executor, endpoint const& where, listener_options const& options,
             boost::system::error_code& ec);

    listener(listener&& other) noexcept = default;
    listener& operator=(listener&& other) noexcept;
    ~listener();

    /// Completes with a session for the next connection; the session runs on the listener's executor.
    ///
    /// While descriptors or memory are short it waits rather than fails. One accept can be pending at a time.
    /// Completes with `operation_aborted` when the listener is closed, `bad_descriptor` if it was closed
    /// before, `already_started` if another accept is pending, `errc::no_descriptor` if systemd handed over
    /// only one connection, which was accepted or refused: then the listener is not open any more.
    /// @par Handler        void(error_code, std::shared_ptr<session>); never called inside this function.
    /// @par Cancellation   terminal, partial and total: completes with `operation_aborted`, no connection is lost.
    template <
        boost::asio::completion_token_for<void(boost::system::error_code, std::shared_ptr<session>)> Token>
    auto async_accept(Token&& token)
    {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::shared_ptr<session>)>(
            [](auto handler, std::shared_ptr<detail::listener_state> const& state) {
                start_accept(state, accept_handler{std::move(handler)});
            },
            token, state_);
    }

    /// Where it listens: as asked for, with the real port where port 0 was asked for; for `systemd:` the
    /// socket's own address, if an endpoint can name it.
    endpoint const& local_endpoint() const noexcept;

    bool is_open() const noexcept;
    listener_counters counters() const noexcept;
    boost::asio::any_io_executor get_executor() const noexcept;

    /// Stops listening. Connections that were not accepted are lost, unless systemd listens too; sessions go
    /// on.
    void close() noexcept;

private:
    using accept_handler =
        boost::asio::any_completion_handler<void(boost::system::error_code, std::shared_ptr<session>)>;

    static void start_accept(std::shared_ptr<detail::listener_state> const& state, accept_handler handler);

    std::shared_ptr<detail::listener_state> state_;
};

} // namespace oizys
