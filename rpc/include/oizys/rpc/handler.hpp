// SPDX-License-Identifier: BSL-1.0
//
// Turns a C++ function into what serves calls: its parameters are decoded straight from the message, its result is
// encoded straight into the answer.
#pragma once

#include <oizys/rpc/codec/convert.hpp>
#include <oizys/rpc/handler_result.hpp>
#include <oizys/rpc/invocation.hpp>
#include <oizys/rpc/method.hpp>
#include <oizys/rpc/signature.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace oizys::rpc::detail
{

/// The arguments of one call, decoded.
template <class Arguments>
struct argument_values
{
    Arguments values{};

    bool read(invocation& call, method_entry const& method)
    {
        return read_arguments(call, method, targets().data());
    }

    std::array<void*, std::tuple_size_v<Arguments>> targets()
    {
        return std::apply([](auto&... value) { return std::array<void*, sizeof...(value)>{&value...}; },
                          values);
    }

    /// Calls `function` with what comes before the arguments, and the arguments.
    template <class F, class... Front>
    decltype(auto) pass_to(F& function, Front&&... front)
    {
        return std::apply(
            [&](auto&... value) -> decltype(auto) {
                return function(std::forward<Front>(front)..., std::move(value)...);
            },
            values);
    }
};

/// A member function and its object, or what points to that.
template <class Member, class Object>
struct bound_member
{
    Member member;
    Object object;

    template <class... Arguments>
    decltype(auto) operator()(Arguments&&... arguments)
    {
        return ((*object).*member)(std::forward<Arguments>(arguments)...);
    }
};

template <class Member, class Object>
struct signature<bound_member<Member, Object>> : signature<Member>
{
};

/// How a handler is run whose result is not there yet when it returns; see coroutine.hpp.
template <class Result>
struct later_result
{
    static constexpr bool is_one = false;
};

template <class F>
void start_later(std::shared_ptr<F> const& function, invocation& call, method_entry const& method);

/// How an F serves calls.
template <class F>
struct handler
{
    using traits = signature<F>;
    using arguments = typename traits::arguments;
    using result = typename traits::result;

    static_assert(rest_is_last<arguments>, "rest<T> must be the last parameter, and all<T> the only one");
    static_assert(std::tuple_size_v<arguments> <= 64, "a handler has at most 64 parameters");

    static auto make(F function)
    {
        if constexpr (later_result<result>::is_one)
            return [f = std::make_shared<F>(std::move(function))](
                       invocation& call, method_entry const& method) { start_later(f, call, method); };
        else
            return [f = std::move(function)](invocation& call, method_entry const& method) mutable {
                serve(f, call, method);
            };
    }

    static void serve(F& function, invocation& call, method_entry const& method)
    {
        argument_values<arguments> given;
        if (!given.read(call, method))
            return;
        if constexpr (traits::wants_reply)
        {
            auto answer = call.defer();
            auto& context = answer.context(); // lives as long as the reply
            run(function, given, context, typename traits::reply_type{std::move(answer)});
        }
        else if constexpr (std::is_void_v<result>)
        {
            run(function, given, call);
            give_nothing(call);
        }
        else if constexpr (requires { typename result::answers_later; })
            run(function, given, call).answer(call.defer());
        else
        {
            auto const& result = run(function, given, call);
            give(call, result);
        }
    }

    template <class... Front>
    static decltype(auto) run(F& function, argument_values<arguments>& given, call_context& context,
                              Front&&... front)
    {
        if constexpr (traits::wants_context)
            return given.pass_to(function, context, std::forward<Front>(front)...);
        else
            return given.pass_to(function, std::forward<Front>(front)...);
    }
};

} // namespace oizys::rpc::detail
