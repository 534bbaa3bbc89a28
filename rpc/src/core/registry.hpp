// SPDX-License-Identifier: BSL-1.0
//
// The methods of a service by name. Reading takes no lock; a change makes a new table and swaps it in.
#pragma once

#include <oizys/rpc/interceptor.hpp>
#include <oizys/rpc/method.hpp>
#include <oizys/rpc/protocol/openrpc.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace oizys::rpc
{

namespace detail
{

class method_table
{
public:
    /// The method of this name, or the fallback, or null.
    method_entry const* find(std::string_view name) const noexcept
    {
        auto const at = methods_.find(name);
        return at == methods_.end() ? fallback_.get() : at->second.get();
    }
    bool contains(std::string_view name) const noexcept { return methods_.contains(name); }

    /// All but the fallback, in no order.
    template <class Function>
    void for_each(Function&& function) const
    {
        for (auto const& [name, method] : methods_)
            function(*method);
    }

    /// Null as long as there are none.
    std::shared_ptr<service_hooks const> const& hooks() const noexcept { return hooks_; }

private:
    friend class registry;

    struct hash : std::hash<std::string_view>
    {
        using is_transparent = void;
    };

    std::unordered_map<std::string, std::shared_ptr<method_entry const>, hash, std::equal_to<>> methods_;
    std::shared_ptr<method_entry const> fallback_; ///< for all other names
    std::shared_ptr<service_hooks const> hooks_;
};

/// Thread-safe. A reader keeps the table it has and asks for another one when `version` has changed.
class registry
{
public:
    registry();

    /// @throws std::invalid_argument  if the name is empty, reserved ("rpc.", "oizys."), or taken and not to be replaced.
    void add(method_entry method, bool replaces);
    /// Whether there was one.
    bool remove(std::string_view name);
    /// Serves all names that are not there, as long as it is not null.
    void set_fallback(std::shared_ptr<method_entry const> method);

    void add(std::shared_ptr<before_call const> interceptor);
    void add(std::shared_ptr<after_call const> interceptor);
    void add(std::shared_ptr<error_mapper> mapper);

    /// Serves what the table has no method for, where that is wanted; only before anybody else uses this.
    void add_built_in(method_entry method);
    /// The built-in method of this name, or null.
    method_entry const* find_built_in(std::string_view name) const noexcept;

    void set_info(service_info info);
    service_info info() const;

    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
    std::shared_ptr<method_table const> table() const;

private:
    template <class Change>
    bool change(Change const& make);
    template <class Change>
    void change_hooks(Change const& make);

    mutable std::mutex mutex_; ///< of table_ and info_
    std::shared_ptr<method_table const> table_;
    service_info info_;
    std::vector<std::unique_ptr<method_entry const>> built_in_; ///< constant once others use this
    std::atomic<std::uint64_t> version_ = 1;
};

} // namespace detail
} // namespace oizys::rpc
