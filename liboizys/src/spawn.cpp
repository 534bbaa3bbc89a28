// SPDX-License-Identifier: BSL-1.0
#include "spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace oizys::detail
{

namespace
{

// What systemd told this process alone: a child must not report for it, feed its watchdog or take its sockets.
constexpr std::string_view own_variables[] = {
    "NOTIFY_SOCKET=", "WATCHDOG_USEC=", "WATCHDOG_PID=", "LISTEN_FDS=", "LISTEN_PID=", "LISTEN_FDNAMES="};

// Ours, which must not change meanwhile.
std::vector<char*> inherited_environment()
{
    std::vector<char*> result;
    for (auto at = ::environ; at != nullptr && *at != nullptr; ++at)
    {
        auto const is_own = [text = std::string_view{*at}](auto name) { return text.starts_with(name); };
        if (std::ranges::none_of(own_variables, is_own))
            result.push_back(*at);
    }
    result.push_back(nullptr);
    return result;
}

// What the child does before it becomes the program. The functions fail only for want of memory; the first
// error is kept.
class plan
{
public:
    plan()
    {
        note(::posix_spawn_file_actions_init(&actions_));
        note(::posix_spawnattr_init(&attributes_));
    }
    plan(plan const&) = delete;
    plan& operator=(plan const&) = delete;
    ~plan()
    {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    void connect(int from, int to) { note(::posix_spawn_file_actions_adddup2(&actions_, from, to)); }

    void connect_null(int to, int mode)
    {
        note(::posix_spawn_file_actions_addopen(&actions_, to, "/dev/null", mode, 0));
    }

    // Where we have none, or something else under that number: a program's first open file must not become
    // what it takes for its output.
    void pass(int fd)
    {
        int const flags = ::fcntl(fd, F_GETFD);
        if (flags < 0 || (flags & FD_CLOEXEC) != 0)
            connect_null(fd, O_WRONLY);
    }

    // Also what other code of this process forgot to mark close-on-exec.
    void close_from(int first) { note(::posix_spawn_file_actions_addclosefrom_np(&actions_, first)); }

    void reset_signals()
    {
        sigset_t set;
        sigemptyset(&set);
        note(::posix_spawnattr_setsigmask(&attributes_, &set));
        sigfillset(&set);
        note(::posix_spawnattr_setsigdefault(&attributes_, &set));
        note(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    }

    int run(std::vector<std::string> const& words, pid_t& child)
    {
        if (error_ != 0)
            return error_;
        std::vector<char*> arguments;
        arguments.reserve(words.size() + 1);
        for (auto const& word : words)
            arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        auto environment = inherited_environment();
        return ::posix_spawnp(&child, arguments[0], &actions_, &attributes_, arguments.data(),
                              environment.data());
    }

private:
    void note(int error) noexcept
    {
        if (error_ == 0)
            error_ = error;
    }

    posix_spawn_file_actions_t actions_;
    posix_spawnattr_t attributes_;
    int error_ = 0;
};

} // namespace

pid_t spawn(std::vector<std::string> const& words, child_descriptors const& descriptors,
            boost::system::error_code& ec)
{
    bool const has_nul = std::any_of(words.begin(), words.end(), [](std::string const& word) {
        return word.find('\0') != std::string::npos;
    });
    if (words.empty() || has_nul)
    {
        ec.assign(EINVAL, boost::system::system_category());
        return -1;
    }

    plan p;
    if (descriptors.in >= 0)
        p.connect(descriptors.in, STDIN_FILENO);
    else
        p.connect_null(STDIN_FILENO, O_RDONLY);
    if (descriptors.out >= 0)
        p.connect(descriptors.out, STDOUT_FILENO);
    else
        p.pass(STDOUT_FILENO);
    p.pass(STDERR_FILENO);
    if (descriptors.three >= 0)
        p.connect(descriptors.three, 3);
    p.close_from(descriptors.three >= 0 ? 4 : 3);
    p.reset_signals();

    pid_t child = -1;
    int const error = p.run(words, child);
    ec.assign(error, boost::system::system_category());
    return error == 0 ? child : -1;
}

} // namespace oizys::detail
