// SPDX-License-Identifier: BSL-1.0
//
// soak [SECONDS [SEED]]: a server and its clients in processes of their own, over every kind of endpoint, with random
// sizes, pauses, closes and kills; every message is checked. Exits with 0 if nothing was wrong. The same seed gives
// the same decisions, though not the same timing.
#include "processes.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <string>
#include <vector>

namespace
{

using namespace oizys::soak;

std::string own_path()
{
    std::array<char, 4096> path{};
    auto const n = ::readlink("/proc/self/exe", path.data(), path.size());
    return n > 0 ? std::string(path.data(), static_cast<std::size_t>(n)) : std::string{};
}

int run(std::vector<std::string> const& words)
{
    auto const part = words.empty() ? std::string{} : words[0];
    if (part == "child")
        return run_child(words.at(1));
    if (part == "server")
        return run_server({.self = own_path(), .folder = words.at(2)}, std::stoull(words.at(1)));
    if (part == "client")
    {
        surroundings where{.self = own_path(), .folder = words.back()};
        for (std::size_t i = 3; i + 1 < words.size(); ++i)
            where.ports.push_back(static_cast<unsigned>(std::stoul(words[i])));
        return run_client(where, std::stoull(words.at(1)), words.at(2) == "killable");
    }
    auto const seconds = words.empty() ? 300u : static_cast<unsigned>(std::stoul(part));
    auto const seed = words.size() > 1 ? std::stoull(words[1]) : std::random_device{}();
    std::printf("soak: %u s, seed %llu\n", seconds, static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    return run_supervisor(own_path(), seed, seconds);
}

} // namespace

int main(int argc, char** argv)
try
{
    return run({argv + 1, argv + argc});
}
catch (std::exception const& e)
{
    std::fprintf(stderr, "soak: %s\n", e.what());
    return 1;
}
