// SPDX-License-Identifier: BSL-1.0
//
// A copy of the test's process that does something with descriptors of its own, and open descriptors.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <system_error>
#include <utility>

namespace oizys::test
{

/// Runs `body` with these descriptors as its 0, 1 and 2, and no others; exits with what it returns. Killed
/// and collected at the end at the latest.
class forked
{
public:
    template <class Body>
    forked(int in, int out, int errors, Body body) : pid_{fork_without_output()}
    {
        if (pid_ < 0)
            throw std::system_error{errno, std::generic_category(), "fork"};
        if (pid_ != 0)
            return;
        int const given[] = {in, out, errors};
        int moved[3];
        for (int i = 0; i < 3; ++i)
            moved[i] = ::fcntl(given[i], F_DUPFD, 10);
        for (int i = 0; i < 3; ++i)
            ::dup2(moved[i], i);
        ::close_range(3, ~0u, 0);
        ::_exit(body());
    }
    forked(forked const&) = delete;
    forked& operator=(forked const&) = delete;
    ~forked()
    {
        if (pid_ <= 0)
            return;
        ::kill(pid_, SIGKILL);
        wait();
    }

    void kill() const { ::kill(pid_, SIGKILL); }

    /// Its status, as wait(2) gives it.
    int wait()
    {
        int status = -1;
        auto const pid = std::exchange(pid_, -1);
        while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
        return status;
    }

private:
    // What is printed and not written yet would be written by both.
    static pid_t fork_without_output()
    {
        std::fflush(nullptr);
        std::cout.flush();
        return ::fork();
    }

    pid_t pid_;
};

/// How many descriptors this process has open.
inline std::size_t open_descriptors()
{
    namespace fs = std::filesystem;
    auto const count = std::distance(fs::directory_iterator{"/proc/self/fd"}, fs::directory_iterator{});
    return static_cast<std::size_t>(count) - 1; // the one that lists them
}

} // namespace oizys::test
