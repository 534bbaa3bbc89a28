// SPDX-License-Identifier: BSL-1.0
//
// A client for scripts and tests: calls that wait for their result.
#pragma once

#include <oizys/api.hpp>
#include <oizys/endpoint.hpp>
#include <oizys/rpc/connect.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace oizys::rpc
{

/// A connected client with a thread of its own, which ends with it.
///
/// @par Thread safety  safe: calls from several threads are under way at the same time. A call from within a method
///                     that this client serves would wait for itself and throws std::logic_error.
/// @par Lifetime       no thread may be within a call when it is destroyed.
class OIZYS_API blocking_client
{
public:
    /// Connects.
    /// @throws boost::system::system_error  see oizys::async_connect.
    explicit blocking_client(endpoint const& where, client_options const& options = {});
    /// ... and serves `served`, on its own thread, to the other end.
    blocking_client(endpoint const& where, service const& served, client_options const& options = {});
    blocking_client(blocking_client const&) = delete;
    blocking_client& operator=(blocking_client const&) = delete;
    ~blocking_client();

    /// Calls `method` and waits for its result, at most for `client_options::peer.call_timeout`.
    /// @throws rpc::error                   with what the other end answered instead of a result.
    /// @throws boost::system::system_error  rpc::errc, if there is no answer or none of type R.
    template <class R = value, class... Arguments>
    R call(std::string_view method, Arguments const&... arguments)
    {
        return call_with<R>(method, std::tuple<stored<Arguments>...>{arguments...});
    }

    /// The same with all arguments in one object: a tuple, or a described struct, map or rpc::object whose members are
    /// the named parameters. `timeout` is for this call alone.
    template <class R = value, class Arguments>
    R call_with(std::string_view method, Arguments const& arguments,
                std::optional<std::chrono::milliseconds> timeout = {})
    {
        detail::decoded_answer<R> answer;
        run_call(
            method, [&](writer& out) { write(out, arguments); }, timeout,
            [&](call_end const& end) { answer = detail::decode_answer<R>(end); });
        if (answer.ec)
            throw boost::system::system_error{answer.ec, "oizys::rpc::blocking_client::call"};
        return std::move(answer.result).value();
    }

    /// Sends a notification.
    /// @throws boost::system::system_error  rpc::errc::not_sent or bad_arguments.
    template <class... Arguments>
    void notify(std::string_view method, Arguments const&... arguments)
    {
        auto const all = std::tuple<stored<Arguments>...>{arguments...};
        run_notify(method, [&](writer& out) { write(out, all); });
    }

private:
    class impl;

    /// Literals become pointers; everything else is looked at where it lies, for the caller waits.
    template <class T>
    using stored = std::conditional_t<std::is_array_v<T>, std::decay_t<T const>, T const&>;

    void run_call(std::string_view method, function_ref<void(writer&)> arguments,
                  std::optional<std::chrono::milliseconds> timeout,
                  function_ref<void(call_end const&)> on_end);
    void run_notify(std::string_view method, function_ref<void(writer&)> arguments);

    std::unique_ptr<impl> impl_;
};

} // namespace oizys::rpc
