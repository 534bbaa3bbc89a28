// SPDX-License-Identifier: BSL-1.0
//
// A method of the other end that is called like a function.
#pragma once

#include <oizys/rpc/peer.hpp>

#include <boost/asio/deferred.hpp>

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace oizys::rpc
{

template <class Signature>
class function;

/// Calls one method with arguments of these types and a result of this type.
/// @code
/// rpc::function<int(int, int)> add{peer, "add"};
/// int sum = co_await add(2, 3);
/// add(2, 3, [](error_code ec, rpc::outcome<int> sum) { ... });
/// @endcode
/// The rest is as in peer::async_call. It keeps the connection open as a copy of the peer does.
template <class R, class... Arguments>
class function<R(Arguments...)>
{
public:
    function(rpc::peer callee, std::string method, call_options const& options = {})
        : peer_{std::move(callee)}, method_{std::move(method)}, options_{options}
    {
    }

    template <boost::asio::completion_token_for<void(boost::system::error_code, outcome<R>)> Token>
    auto operator()(std::type_identity_t<Arguments> const&... arguments, Token&& token) const
    {
        auto callee = peer_;
        return callee.template async_call<R>(method_, std::tuple<std::decay_t<Arguments>...>{arguments...},
                                             options_, std::forward<Token>(token));
    }

    /// To be awaited, or to be given a token later.
    auto operator()(std::type_identity_t<Arguments> const&... arguments) const
    {
        return (*this)(arguments..., boost::asio::deferred);
    }

private:
    rpc::peer peer_;
    std::string method_;
    call_options options_;
};

} // namespace oizys::rpc
