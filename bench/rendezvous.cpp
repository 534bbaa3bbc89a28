// SPDX-License-Identifier: BSL-1.0
#include "rendezvous.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace bench
{

void announce(std::string const& path, std::string_view text)
{
    auto const unfinished = path + ".new";
    std::ofstream{unfinished} << text;
    if (std::rename(unfinished.c_str(), (path + ".at").c_str()) != 0) // whole, or not there
        throw std::system_error{errno, std::generic_category(), "rename"};
}

std::string announced(std::string const& path)
{
    for (int tries = 0; tries < 5000; ++tries)
    {
        if (std::ifstream file{path + ".at"})
            return {std::istreambuf_iterator<char>{file}, {}};
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    throw std::runtime_error{"the server does not say where it listens"};
}

} // namespace bench
