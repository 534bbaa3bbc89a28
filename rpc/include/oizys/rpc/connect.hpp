// SPDX-License-Identifier: BSL-1.0
//
// Connects to an endpoint and makes a peer of the connection.
#pragma once

#include <oizys/api.hpp>
#include <oizys/connect.hpp>
#include <oizys/endpoint.hpp>
#include <oizys/rpc/peer.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>

#include <memory>
#include <utility>

namespace oizys::rpc
{

/// Options of a client. The protocol is `peer.protocol`; the framing is `connect.session.framing`.
struct client_options
{
    oizys::connect_options connect{};
    peer_options peer{};
};

namespace detail
{

using peer_handler = boost::asio::any_completion_handler<void(boost::system::error_code, peer)>;

/// `served` is null where the other end can call nothing.
/// `extras` may be null.
OIZYS_API void start_connect(boost::asio::any_io_executor executor, endpoint where, service const* served,
                             client_options const& options, connect_extras const* extras,
                             peer_handler handler);

} // namespace detail

/// Connects to `where` and completes with a peer that runs on `executor`. It serves `served` to the other end.
///
/// @par Handler        void(error_code, peer); never called inside this function. The errors are those of
///                     oizys::async_connect.
/// @par Cancellation   terminal, partial and total: completes with `operation_aborted`.
template <boost::asio::completion_token_for<void(boost::system::error_code, peer)> Token>
auto async_connect(boost::asio::any_io_executor executor, endpoint where, service const& served,
                   client_options const& options, Token&& token)
{
    return boost::asio::async_initiate<Token, void(boost::system::error_code, peer)>(
        [](auto handler, boost::asio::any_io_executor ex, endpoint to, service const& s,
           client_options const& how) {
            detail::start_connect(std::move(ex), std::move(to), &s, how, nullptr,
                                  detail::peer_handler{std::move(handler)});
        },
        token, std::move(executor), std::move(where), served, options);
}

/// The same with what some kinds of endpoints need besides: see oizys::connect_extras.
template <boost::asio::completion_token_for<void(boost::system::error_code, peer)> Token>
auto async_connect(boost::asio::any_io_executor executor, endpoint where, service const& served,
                   client_options const& options, connect_extras const& extras, Token&& token)
{
    return boost::asio::async_initiate<Token, void(boost::system::error_code, peer)>(
        [](auto handler, boost::asio::any_io_executor ex, endpoint to, service const& s,
           client_options const& how, connect_extras const& more) {
            detail::start_connect(std::move(ex), std::move(to), &s, how, &more,
                                  detail::peer_handler{std::move(handler)});
        },
        token, std::move(executor), std::move(where), served, options, extras);
}

/// The same for a peer that the other end cannot call.
template <boost::asio::completion_token_for<void(boost::system::error_code, peer)> Token>
auto async_connect(boost::asio::any_io_executor executor, endpoint where, client_options const& options,
                   Token&& token)
{
    return boost::asio::async_initiate<Token, void(boost::system::error_code, peer)>(
        [](auto handler, boost::asio::any_io_executor ex, endpoint to, client_options const& how) {
            detail::start_connect(std::move(ex), std::move(to), nullptr, how, nullptr,
                                  detail::peer_handler{std::move(handler)});
        },
        token, std::move(executor), std::move(where), options);
}

template <boost::asio::completion_token_for<void(boost::system::error_code, peer)> Token>
auto async_connect(boost::asio::any_io_executor executor, endpoint where, Token&& token)
{
    return rpc::async_connect(std::move(executor), std::move(where), client_options{},
                              std::forward<Token>(token));
}

} // namespace oizys::rpc
