// SPDX-License-Identifier: BSL-1.0
//
// Lines to stderr, each in one piece: several programs often share it.
#pragma once

#include <iostream>
#include <string>

namespace oizys::cli
{

inline void tell(std::string line)
{
    line += '\n';
    std::cerr << line << std::flush;
}

} // namespace oizys::cli
