// SPDX-License-Identifier: BSL-1.0
#include <oizys/version.hpp>

namespace oizys
{

int get_major_version() noexcept { return major_version; }
int get_minor_version() noexcept { return minor_version; }
int get_patch_version() noexcept { return patch_version; }

} // namespace oizys
