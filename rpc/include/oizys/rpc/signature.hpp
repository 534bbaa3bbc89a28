// SPDX-License-Identifier: BSL-1.0
//
// What a handler takes and returns, as the compiler knows it.
#pragma once

#include <tuple>
#include <type_traits>

namespace oizys::rpc
{

class call_context;
template <class R>
class reply;

namespace detail
{

/// The parameters of a handler: what comes before the arguments, and the arguments.
template <class... Parameters>
struct parameter_list
{
    static constexpr bool wants_context = false;
    static constexpr bool wants_reply = false;
    using arguments = std::tuple<std::remove_cvref_t<Parameters>...>;
};

template <class R, class... Parameters>
struct parameter_list<reply<R>, Parameters...>
{
    static constexpr bool wants_context = false;
    static constexpr bool wants_reply = true;
    using reply_type = reply<R>;
    using arguments = std::tuple<std::remove_cvref_t<Parameters>...>;
};

template <class... Parameters>
struct parameter_list<call_context&, Parameters...> : parameter_list<Parameters...>
{
    static constexpr bool wants_context = true;
};

template <class R, class... Parameters>
struct function_signature : parameter_list<Parameters...>
{
    using result = R;
};

/// The signature of anything with one call operator, of a function, and of a member function without its object.
template <class F>
struct signature : signature<decltype(&F::operator())>
{
};

template <class R, class... Parameters, bool Noexcept>
struct signature<R (*)(Parameters...) noexcept(Noexcept)> : function_signature<R, Parameters...>
{
};
template <class R, class C, class... Parameters, bool Noexcept>
struct signature<R (C::*)(Parameters...) noexcept(Noexcept)> : function_signature<R, Parameters...>
{
};
template <class R, class C, class... Parameters, bool Noexcept>
struct signature<R (C::*)(Parameters...) const noexcept(Noexcept)> : function_signature<R, Parameters...>
{
};
template <class R, class C, class... Parameters, bool Noexcept>
struct signature<R (C::*)(Parameters...)& noexcept(Noexcept)> : function_signature<R, Parameters...>
{
};
template <class R, class C, class... Parameters, bool Noexcept>
struct signature<R (C::*)(Parameters...) const& noexcept(Noexcept)> : function_signature<R, Parameters...>
{
};

} // namespace detail
} // namespace oizys::rpc
