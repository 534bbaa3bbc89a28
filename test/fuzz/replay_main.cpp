// SPDX-License-Identifier: BSL-1.0
//
// Runs a fuzz target on files instead of inventions: on each file that is named, and on each one in
// the folders that are named. Builds without libFuzzer link it, so that a corpus is a regression test.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace fs = std::filesystem;

namespace
{

void replay(fs::path const& file)
{
    std::ifstream in{file, std::ios::binary};
    std::vector<char> const bytes{std::istreambuf_iterator<char>{in}, {}};
    // An exact copy on the heap: reading past its end is then a finding of the address sanitizer.
    auto const exact = std::make_unique<std::uint8_t[]>(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i)
        exact[i] = static_cast<std::uint8_t>(bytes[i]);
    LLVMFuzzerTestOneInput(exact.get(), bytes.size());
}

std::vector<fs::path> files_of(fs::path const& file_or_folder)
{
    if (!fs::is_directory(file_or_folder))
        return {file_or_folder};
    std::vector<fs::path> files;
    for (auto const& entry : fs::recursive_directory_iterator{file_or_folder})
        if (entry.is_regular_file())
            files.push_back(entry.path());
    return files;
}

} // namespace

int main(int argc, char** argv)
{
    std::size_t count = 0;
    for (int i = 1; i < argc; ++i)
    {
        if (!fs::exists(argv[i]))
        {
            std::cerr << argv[i] << " does not exist\n";
            return 1;
        }
        for (auto const& file : files_of(argv[i]))
        {
            replay(file);
            ++count;
        }
    }
    std::cout << "replayed " << count << " inputs\n";
    return count > 0 ? 0 : 1;
}
