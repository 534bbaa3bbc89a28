// SPDX-License-Identifier: BSL-1.0
#include "ledger.hpp"

#include "kinds.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <utility>

namespace oizys::soak
{

ledger::ledger(std::string process) : process_{std::move(process)}, tallies_(kinds().size()) {}

void ledger::fail(std::string const& where, std::string const& what)
{
    constexpr std::size_t told = 20;
    if (++failures_ <= told)
        std::fprintf(stderr, "soak: %s %d: %s: %s\n", process_.c_str(), ::getpid(), where.c_str(),
                     what.c_str());
}

std::vector<std::string> ledger::lines() const
{
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < tallies_.size(); ++i)
    {
        auto const& t = tallies_[i];
        if (t.sessions == 0)
            continue;
        std::array<char, 200> line{};
        std::snprintf(
            line.data(), line.size(),
            "%-15s %7llu sessions %9llu messages %8.1f MB %6llu descriptors; ends: %6llu complete, %6llu rough",
            kinds()[i].name, static_cast<unsigned long long>(t.sessions),
            static_cast<unsigned long long>(t.messages), static_cast<double>(t.bytes) / 1e6,
            static_cast<unsigned long long>(t.descriptors), static_cast<unsigned long long>(t.farewells),
            static_cast<unsigned long long>(t.rough_ends));
        lines.emplace_back(line.data());
    }
    return lines;
}

} // namespace oizys::soak
