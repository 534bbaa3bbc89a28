// SPDX-License-Identifier: BSL-1.0
//
// Files of the repository itself, for tests that compare what is written with what is so.
#pragma once

#include <string>

namespace oizys::test
{

/// The text of a file, named from the root of the repository.
/// @throws std::runtime_error  if it cannot be read
std::string source_file(std::string const& name);

} // namespace oizys::test
