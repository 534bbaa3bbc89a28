// SPDX-License-Identifier: BSL-1.0
//
// A child process, from its start until it is collected: asked to end, told to, made to. Signals go to its
// pidfd, so that they never reach another process that was given the same number.
#pragma once

#include <oizys/exec_options.hpp>
#include <oizys/unique_fd.hpp>

#include "spawn.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace oizys::detail
{

/// Kept by its own wait for the end of the child: it outlives the session, but not the loop. If the loop is
/// destroyed first, the destructor kills the child and waits for it, so that nothing stays behind.
///
/// SIGCHLD and the waiting of others for children of theirs are left alone.
/// If this process is killed, nobody signals the child; its input ends, and that must do. (A parent death
/// signal would also come when merely the thread ends that started the child.)
class child_process final : public std::enable_shared_from_this<child_process>
{
    struct only_start
    {};

public:
    /// Returns nothing with an error: those of spawn, and `function_not_supported` where the kernel has no
    /// pidfd_open (Linux before 5.3).
    static std::shared_ptr<child_process> start(boost::asio::any_io_executor const& executor,
                                                std::vector<std::string> const& words,
                                                child_descriptors const& descriptors, exec_options options,
                                                boost::system::error_code& ec);

    child_process(only_start, boost::asio::any_io_executor const& executor, pid_t pid, exec_options options);
    child_process(child_process const&) = delete;
    child_process& operator=(child_process const&) = delete;
    ~child_process();

    /// Nobody needs the child any more: it has the grace time to exit, then SIGTERM, then SIGKILL. What it writes
    /// to `output` until then is read and discarded: closed at once, that would kill it with SIGPIPE instead.
    void end(unique_fd output);

    /// Its number, for as long as nobody else can have it.
    std::optional<pid_t> pid() const noexcept;

private:
    void adopt(unique_fd pidfd, boost::system::error_code& ec);
    void watch();
    void on_ended();
    void report();
    bool collect();
    void send_after_grace(int signal);
    void discard(unique_fd output);
    void discard_more();

    boost::asio::posix::stream_descriptor pidfd_;
    boost::asio::posix::stream_descriptor output_; ///< what it says when nobody listens any more
    boost::asio::steady_timer grace_;
    exec_options options_;
    pid_t pid_;
    int status_ = -1;
    bool ending_ = false;
    bool collected_ = false;
};

} // namespace oizys::detail
