// SPDX-License-Identifier: BSL-1.0
#include "inject.hpp"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace oizys::test
{
namespace
{

struct plan
{
    int error = 0;
    std::size_t left = 0;
    std::size_t spared = 0;
    std::size_t failed = 0;
};

std::array<plan, 3> plans;

plan& plan_of(system_call what) { return plans[static_cast<std::size_t>(what)]; }

bool fails(system_call what)
{
    auto& p = plan_of(what);
    if (p.left == 0)
        return false;
    if (p.spared != 0)
    {
        --p.spared;
        return false;
    }
    --p.left;
    ++p.failed;
    errno = p.error;
    return true;
}

} // namespace

injected::injected(system_call what, int error, std::size_t times, std::size_t spared) : what_{what}
{
    plan_of(what) = {.error = error, .left = times, .spared = spared};
}

injected::~injected() { plan_of(what_) = {}; }

std::size_t injected::failed() const noexcept { return plan_of(what_).failed; }

} // namespace oizys::test

using oizys::test::fails;
using oizys::test::system_call;

extern "C" int accept4(int fd, sockaddr* address, socklen_t* size, int flags)
{
    return fails(system_call::accept) ? -1
                                      : static_cast<int>(::syscall(SYS_accept4, fd, address, size, flags));
}

extern "C" ssize_t sendmsg(int fd, msghdr const* message, int flags)
{
    return fails(system_call::send) ? -1 : ::syscall(SYS_sendmsg, fd, message, flags);
}

extern "C" ssize_t recvmsg(int fd, msghdr* message, int flags)
{
    return fails(system_call::receive) ? -1 : ::syscall(SYS_recvmsg, fd, message, flags);
}

extern "C" ssize_t recv(int fd, void* room, size_t size, int flags)
{
    return fails(system_call::receive) ? -1
                                       : ::syscall(SYS_recvfrom, fd, room, size, flags, nullptr, nullptr);
}
