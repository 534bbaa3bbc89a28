// SPDX-License-Identifier: BSL-1.0
//
// The version, at compile time and of the library that is loaded.
#pragma once

#include <oizys/api.hpp>

namespace oizys
{

inline constexpr int major_version = 0;
inline constexpr int minor_version = 1;
inline constexpr int patch_version = 0;

/// The version of the library that is loaded; may differ from the constants above.
OIZYS_API int get_major_version() noexcept;
OIZYS_API int get_minor_version() noexcept;
OIZYS_API int get_patch_version() noexcept;

} // namespace oizys
