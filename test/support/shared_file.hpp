// SPDX-License-Identifier: BSL-1.0
//
// Test vectors that stand beside the repository, in ../shared. A clone alone does not have them.
#pragma once

#include <optional>
#include <string>

/// The bytes of ../shared/`name`. Without that folder: nothing, and ctest reports the case as skipped.
///
///     auto const text = shared_file("vectors/framing/header24.json");
///     if (!text) return;
///
/// @throws std::runtime_error  the folder is there and the file is not
std::optional<std::string> shared_file(std::string const& name);
