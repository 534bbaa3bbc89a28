// SPDX-License-Identifier: BSL-1.0
//
// Other users, for tests of who may connect: child processes that give up being root. Only root has them.
#pragma once

#include "support.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <utility>
#include <vector>

namespace oizys::test
{

/// Whether there can be strangers; if not, ctest reports the case as skipped.
inline bool can_be_others()
{
    if (::geteuid() == 0)
        return true;
    std::cout << "OIZYS_SKIPPED: only root can be another user\n"; // ctest knows this line
    return false;
}

struct identity
{
    uid_t uid;
    gid_t gid;
    std::vector<gid_t> groups{};
};

/// A child process with another identity. What it has not finished within 20 seconds ends it.
class stranger
{
public:
    /// Runs `work`, whose result, 0 to 100, is the child's exit code.
    stranger(identity const& who, std::function<int()> const& work);

    /// Connects, and reads until the other end closes: the result is how many bytes came, or `cannot_connect`.
    static stranger that_connects(identity const& who, endpoint const& where);
    static constexpr int cannot_connect = 100;

    stranger(stranger&& other) noexcept : pid_{std::exchange(other.pid_, -1)} {}
    stranger& operator=(stranger&&) = delete;
    ~stranger();

    pid_t pid() const noexcept { return pid_; }

    /// Waits for its end, and returns its exit code; -1 if it was killed.
    int result();

private:
    pid_t pid_;
};

} // namespace oizys::test
