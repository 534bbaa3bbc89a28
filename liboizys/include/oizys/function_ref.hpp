// SPDX-License-Identifier: BSL-1.0
//
// Refers to a callable for the length of a call: two pointers, no allocation, no ownership.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace oizys
{

template <class Signature>
class function_ref;

/// A callable that is passed down and called before the function it was passed to returns.
template <class R, class... Args>
class function_ref<R(Args...)>
{
public:
    template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, function_ref> && std::is_invocable_r_v<R, F&, Args...>)
        function_ref(F&& f)
    noexcept // NOLINT(google-explicit-constructor)
        : target_{const_cast<void*>(static_cast<void const*>(std::addressof(f)))}
        , call_{[](void* target, Args... args) -> R {
            return (*static_cast<std::remove_reference_t<F>*>(target))(std::forward<Args>(args)...);
        }}
    {
    }

    R operator()(Args... args) const { return call_(target_, std::forward<Args>(args)...); }

private:
    void* target_;
    R (*call_)(void*, Args...);
};

} // namespace oizys
