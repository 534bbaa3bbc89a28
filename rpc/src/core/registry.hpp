// SPDX-License-Identifier: BSL-1.0
//
// The methods of a service by name. Reading takes no lock; a change makes a new table and swaps it in.
#pragma once

#include <oizys/rpc/method.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace oizys::rpc
{

namespace detail
{

class method_table
{
public:
    method_entry const* find(std::string_view name) const noexcept
    {
        auto const at = methods_.find(name);
        return at == methods_.end() ? nullptr : at->second.get();
    }

private:
    friend class registry;

    struct hash : std::hash<std::string_view>
    {
        using is_transparent = void;
    };

    std::unordered_map<std::string, std::shared_ptr<method_entry const>, hash, std::equal_to<>> methods_;
};

/// Thread-safe. A reader keeps the table it has and asks for another one when `version` has changed.
class registry
{
public:
    registry();

    /// @throws std::invalid_argument  if the name is empty, reserved ("rpc.", "oizys."), or taken and not to be replaced.
    void add(method_entry method, bool replaces);

    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
    std::shared_ptr<method_table const> table() const;

private:
    mutable std::mutex mutex_; ///< of table_
    std::shared_ptr<method_table const> table_;
    std::atomic<std::uint64_t> version_ = 1;
};

} // namespace detail
} // namespace oizys::rpc
