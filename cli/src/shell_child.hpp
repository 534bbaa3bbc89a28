// SPDX-License-Identifier: BSL-1.0
//
// A shell command that runs as a child process in a process group of its own, with bounds on its time and its output.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

namespace oizys::cli
{

struct shell_command
{
    std::string text;                     ///< what `sh -c` is given; nothing is put into it
    std::vector<std::string> arguments{}; ///< "$0", "$1" and so on
    std::string input{};                  ///< for standard input
    std::chrono::milliseconds timeout{30000};
    std::size_t max_output = 16u << 20; ///< bytes of standard output
};

struct shell_outcome
{
    enum class kind
    {
        exited,
        killed, ///< by a signal that was not ours
        timed_out,
        too_much, ///< output
        stopped,  ///< by stop()
    };

    kind how = kind::exited;
    int status = 0; ///< exit status, or number of the signal
    std::string output{};
    std::string errors{}; ///< the first 64 KiB of standard error
};

class shell_child : public std::enable_shared_from_this<shell_child>
{
public:
    using handler = std::function<void(shell_outcome)>;

    /// Starts the command. The handler is called once, when the command has ended and all its output was read.
    /// @throws boost::system::system_error  if it cannot be started
    static std::shared_ptr<shell_child> start(boost::asio::any_io_executor executor, shell_command command,
                                              handler on_end);

    /// SIGTERM to the command and all that it started; SIGKILL a second later.
    void stop(shell_outcome::kind why = shell_outcome::kind::stopped);

private:
    struct output
    {
        explicit output(boost::asio::any_io_executor const& e) : from{e} {}

        boost::asio::posix::stream_descriptor from;
        std::string room = std::string(16384, '\0');
        std::string* to = nullptr;
        std::size_t limit = 0;
        bool stop_beyond = false; ///< rather than drop what is too much
    };

    shell_child(boost::asio::any_io_executor const& executor, shell_command command, handler on_end);

    void spawn();
    void write_input();
    void read(output& from);
    void take(output& from, std::size_t bytes);
    void wait();
    void part_ended();
    void kill_later();

    shell_command command_;
    handler on_end_;
    boost::asio::posix::stream_descriptor input_;
    output output_;
    output errors_;
    boost::asio::posix::stream_descriptor process_;
    boost::asio::steady_timer timer_;
    pid_t pid_ = -1;
    int parts_ = 3; ///< what has not ended: the process, and its two outputs
    shell_outcome outcome_{};
};

} // namespace oizys::cli
