// SPDX-License-Identifier: BSL-1.0
//
// The version of the library that is loaded.
#pragma once

#include <oizys/version.hpp>

#include <string>

namespace oizys::cli
{

inline std::string version_text()
{
    return "oizys " + std::to_string(get_major_version()) + '.' + std::to_string(get_minor_version()) + '.' +
           std::to_string(get_patch_version());
}

} // namespace oizys::cli
