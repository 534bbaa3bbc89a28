// SPDX-License-Identifier: BSL-1.0
//
// Connects to an endpoint and makes a session of the connection. What a session does is in session.hpp.
#pragma once

#include <oizys/api.hpp>
#include <oizys/endpoint.hpp>
#include <oizys/exec_options.hpp>
#include <oizys/log.hpp>
#include <oizys/session.hpp>
#include <oizys/tls_options.hpp>
#include <oizys/websocket_options.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace oizys
{

struct connect_options
{
    session_options session{};
    std::chrono::milliseconds timeout{5000}; ///< for everything until the session can send; zero: no limit
};

static_assert(std::is_trivially_destructible_v<connect_options>); // see session_options

/// What some kinds of endpoints need besides. Give it a name of its own before a co_await: gcc 12 destroys twice what
/// is written in braces within one (gcc bug 99576).
struct connect_extras
{
    tls_options tls{};             ///< of `tls:` and `wss:`; the endpoint's own options come first
    websocket_options websocket{}; ///< of `ws:`, `wss:` and `ws+unix:`
    exec_options exec{};           ///< of `exec:` and `exec+fd:`
    log_handler log{};             ///< told in words what an error code cannot say
};

namespace detail
{

using connect_handler =
    boost::asio::any_completion_handler<void(boost::system::error_code, std::shared_ptr<session>)>;

OIZYS_API void start_connect(boost::asio::any_io_executor executor, endpoint where, connect_options options,
                             connect_extras extras, connect_handler handler);

OIZYS_API void start_open(boost::asio::generic::stream_protocol::socket socket,
                          session_options const& options, connect_handler handler);

} // namespace detail

/// Connects to `where` and completes with a session that runs on `executor`.
///
/// The addresses of a host name are tried one after the other, each for its part of the time that is left. A lookup
/// cannot be interrupted: it happens on a thread of Asio's that all of an `io_context` share, and although this
/// completes in time, `io_context::run()` returns only when the system's resolver has given up, too. A Unix socket whose queue of waiting
/// connections is full is tried again until the timeout.
/// Completes with the system's error (`no_such_file_or_directory`, `connection_refused`, …), with
/// `boost::asio::error::timed_out`, or with `errc::bad_endpoint` where `where` names no port.
/// @par Handler        void(error_code, std::shared_ptr<session>); never called inside this function.
/// @par Cancellation   terminal, partial and total: completes with `operation_aborted`.
/// @par Thread safety  safe; a cancellation slot is used on `executor`.
/// @throws boost::system::system_error  in the conversion of a text to an endpoint
template <boost::asio::completion_token_for<void(boost::system::error_code, std::shared_ptr<session>)> Token>
auto async_connect(boost::asio::any_io_executor executor, endpoint where, connect_options options,
                   connect_extras extras, Token&& token)
{
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::shared_ptr<session>)>(
        [](auto handler, boost::asio::any_io_executor ex, endpoint to, connect_options const& how,
           connect_extras more) {
            detail::start_connect(std::move(ex), std::move(to), how, std::move(more),
                                  detail::connect_handler{std::move(handler)});
        },
        token, std::move(executor), std::move(where), options, std::move(extras));
}

template <boost::asio::completion_token_for<void(boost::system::error_code, std::shared_ptr<session>)> Token>
auto async_connect(boost::asio::any_io_executor executor, endpoint where, connect_options options,
                   Token&& token)
{
    // Without extras among the arguments, which would be destroyed twice: see connect_extras.
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::shared_ptr<session>)>(
        [](auto handler, boost::asio::any_io_executor ex, endpoint to, connect_options const& how) {
            detail::start_connect(std::move(ex), std::move(to), how, {},
                                  detail::connect_handler{std::move(handler)});
        },
        token, std::move(executor), std::move(where), options);
}

// A template, so that `{}` means connect_options.
template <boost::asio::completion_token_for<void(boost::system::error_code, std::shared_ptr<session>)> Token,
          std::same_as<session_options> Options = session_options>
auto async_connect(boost::asio::any_io_executor executor, endpoint where, Options options, Token&& token)
{
    return async_connect(std::move(executor), std::move(where), connect_options{.session = options},
                         std::forward<Token>(token));
}

template <boost::asio::completion_token_for<void(boost::system::error_code, std::shared_ptr<session>)> Token>
auto async_connect(boost::asio::any_io_executor executor, endpoint where, Token&& token)
{
    return async_connect(std::move(executor), std::move(where), connect_options{},
                         std::forward<Token>(token));
}

/// Makes a session of a socket that is connected already, as the end that connects: where `options` ask for the
/// negotiated mode, it completes when both ends have agreed.
///
/// Completes with the error that ended the session before that: `errc::hello_malformed` among them, and
/// `errc::handshake_timeout` after `handshake_timeout`.
/// @par Handler        void(error_code, std::shared_ptr<session>); never called inside this function.
/// @par Cancellation   terminal, partial and total: completes with `operation_aborted`, and the socket is closed.
/// @par Thread safety  to be called on the socket's executor; a cancellation slot too.
template <boost::asio::completion_token_for<void(boost::system::error_code, std::shared_ptr<session>)> Token>
auto async_open_session(boost::asio::generic::stream_protocol::socket socket, session_options const& options,
                        Token&& token)
{
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::shared_ptr<session>)>(
        [](auto handler, boost::asio::generic::stream_protocol::socket s, session_options const& how) {
            detail::start_open(std::move(s), how, detail::connect_handler{std::move(handler)});
        },
        token, std::move(socket), options);
}

} // namespace oizys
