// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/service.hpp>

#include "core/registry.hpp"
#include "introspection.hpp"

#include <algorithm>
#include <utility>

namespace oizys::rpc
{

service::service() : registry_{std::make_shared<detail::registry>()}
{
    detail::add_introspection(*registry_);
}

void service::add(detail::method_entry method, bool replaces) { registry_->add(std::move(method), replaces); }

void service::set_fallback(detail::method_entry method)
{
    registry_->set_fallback(std::make_shared<detail::method_entry const>(std::move(method)));
}

bool service::remove(std::string_view name) { return registry_->remove(name); }
bool service::contains(std::string_view name) const { return registry_->table()->contains(name); }

std::vector<method_info> service::methods() const
{
    std::vector<method_info> all;
    registry_->table()->for_each([&](detail::method_entry const& method) {
        all.push_back({method.name, method.options.description, method.parameters});
    });
    std::ranges::sort(all, {}, &method_info::name);
    return all;
}

service& service::about(service_info info)
{
    registry_->set_info(std::move(info));
    return *this;
}

value service::document() const { return detail::discover(*registry_); }

service& service::before(std::string pattern, unique_function<void(call_context&)> look)
{
    registry_->add(std::make_shared<detail::before_call const>(std::move(pattern), std::move(look)));
    return *this;
}

service& service::after(std::string pattern,
                        unique_function<void(call_context const&, call_report const&)> look)
{
    registry_->add(std::make_shared<detail::after_call const>(std::move(pattern), std::move(look)));
    return *this;
}

void service::add_mapper(detail::error_mapper mapper)
{
    registry_->add(std::make_shared<detail::error_mapper>(std::move(mapper)));
}

} // namespace oizys::rpc
