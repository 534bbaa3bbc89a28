// SPDX-License-Identifier: BSL-1.0
//
// A function object that is moved, never copied, so that it may own what it captures. Small ones
// live inside, without a heap allocation. C++20 has no std::move_only_function.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace oizys
{

/// `Pointers`: captures as large as so many pointers are stored without allocating.
template <class Signature, std::size_t Pointers = 4>
class unique_function;

/// Holds a callable for `R(Args...)`. Calling an empty one is undefined; test it first.
template <class R, class... Args, std::size_t Pointers>
class unique_function<R(Args...), Pointers>
{
public:
    unique_function() noexcept = default;
    unique_function(std::nullptr_t) noexcept {} // NOLINT(google-explicit-constructor)

    template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, unique_function> &&
             std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
        unique_function(F&& f) // NOLINT(google-explicit-constructor)
    {
        using target = std::decay_t<F>;
        if constexpr (is_small<target>)
            ::new (static_cast<void*>(storage_)) target(std::forward<F>(f));
        else
            ::new (static_cast<void*>(storage_)) target*(new target(std::forward<F>(f)));
        table_ = &table_of<target>;
    }

    unique_function(unique_function&& other) noexcept : table_{std::exchange(other.table_, nullptr)}
    {
        if (table_ != nullptr)
            table_->relocate(storage_, other.storage_);
    }

    unique_function& operator=(unique_function&& other) noexcept
    {
        if (this != &other)
        {
            // The old target is destroyed last: its destructor may come back here.
            unique_function const old{std::move(*this)};
            table_ = std::exchange(other.table_, nullptr);
            if (table_ != nullptr)
                table_->relocate(storage_, other.storage_);
        }
        return *this;
    }

    ~unique_function()
    {
        if (table_ != nullptr)
            table_->destroy(storage_);
    }

    explicit operator bool() const noexcept { return table_ != nullptr; }

    R operator()(Args... args) { return table_->call(storage_, std::forward<Args>(args)...); }

private:
    static constexpr std::size_t capacity = Pointers * sizeof(void*);

    template <class F>
    static constexpr bool is_small = sizeof(F) <= capacity &&
                                     alignof(F) <= alignof(void*) && std::is_nothrow_move_constructible_v<F>;

    struct table
    {
        R (*call)(void*, Args&&...);
        void (*relocate)(void* to, void* from) noexcept;
        void (*destroy)(void*) noexcept;
    };

    template <class F>
    static F& target_in(void* storage) noexcept
    {
        if constexpr (is_small<F>)
            return *std::launder(static_cast<F*>(storage));
        else
            return **std::launder(static_cast<F**>(storage));
    }

    template <class F>
    static constexpr table table_of{
        [](void* at, Args&&... args) -> R {
            if constexpr (std::is_void_v<R>)
                static_cast<void>(target_in<F>(at)(std::forward<Args>(args)...));
            else
                return target_in<F>(at)(std::forward<Args>(args)...);
        },
        [](void* to, void* from) noexcept {
            if constexpr (is_small<F>)
            {
                ::new (to) F(std::move(target_in<F>(from)));
                std::destroy_at(&target_in<F>(from));
            }
            else
                ::new (to) F*(&target_in<F>(from));
        },
        [](void* at) noexcept {
            if constexpr (is_small<F>)
                std::destroy_at(&target_in<F>(at));
            else
                delete &target_in<F>(at);
        },
    };

    table const* table_ = nullptr;
    alignas(void*) std::byte storage_[capacity];
};

} // namespace oizys
