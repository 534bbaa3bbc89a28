// SPDX-License-Identifier: BSL-1.0
//
// Calls and notifications that are sent together.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/peer.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>

namespace oizys::rpc
{

/// Collects calls and notifications and sends them as one message: a JSON-RPC batch. MessagePack-RPC has none; there they
/// leave one behind the other, in one write.
/// @code
/// rpc::batch batch{peer};
/// batch.async_call<int>("add", std::tuple{1, 2}, on_sum);
/// batch.notify("log", std::tuple{"added"});
/// batch.send();
/// @endcode
/// More than peer_options::max_batch elements, or than fit into one message, are sent as several.
/// @par Lifetime       calls that are in it when it is destroyed complete with errc::not_sent.
/// @par Thread safety  as its peer's.
class OIZYS_API batch
{
public:
    explicit batch(rpc::peer to);
    batch(batch&&) noexcept;
    batch& operator=(batch&&) = delete;
    ~batch();

    /// As peer::async_call, but sent with the others. Its time counts from now on. Each call completes by itself. The token
    /// must start the call at once: use_awaitable and deferred do when they are awaited, which is too late for a batch that
    /// has been sent, and too early to wait for one that has not.
    template <class R = value, class Arguments = std::tuple<>,
              boost::asio::completion_token_for<void(boost::system::error_code, outcome<R>)> Token>
    auto async_call(std::string_view method, Arguments const& arguments, call_options const& options,
                    Token&& token)
    {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, outcome<R>)>(
            [](auto handler, std::shared_ptr<detail::peer_impl> const& impl, detail::outgoing_batch* into,
               detail::call_name const& name, Arguments const& args, call_options const& how) {
                detail::start_call<R>(
                    impl, name.view(), [&](writer& out) { write(out, args); }, how, std::move(handler), into);
            },
            token, impl(), calls_.get(), detail::call_name{method}, arguments, options);
    }

    template <class R = value, class Arguments = std::tuple<>,
              boost::asio::completion_token_for<void(boost::system::error_code, outcome<R>)> Token>
    auto async_call(std::string_view method, Arguments const& arguments, Token&& token)
    {
        return async_call<R>(method, arguments, call_options{}, std::forward<Token>(token));
    }

    /// Adds a notification. @returns errc::not_sent or bad_arguments if it was not added.
    template <class Arguments = std::tuple<>>
    boost::system::error_code notify(std::string_view method, Arguments const& arguments = {})
    {
        return put_notification(method, [&](writer& out) { write(out, arguments); });
    }

    /// Sends what was collected; the batch is empty then and may be used again.
    void send();
    /// Calls and notifications that wait for `send`.
    std::size_t size() const noexcept;

private:
    boost::system::error_code put_notification(std::string_view method,
                                               function_ref<void(writer&)> arguments);
    std::shared_ptr<detail::peer_impl> const& impl() const noexcept;

    rpc::peer peer_;
    std::unique_ptr<detail::outgoing_batch> calls_;
};

} // namespace oizys::rpc
