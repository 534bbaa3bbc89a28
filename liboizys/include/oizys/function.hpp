// SPDX-License-Identifier: BSL-1.0
//
// A function object that is moved, never copied, so that it may own what it captures. Small ones
// live inside, without a heap allocation. C++20 has no std::move_only_function.
#pragma once

#include <cstddef>
#include <cstring>
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

    /// `other` is empty afterwards.
    unique_function(unique_function&& other) noexcept : table_{std::exchange(other.table_, nullptr)}
    {
        if (table_ != nullptr)
            relocate(other);
    }

    unique_function& operator=(unique_function&& other) noexcept
    {
        if (this != &other)
        {
            // The old target is destroyed last: its destructor may come back here.
            unique_function const old{std::move(*this)};
            table_ = std::exchange(other.table_, nullptr);
            if (table_ != nullptr)
                relocate(other);
        }
        return *this;
    }

    ~unique_function()
    {
        if (table_ != nullptr && table_->destroy != nullptr)
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
        void (*relocate)(void* to, void* from) noexcept; ///< null: the bytes are copied
        void (*destroy)(void*) noexcept;                 ///< null: there is nothing to do
    };

    // Most targets are a few pointers; copying all there is room for is cheaper than a call that knows better.
    void relocate(unique_function& other) noexcept
    {
        if (table_->relocate == nullptr)
            std::memcpy(storage_, other.storage_, capacity);
        else
            table_->relocate(storage_, other.storage_);
    }

    template <class F>
    static F& target_in(void* storage) noexcept
    {
        if constexpr (is_small<F>)
            return *std::launder(static_cast<F*>(storage));
        else
            return **std::launder(static_cast<F**>(storage));
    }

    template <class F>
    static R call(void* at, Args&&... args)
    {
        if constexpr (std::is_void_v<R>)
            static_cast<void>(target_in<F>(at)(std::forward<Args>(args)...));
        else
            return target_in<F>(at)(std::forward<Args>(args)...);
    }

    template <class F>
    static void move_target(void* to, void* from) noexcept
    {
        ::new (to) F(std::move(target_in<F>(from)));
        std::destroy_at(&target_in<F>(from));
    }

    template <class F>
    static void destroy_target(void* at) noexcept
    {
        if constexpr (is_small<F>)
            std::destroy_at(&target_in<F>(at));
        else
            delete &target_in<F>(at);
    }

    template <class F>
    static constexpr table make_table()
    {
        table t{.call = &call<F>, .relocate = nullptr, .destroy = nullptr};
        // An empty target has written nothing that could be copied.
        if constexpr (is_small<F> && (!std::is_trivially_copyable_v<F> || std::is_empty_v<F>))
            t.relocate = &move_target<F>;
        if constexpr (!is_small<F> || !std::is_trivially_destructible_v<F>)
            t.destroy = &destroy_target<F>;
        return t;
    }

    template <class F>
    static constexpr table table_of = make_table<F>();

    table const* table_ = nullptr;
    alignas(void*) std::byte storage_[capacity];
};

} // namespace oizys
