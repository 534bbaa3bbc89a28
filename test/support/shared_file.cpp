// SPDX-License-Identifier: BSL-1.0
#include "support/shared_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

std::optional<std::string> shared_file(std::string const& name)
{
    auto const* const named = std::getenv("OIZYS_SHARED_DIR");
    std::filesystem::path const folder = named ? named : OIZYS_SHARED_DIR;
    if (!std::filesystem::exists(folder))
    {
        // ctest knows this line (cmake/testing.cmake).
        std::cout << "OIZYS_SKIPPED: " << folder << " is absent\n";
        return {};
    }
    std::ifstream in{folder / name, std::ios::binary};
    if (!in)
        throw std::runtime_error{"cannot read " + (folder / name).string()};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
}
