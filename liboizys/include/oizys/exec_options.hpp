// SPDX-License-Identifier: BSL-1.0
//
// How a child process that a session started comes to its end.
#pragma once

#include <chrono>
#include <functional>

namespace oizys
{

/// Options of the endpoints `exec:` and `exec+fd:`.
struct exec_options
{
    /// After the session has ended, for the child to exit by itself, as the end of its input asks it to. Then
    /// it is sent SIGTERM, and after the same time again SIGKILL. What it writes meanwhile is discarded.
    std::chrono::milliseconds grace{2000};

    /// Told once how the child ended: a status as wait(2) gives it, or -1 where somebody else collected it.
    /// Called on the session's executor, before or after `onclose`, also if the session was dropped;
    /// not called if the loop ends first. What it throws is dropped.
    std::function<void(int wait_status)> on_exit{};
};

} // namespace oizys
