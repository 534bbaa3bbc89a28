// SPDX-License-Identifier: BSL-1.0
//
// One end of a connection that exchanges calls: both ends call, notify and serve.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function.hpp>
#include <oizys/function_ref.hpp>
#include <oizys/rpc/call_operation.hpp>
#include <oizys/rpc/call_options.hpp>
#include <oizys/rpc/codec/convert.hpp>
#include <oizys/rpc/incoming_stream.hpp>
#include <oizys/rpc/outcome.hpp>
#include <oizys/rpc/protocol/extensions.hpp>
#include <oizys/rpc/protocol/protocol.hpp>
#include <oizys/session.hpp>

#include <boost/asio/async_result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace oizys::rpc
{

class batch;
class blocking_client;
class service;

namespace detail
{

class peer_impl;
class registry;

} // namespace detail

/// Options of a peer. The same object may serve many.
struct peer_options
{
    rpc::protocol protocol = rpc::protocol::json;
    /// For calls that do not bring their own; zero waits for ever.
    std::chrono::milliseconds call_timeout{30000};
    std::size_t max_pending_calls = 65536; ///< calls of this end that wait for an answer; at most 65536
    std::size_t max_batch = 1024; ///< requests and notifications in one JSON-RPC batch that is received
    /// Bytes kept for calls of the other end that are answered later: 1 KiB and the id for each, and the answers that
    /// wait for the rest of their batch. Calls beyond are answered with too_many_calls, notifications are dropped.
    std::size_t max_unanswered_bytes = 64u << 20;
    codec_limits codec{};
    /// JSON-RPC: refuse requests without `"jsonrpc": "2.0"`. Some libraries leave it out.
    bool version_required = true;
    /// Serve `rpc.discover` and `system.listMethods`, which tell what the service has. Off: they are not found.
    bool introspection = true;
    /// Answer with the what() of an exception that left a handler. Off: it may tell what is not for everybody.
    bool expose_exceptions = false;
    /// What is said to the other end besides calls: how long they may take, and that they are cancelled.
    rpc::extensions extensions = rpc::extensions::detect;
    std::size_t max_streams = 1024; ///< that this end sends at once; beyond: too_many_calls
    std::uint32_t max_stream_window =
        1024; ///< values that the other end may ask for ahead; more is not believed
};

/// One end of a connection that exchanges calls.
///
/// Copies refer to the same end.
/// @par Thread safety  distinct objects: safe; copies of one peer: unsafe. A peer is called on its session's
///                     executor, and calls handlers there.
/// @par Lifetime       dropping the last copy closes the connection; pending calls complete with errc::cancelled.
///                     A server keeps a copy of each of its peers until the connection ends.
class OIZYS_API peer
{
public:
    /// Refers to nothing; may only be assigned to, copied and destroyed.
    peer() noexcept = default;

    /// Starts to exchange calls on a session whose handlers are not set. With a service, serves it to the other
    /// end; without, every method is not found.
    explicit peer(std::shared_ptr<oizys::session> session, peer_options const& options = {});
    peer(std::shared_ptr<oizys::session> session, service const& served, peer_options const& options = {});

    explicit operator bool() const noexcept { return impl_ != nullptr; }
    friend bool operator==(peer const&, peer const&) noexcept = default;

    /// Calls `method` on the other end and decodes its result.
    ///
    /// `arguments` is a tuple (positional parameters), or a described struct, map or rpc::object (named parameters;
    /// JSON-RPC only).
    /// Completes with the result, with the error object that the other end answered, or with errc::timed_out,
    /// cancelled, connection_lost, not_sent, too_many_pending, bad_arguments, bad_result.
    /// @par Handler       void(error_code, outcome<R>); never called inside this function.
    /// @par Lifetime      arguments are encoded before this function returns, except with tokens that start later
    ///                    (use_awaitable, deferred), which copy them.
    /// @par Cancellation  terminal, partial and total: completes with errc::cancelled; a late answer is dropped.
    template <class R = value, class Arguments = std::tuple<>,
              boost::asio::completion_token_for<void(boost::system::error_code, outcome<R>)> Token>
    auto async_call(std::string_view method, Arguments const& arguments, call_options const& options,
                    Token&& token)
    {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, outcome<R>)>(
            [](auto handler, std::shared_ptr<detail::peer_impl> const& impl, detail::call_name const& name,
               Arguments const& args, call_options const& how) {
                detail::start_call<R>(
                    impl, name.view(), [&](writer& out) { write(out, args); }, how, std::move(handler));
            },
            token, impl_, detail::call_name{method}, arguments, options);
    }

    template <class R = value, class Arguments = std::tuple<>,
              boost::asio::completion_token_for<void(boost::system::error_code, outcome<R>)> Token>
    auto async_call(std::string_view method, Arguments const& arguments, Token&& token)
    {
        return async_call<R>(method, arguments, call_options{}, std::forward<Token>(token));
    }

    /// Calls `method` on the other end and reads what it sends as a stream, value by value. Opening is not answered:
    /// what is wrong is told where the first value would be.
    ///
    /// Needs the extensions. An end that does not have them, or whose method has a result like any other, answers with one
    /// array, whose elements are the values.
    /// A stream has no deadline but options.timeout, which is for all of it.
    template <class T, class Arguments = std::tuple<>>
    incoming_stream<T> open_stream(std::string_view method, Arguments const& arguments = {},
                                   call_options const& options = {})
    {
        return incoming_stream<T>{detail::open_stream(
            impl_, method, [&](writer& out) { write(out, arguments); }, options)};
    }

    /// Queues a notification: a call that is not answered. What is queued leaves at the end of this turn of the loop.
    /// @returns errc::not_sent or bad_arguments if it was not queued.
    template <class Arguments = std::tuple<>>
    boost::system::error_code notify(std::string_view method, Arguments const& arguments = {})
    {
        return send_notification(method, [&](writer& out) { write(out, arguments); });
    }

    /// Sets the handler that is told once when the connection ends, after all pending calls have completed. Success
    /// means that this end closed it.
    void set_onclose(unique_function<void(boost::system::error_code)> handler);

    /// Sends what is queued and closes; within a handler of a call, after that call has been answered. Pending calls
    /// complete with errc::connection_lost.
    void close();

    bool is_open() const noexcept;
    /// Calls of this end that wait for an answer.
    std::size_t pending_calls() const noexcept;
    /// The protocol in use; `protocol::detect` until the other end's first message has arrived.
    rpc::protocol protocol() const noexcept;
    oizys::credentials credentials() const noexcept;
    boost::asio::any_io_executor get_executor() const noexcept;
    /// The session below, for what it alone can tell (bytes waiting) or do (drain). Its handlers belong to the peer.
    oizys::session& session() const noexcept;

private:
    friend class detail::peer_impl;
    friend class batch;
    friend class blocking_client;

    explicit peer(std::shared_ptr<detail::peer_impl> impl) noexcept : impl_{std::move(impl)} {}

    boost::system::error_code send_notification(std::string_view method,
                                                function_ref<void(writer&)> arguments);

    std::shared_ptr<detail::peer_impl> impl_;
};

} // namespace oizys::rpc
