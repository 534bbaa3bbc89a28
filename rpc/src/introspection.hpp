// SPDX-License-Identifier: BSL-1.0
//
// What a service says of itself: the methods rpc.discover and system.listMethods.
#pragma once

#include <oizys/rpc/codec/value.hpp>

namespace oizys::rpc::detail
{

class registry;

/// The OpenRPC document of all methods, in the order of their names.
value discover(registry const& methods);

/// Adds the two methods to a registry that nobody uses yet.
void add_introspection(registry& methods);

} // namespace oizys::rpc::detail
