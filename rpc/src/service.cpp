// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/service.hpp>

#include "core/registry.hpp"

#include <utility>

namespace oizys::rpc
{

service::service() : registry_{std::make_shared<detail::registry>()} {}

void service::add(detail::method_entry method, bool replaces) { registry_->add(std::move(method), replaces); }

} // namespace oizys::rpc
