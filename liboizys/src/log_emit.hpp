// SPDX-License-Identifier: BSL-1.0
//
// Calls a log hook, which must not disturb who calls it.
#pragma once

#include <oizys/log.hpp>

namespace oizys::detail
{

/// `handler` is not empty: test that first, and format nothing if it is.
void emit(log_handler const& handler, log_event const& event) noexcept;

} // namespace oizys::detail
