// SPDX-License-Identifier: BSL-1.0
#include "shell_child.hpp"

#include <oizys/unique_fd.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

constexpr std::size_t max_errors = 65536;
constexpr std::chrono::milliseconds grace{1000};

void check(int error, char const* what)
{
    if (error != 0)
        throw boost::system::system_error{error, boost::system::system_category(), what};
}

struct pipe_ends
{
    pipe_ends()
    {
        std::array<int, 2> fds{};
        check(::pipe2(fds.data(), O_CLOEXEC) == 0 ? 0 : errno, "pipe");
        read = unique_fd{fds[0]};
        write = unique_fd{fds[1]};
    }

    unique_fd read;
    unique_fd write;
};

/// What the child does before it becomes the shell.
class spawn_plan
{
public:
    spawn_plan()
    {
        check(::posix_spawn_file_actions_init(&actions), "spawn");
        check(::posix_spawnattr_init(&attributes), "spawn");
        sigset_t set;
        sigemptyset(&set);
        check(::posix_spawnattr_setsigmask(&attributes, &set), "spawn");
        sigfillset(&set);
        check(::posix_spawnattr_setsigdefault(&attributes, &set), "spawn");
        check(::posix_spawnattr_setpgroup(&attributes, 0), "spawn");
        check(::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                          POSIX_SPAWN_SETPGROUP),
              "spawn");
    }
    spawn_plan(spawn_plan const&) = delete;
    spawn_plan& operator=(spawn_plan const&) = delete;
    ~spawn_plan()
    {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }

    void connect(int from, int to) { check(::posix_spawn_file_actions_adddup2(&actions, from, to), "spawn"); }
    void close_others() { check(::posix_spawn_file_actions_addclosefrom_np(&actions, 3), "spawn"); }

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

} // namespace

std::shared_ptr<shell_child> shell_child::start(asio::any_io_executor executor, shell_command command,
                                                handler on_end)
{
    std::shared_ptr<shell_child> made{new shell_child{executor, std::move(command), std::move(on_end)}};
    made->spawn();
    made->write_input();
    made->read(made->output_);
    made->read(made->errors_);
    made->wait();
    if (made->command_.timeout.count() > 0)
    {
        made->timer_.expires_after(made->command_.timeout);
        made->timer_.async_wait([made](boost::system::error_code cancelled) {
            if (!cancelled)
                made->stop(shell_outcome::kind::timed_out);
        });
    }
    return made;
}

shell_child::shell_child(asio::any_io_executor const& executor, shell_command command, handler on_end)
    : command_{std::move(command)}
    , on_end_{std::move(on_end)}
    , input_{executor}
    , output_{executor}
    , errors_{executor}
    , process_{executor}
    , timer_{executor}
{
    output_.to = &outcome_.output;
    output_.limit = command_.max_output;
    output_.stop_beyond = true;
    errors_.to = &outcome_.errors;
    errors_.limit = max_errors;
}

void shell_child::spawn()
{
    pipe_ends in;
    pipe_ends out;
    pipe_ends err;
    spawn_plan plan;
    plan.connect(in.read.get(), STDIN_FILENO);
    plan.connect(out.write.get(), STDOUT_FILENO);
    plan.connect(err.write.get(), STDERR_FILENO);
    plan.close_others();

    std::string shell = "sh";
    std::string option = "-c";
    std::vector<char*> words{shell.data(), option.data(), command_.text.data()};
    for (auto& argument : command_.arguments)
        words.push_back(argument.data());
    words.push_back(nullptr);
    check(::posix_spawn(&pid_, "/bin/sh", &plan.actions, &plan.attributes, words.data(), ::environ), "sh");

    auto const pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (pidfd < 0)
    {
        int const error = errno;
        ::kill(-pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        check(error, "pidfd_open");
    }
    process_.assign(pidfd);
    input_.assign(in.write.release());
    output_.from.assign(out.read.release());
    errors_.from.assign(err.read.release());
}

void shell_child::write_input()
{
    asio::async_write(input_, asio::buffer(command_.input),
                      [self = shared_from_this()](boost::system::error_code, std::size_t) {
                          // A command need not read what it is given.
                          boost::system::error_code ignored;
                          self->input_.close(ignored);
                      });
}

void shell_child::read(output& from)
{
    from.from.async_read_some(asio::buffer(from.room), [self = shared_from_this(),
                                                        &from](boost::system::error_code ec, std::size_t n) {
        self->take(from, n);
        if (ec)
            self->part_ended();
        else
            self->read(from);
    });
}

void shell_child::take(output& from, std::size_t bytes)
{
    auto const fits = std::min(bytes, from.limit - from.to->size());
    from.to->append(from.room, 0, fits);
    if (fits < bytes && from.stop_beyond)
        stop(shell_outcome::kind::too_much);
}

void shell_child::wait()
{
    process_.async_wait(asio::posix::stream_descriptor::wait_read,
                        [self = shared_from_this()](boost::system::error_code) { self->part_ended(); });
}

void shell_child::stop(shell_outcome::kind why)
{
    if (outcome_.how != shell_outcome::kind::exited || parts_ == 0)
        return;
    outcome_.how = why;
    // Its number is not given to others: the process has not been collected yet.
    ::kill(-pid_, SIGTERM);
    kill_later();
}

void shell_child::kill_later()
{
    timer_.expires_after(grace);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
        if (cancelled)
            return;
        ::kill(-self->pid_, SIGKILL);
        // What has left the group may hold the outputs open for ever; nobody waits for it.
        boost::system::error_code ignored;
        self->output_.from.close(ignored);
        self->errors_.from.close(ignored);
    });
}

void shell_child::part_ended()
{
    if (--parts_ > 0)
        return;
    timer_.cancel();
    boost::system::error_code ignored; // of what is closed already
    input_.close(ignored);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    if (outcome_.how == shell_outcome::kind::exited && WIFSIGNALED(status))
        outcome_.how = shell_outcome::kind::killed;
    outcome_.status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    std::exchange(on_end_, nullptr)(std::move(outcome_));
}

} // namespace oizys::cli
