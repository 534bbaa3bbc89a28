// SPDX-License-Identifier: BSL-1.0
#include "quiet_write.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>

namespace oizys::detail
{

// The kernel sends SIGPIPE to the thread that writes. There it is blocked meanwhile, and taken back: two
// more system calls per write, but neither a global state nor a race with other threads.
ssize_t quiet_write(int fd, std::span<iovec const> pieces) noexcept
{
    sigset_t sigpipe;
    sigset_t mask;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe, &mask);
    bool const was_blocked = sigismember(&mask, SIGPIPE) == 1;
    bool was_pending = false; // only a blocked signal can be
    if (was_blocked)
    {
        sigset_t pending;
        sigpending(&pending);
        was_pending = sigismember(&pending, SIGPIPE) == 1;
    }

    ssize_t written = 0;
    do
        written = ::writev(fd, pieces.data(), static_cast<int>(pieces.size()));
    while (written < 0 && errno == EINTR);

    int const error = errno;
    if (written < 0 && error == EPIPE && !was_pending)
    {
        timespec const at_once{};
        while (sigtimedwait(&sigpipe, nullptr, &at_once) < 0 && errno == EINTR) {}
    }
    if (!was_blocked)
        pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    errno = error;
    return written;
}

} // namespace oizys::detail
