// SPDX-License-Identifier: BSL-1.0
//
// Sessions with real child processes, and what became of them.
#pragma once

#include "integration/session/ends.hpp"

#include "exec_stream.hpp"
#include "stream_session.hpp"

#include <sys/wait.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace oizys::test
{

using detail::child_channel;
using words = std::vector<std::string>;

/// A session with a child. Must outlive the loop's handlers.
struct child
{
    std::shared_ptr<oizys::session> session;
    witness saw;
    std::vector<int> ends; ///< what on_exit was told

    child() = default;
    child(child const&) = delete;
    child& operator=(child const&) = delete;

    /// Starts it, and reads from it if that succeeds.
    error_code start(asio::io_context& io, words const& command, session_options const& options = {},
                     std::chrono::milliseconds grace = std::chrono::seconds{30},
                     child_channel channel = child_channel::stdio)
    {
        error_code ec;
        exec_options how{.grace = grace, .on_exit = [this](int status) { ends.push_back(status); }};
        auto stream = detail::make_exec_stream(io.get_executor(), command, channel, how, ec);
        CHECK(!stream == ec.failed());
        if (!stream)
            return ec;
        session = detail::make_handle(std::move(stream), options);
        saw.watch(*session);
        return ec;
    }

    bool exited_with(int code) const
    {
        return ends.size() == 1 && WIFEXITED(ends[0]) && WEXITSTATUS(ends[0]) == code;
    }
    bool killed_by(int signal) const
    {
        return ends.size() == 1 && WIFSIGNALED(ends[0]) && WTERMSIG(ends[0]) == signal;
    }
};

inline words shell(std::string const& script) { return {"sh", "-c", script}; }

/// Neither running nor waiting to be collected.
inline bool has_no_children()
{
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

} // namespace oizys::test
