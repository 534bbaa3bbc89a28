// SPDX-License-Identifier: BSL-1.0
#include "stranger.hpp"

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace oizys::test
{
namespace
{

bool become(identity const& who)
{
    return ::setgroups(who.groups.size(), who.groups.data()) == 0 &&
           ::setresgid(who.gid, who.gid, who.gid) == 0 && ::setresuid(who.uid, who.uid, who.uid) == 0;
}

int connect_and_read(detail::socket_address const& address)
{
    int const fd = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ::connect(fd, address.data(), address.size) != 0)
        return stranger::cannot_connect;
    int total = 0;
    std::array<char, 64> room;
    for (ssize_t n; (n = ::read(fd, room.data(), room.size())) > 0;)
        total += static_cast<int>(n);
    return total;
}

} // namespace

stranger::stranger(identity const& who, std::function<int()> const& work) : pid_{::fork()}
{
    if (pid_ < 0)
        throw std::system_error{errno, std::system_category(), "fork"};
    if (pid_ != 0)
        return;
    ::alarm(20);
    ::close_range(3, ~0u, 0); // connections of the parent's must end when the parent closes them
    constexpr int cannot_become = 111;
    ::_exit(become(who) ? work() : cannot_become);
}

stranger stranger::that_connects(identity const& who, endpoint const& where)
{
    auto const address = address_of(where);
    return {who, [&] { return connect_and_read(address); }};
}

stranger::~stranger()
{
    if (pid_ < 0)
        return;
    ::kill(pid_, SIGKILL);
    result();
}

int stranger::result()
{
    auto const pid = std::exchange(pid_, -1);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0)
    {
        if (errno != EINTR)
            throw std::system_error{errno, std::system_category(), "waitpid"};
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace oizys::test
