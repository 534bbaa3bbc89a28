// SPDX-License-Identifier: BSL-1.0
#include "core/registry.hpp"

#include <stdexcept>
#include <utility>

namespace oizys::rpc::detail
{

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

    std::lock_guard const lock{mutex_};
    auto changed = std::make_shared<method_table>(*table_);
    if (!changed->methods_.insert_or_assign(entry->name, entry).second && !replaces)
        throw std::invalid_argument{"oizys: a method of this name is registered already: " + entry->name};
    table_ = std::move(changed);
    version_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<method_table const> registry::table() const
{
    std::lock_guard const lock{mutex_};
    return table_;
}

} // namespace oizys::rpc::detail
