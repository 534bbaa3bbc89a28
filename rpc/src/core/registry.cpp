// SPDX-License-Identifier: BSL-1.0
#include "core/registry.hpp"

#include <stdexcept>
#include <utility>

namespace oizys::rpc::detail
{

// What is changed is a copy, which is thrown away if `make` returns false.
template <class Change>
bool registry::change(Change const& make)
{
    std::shared_ptr<method_table const>
        old; // destroyed without the lock: a method's destructor may come back here
    std::lock_guard const lock{mutex_};
    auto changed = std::make_shared<method_table>(*table_);
    if (!make(*changed))
        return false;
    old = std::exchange(table_, std::move(changed));
    version_.fetch_add(1, std::memory_order_release);
    return true;
}

template <class Change>
void registry::change_hooks(Change const& make)
{
    change([&](method_table& table) {
        auto hooks =
            table.hooks_ ? std::make_shared<service_hooks>(*table.hooks_) : std::make_shared<service_hooks>();
        make(*hooks);
        table.hooks_ = std::move(hooks);
        return true;
    });
}

registry::registry() : table_{std::make_shared<method_table const>()} {}

void registry::add(method_entry method, bool replaces)
{
    auto const& name = method.name;
    if (name.empty())
        throw std::invalid_argument{"oizys: a method needs a name"};
    if (name.starts_with("rpc.") || name.starts_with("oizys."))
        throw std::invalid_argument{
            "oizys: method names that begin with \"rpc.\" or \"oizys.\" are reserved: " + name};
    auto const entry = std::make_shared<method_entry const>(std::move(method));

    if (!change([&](method_table& table) {
            return table.methods_.insert_or_assign(entry->name, entry).second || replaces;
        }))
        throw std::invalid_argument{"oizys: a method of this name is registered already: " + entry->name};
}

bool registry::remove(std::string_view name)
{
    return change([&](method_table& table) {
        auto const at = table.methods_.find(name);
        if (at == table.methods_.end())
            return false;
        table.methods_.erase(at);
        return true;
    });
}

void registry::set_fallback(std::shared_ptr<method_entry const> method)
{
    change([&](method_table& table) {
        table.fallback_ = std::move(method);
        return true;
    });
}

void registry::add(std::shared_ptr<before_call const> interceptor)
{
    change_hooks([&](service_hooks& hooks) { hooks.before.push_back(std::move(interceptor)); });
}

void registry::add(std::shared_ptr<after_call const> interceptor)
{
    change_hooks([&](service_hooks& hooks) { hooks.after.push_back(std::move(interceptor)); });
}

void registry::add(std::shared_ptr<error_mapper> mapper)
{
    change_hooks([&](service_hooks& hooks) { hooks.errors.push_back(std::move(mapper)); });
}

void registry::add_built_in(method_entry method)
{
    built_in_.push_back(std::make_unique<method_entry const>(std::move(method)));
}

method_entry const* registry::find_built_in(std::string_view name) const noexcept
{
    for (auto const& method : built_in_)
        if (method->name == name)
            return method.get();
    return nullptr;
}

void registry::set_info(service_info info)
{
    std::lock_guard const lock{mutex_};
    info_ = std::move(info);
}

service_info registry::info() const
{
    std::lock_guard const lock{mutex_};
    return info_;
}

std::shared_ptr<method_table const> registry::table() const
{
    std::lock_guard const lock{mutex_};
    return table_;
}

} // namespace oizys::rpc::detail
