// SPDX-License-Identifier: BSL-1.0
#include "vitals.hpp"

#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace oizys::soak
{
namespace
{

namespace fs = std::filesystem;

std::size_t entries(char const* folder)
{
    std::error_code ec; // ignored: what is not there holds nothing
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator{folder, ec}, fs::directory_iterator{}));
}

template <class T>
std::size_t count_of(char const* file)
{
    std::ifstream in{file};
    return static_cast<std::size_t>(std::distance(std::istream_iterator<T>{in}, std::istream_iterator<T>{}));
}

std::size_t lines_of(char const* file)
{
    std::ifstream in{file};
    return static_cast<std::size_t>(
        std::count(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}, '\n'));
}

std::size_t resident_kib()
{
    std::ifstream in{"/proc/self/status"};
    std::string word;
    std::size_t kib = 0;
    while (in >> word)
    {
        if (word == "RssAnon:" || word == "RssShmem:")
        {
            std::size_t n = 0;
            in >> n;
            kib += n;
        }
    }
    return kib;
}

} // namespace

std::string vitals::to_string() const
{
    return std::to_string(descriptors) + " descriptors, " + std::to_string(mappings) + " mappings, " +
           std::to_string(children) + " children, " + std::to_string(resident) + " KiB, " +
           std::to_string(shared) + " in /dev/shm";
}

vitals measure()
{
    ::malloc_trim(0);
    return {.descriptors = entries("/proc/self/fd"),
            .mappings = lines_of("/proc/self/maps"),
            .children = count_of<int>("/proc/thread-self/children"),
            .resident = resident_kib(),
            .shared = entries("/dev/shm")};
}

} // namespace oizys::soak
