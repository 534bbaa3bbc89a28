// SPDX-License-Identifier: BSL-1.0
#include "support/source_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace oizys::test
{

std::string source_file(std::string const& name)
{
    auto const path = std::filesystem::path{OIZYS_SOURCE_DIR} / name;
    std::ifstream in{path, std::ios::binary};
    if (!in)
        throw std::runtime_error{"cannot read " + path.string()};
    return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace oizys::test
