// SPDX-License-Identifier: BSL-1.0
//
// What the tests of systemd share: processes that were started with descriptors, and variables of the environment.
#pragma once

#include <oizys/unique_fd.hpp>

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace oizys::test
{

/// What a function returns in a child of this process: that one has not looked at its descriptors yet.
inline std::string in_child(std::function<std::string()> const& work)
{
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    unique_fd const from_child{ends[0]};
    std::optional<unique_fd> to_parent{ends[1]};
    auto const child = ::fork();
    if (child == 0)
    {
        ::alarm(30);
        int const out =
            ::fcntl(to_parent->get(), F_DUPFD_CLOEXEC, 100); // out of the way of what is handed over
        std::string said;
        try
        {
            said = work();
        }
        catch (std::exception const& e)
        {
            said = std::string{"threw "} + e.what();
        }
        auto const written = ::write(out, said.data(), said.size());
        ::_exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
    }
    to_parent.reset();
    std::string said;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(from_child.get(), buffer, sizeof buffer)) > 0;)
        said.append(buffer, static_cast<std::size_t>(n));
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    return said;
}

/// Evaluated in order, as the operands of + are not.
inline std::string lines(std::initializer_list<std::string> all)
{
    std::string result;
    for (auto const& line : all)
        result += line + '\n';
    return result;
}

/// Does in a child what systemd does before it executes a service: descriptors from 3 on, and the variables.
inline void hand_over(std::vector<int> fds, char const* names)
{
    for (auto& fd : fds)
        fd = ::fcntl(fd, F_DUPFD_CLOEXEC, 50);
    for (std::size_t i = 0; i < fds.size(); ++i)
        ::dup2(fds[i], static_cast<int>(3 + i));
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", std::to_string(fds.size()).c_str(), 1);
    if (names != nullptr)
        ::setenv("LISTEN_FDNAMES", names, 1);
}

/// A variable that is set, or absent, while this lives.
class variable
{
public:
    variable(char const* name, std::optional<std::string> const& value) : name_{name}
    {
        if (auto const* const old = std::getenv(name))
            before_ = old;
        set(value);
    }
    variable(variable const&) = delete;
    variable& operator=(variable const&) = delete;
    ~variable() { set(before_); }

private:
    void set(std::optional<std::string> const& value)
    {
        if (value)
            ::setenv(name_, value->c_str(), 1);
        else
            ::unsetenv(name_);
    }

    char const* name_;
    std::optional<std::string> before_;
};

} // namespace oizys::test
