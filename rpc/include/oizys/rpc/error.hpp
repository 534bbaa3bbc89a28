// SPDX-License-Identifier: BSL-1.0
//
// Errors of calls; see protocol/error.hpp.
#pragma once

#include <oizys/rpc/protocol/error.hpp> // IWYU pragma: export
