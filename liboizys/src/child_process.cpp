// SPDX-License-Identifier: BSL-1.0
#include "child_process.hpp"

#include <oizys/timeout.hpp>

#include "endpoint_socket.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

// glibc 2.36 forgot to say so itself. What it includes was included above.
extern "C"
{
#include <sys/pidfd.h>
}

namespace oizys::detail
{

using boost::system::error_code;

namespace
{

// What waitpid would have said.
int wait_status(siginfo_t const& info) noexcept
{
    constexpr int core_dumped = 0x80;
    if (info.si_code == CLD_EXITED)
        return (info.si_status & 0xff) << 8;
    return info.si_status | (info.si_code == CLD_DUMPED ? core_dumped : 0);
}

} // namespace

std::shared_ptr<child_process> child_process::start(boost::asio::any_io_executor const& executor,
                                                    std::vector<std::string> const& words,
                                                    child_descriptors const& descriptors,
                                                    exec_options options, error_code& ec)
{
    auto const pid = spawn(words, descriptors, ec);
    if (ec)
        return nullptr;
    auto child = std::make_shared<child_process>(only_start{}, executor, pid, std::move(options));
    child->adopt(unique_fd{::pidfd_open(pid, 0)}, ec);
    if (ec)
        return nullptr;
    if (!child->collected_)
        child->watch();
    return child;
}

child_process::child_process(only_start, boost::asio::any_io_executor const& executor, pid_t pid,
                             exec_options options)
    : pidfd_{executor}, output_{executor}, grace_{executor}, options_{std::move(options)}, pid_{pid}
{
}

void child_process::adopt(unique_fd pidfd, error_code& ec)
{
    if (!pidfd)
        ec = last_error();
    else
        pidfd_.assign(pidfd.get(), ec);
    if (!ec)
    {
        pidfd.release();
        return;
    }
    collected_ = true;
    if (ec == boost::system::errc::no_such_process)
    {
        // It has ended and somebody has collected it: the kernel does, where SIGCHLD is ignored.
        ec.clear();
        boost::asio::post(grace_.get_executor(), [self = shared_from_this()] { self->report(); });
        return;
    }
    // Nobody but us collects it, so the number is still its own.
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
}

child_process::~child_process()
{
    if (collected_)
        return;
    // The loop is gone. Who may not be killed (it changed its user) is not waited for.
    bool const will_end =
        ::pidfd_send_signal(pidfd_.native_handle(), SIGKILL, nullptr, 0) == 0 || errno == ESRCH;
    pollfd ended{.fd = pidfd_.native_handle(), .events = POLLIN, .revents = 0};
    while (will_end && ::poll(&ended, 1, -1) < 0 && errno == EINTR) {}
    collect();
}

void child_process::watch()
{
    pidfd_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](error_code ec) {
                          if (!ec) // else nobody watches any more, and the destructor collects it
                              self->on_ended();
                      });
}

void child_process::on_ended()
{
    if (!collect())
        return watch(); // woken for nothing
    grace_.cancel();
    error_code ec; // ignored: the descriptor is gone in any case
    pidfd_.close(ec);
    output_.close(ec);
    report();
}

void child_process::report()
{
    auto const on_exit = std::exchange(options_.on_exit, {});
    if (!on_exit)
        return;
    try
    {
        on_exit(status_);
    }
    catch (...) // the child has ended and its user was told: nobody is left to report this to
    {
    }
}

// Returns whether the child has ended; takes its status if so. Nothing but its pidfd is asked, so that
// no other child is collected.
bool child_process::collect()
{
    siginfo_t info{};
    auto const pidfd = static_cast<id_t>(pidfd_.native_handle());
    int result = 0;
    do
        result = ::waitid(P_PIDFD, pidfd, &info, WEXITED | WNOHANG);
    while (result < 0 && errno == EINTR);
    if (result == 0 && info.si_pid != 0)
        status_ = wait_status(info);
    // EAGAIN: Asio made the pidfd non-blocking. Any other error: somebody else has collected the child.
    bool const runs = result == 0 ? info.si_pid == 0 : errno == EAGAIN;
    collected_ = !runs;
    return collected_;
}

void child_process::end(unique_fd output)
{
    if (collected_ || std::exchange(ending_, true))
        return;
    discard(std::move(output));
    send_after_grace(SIGTERM);
}

void child_process::discard(unique_fd output)
{
    error_code ec;
    if (output)
        output_.assign(output.get(), ec);
    if (!output || ec) // short of memory: then it is closed
        return;
    output.release();
    discard_more();
}

void child_process::discard_more()
{
    output_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](error_code ec) {
            if (ec)
                return;
            std::array<char, 16384> room;
            auto const n = ::read(self->output_.native_handle(), room.data(), room.size());
            if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
                return self->discard_more();
            self->output_.close(ec); // it has closed its end, and nobody can be told of an error
        });
}

void child_process::send_after_grace(int signal)
{
    grace_.expires_after(clamp_timeout(options_.grace));
    grace_.async_wait([self = shared_from_this(), signal](error_code ec) {
        if (ec || self->collected_)
            return;
        ::pidfd_send_signal(self->pidfd_.native_handle(), signal, nullptr, 0); // fails where it has ended
        if (signal == SIGTERM)
            self->send_after_grace(SIGKILL);
    });
}

std::optional<pid_t> child_process::pid() const noexcept
{
    return collected_ ? std::nullopt : std::optional{pid_};
}

} // namespace oizys::detail
