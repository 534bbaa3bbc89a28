// SPDX-License-Identifier: BSL-1.0
//
// What one process has seen: counts per kind, and what was wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace oizys::soak
{

/// Of one kind.
struct tally
{
    std::uint64_t sessions = 0;
    std::uint64_t messages = 0; ///< received
    std::uint64_t bytes = 0;
    std::uint64_t descriptors = 0;
    std::uint64_t farewells = 0; ///< ends after which nothing was missing, in either direction
    std::uint64_t rough_ends = 0;
};

class ledger
{
public:
    explicit ledger(std::string process);

    tally& of(std::size_t kind) { return tallies_.at(kind); }
    /// Says it on standard error.
    void fail(std::string const& where, std::string const& what);
    bool failed() const noexcept { return failures_ != 0; }

    /// Connections that never said who they are.
    std::uint64_t strangers = 0;

    /// One line for each kind that was seen.
    std::vector<std::string> lines() const;

private:
    std::string process_;
    std::vector<tally> tallies_;
    std::size_t failures_ = 0;
};

} // namespace oizys::soak
