// SPDX-License-Identifier: BSL-1.0
//
// Decides when a server that nobody uses may end. Told what happens and when; whoever owns the listeners
// acts on it.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace oizys::rpc::detail
{

/// A server is idle when nobody has been connected for a while. To end then and lose nobody, it must not
/// accept a connection and drop it: accepting is stopped first, and the decision is made again once no
/// accept is pending any more. Whoever was accepted meanwhile is served, and whoever was not waits in the socket's
/// queue for the next process.
class idle_exit
{
public:
    using clock = std::chrono::steady_clock;

    /// Zero: never.
    explicit idle_exit(clock::duration after) noexcept : after_{after} {}

    void on_listening(clock::time_point now) noexcept { since_ = now; }
    void on_connected() noexcept { ++connections_; }
    void on_disconnected(clock::time_point now) noexcept
    {
        --connections_;
        since_ = now;
    }

    /// When `on_deadline` is to be called; nothing while that cannot lead to anything.
    std::optional<clock::time_point> deadline() const noexcept
    {
        if (after_ <= after_.zero() || connections_ != 0 || stopping_)
            return std::nullopt;
        return since_ + after_;
    }

    /// Whether to stop accepting now. It is too early if somebody has been there since the deadline was asked for.
    bool on_deadline(clock::time_point now) noexcept
    {
        stopping_ = is_due(now);
        return stopping_;
    }

    bool is_stopping() const noexcept { return stopping_; }

    /// No accept is pending any more. Whether to end; if not, to accept again.
    bool on_stopped(clock::time_point now) noexcept
    {
        stopping_ = false;
        return is_due(now);
    }

private:
    bool is_due(clock::time_point now) const noexcept
    {
        auto const when = deadline();
        return when && *when <= now;
    }

    clock::duration after_;
    clock::time_point since_{}; ///< nobody has been connected
    std::size_t connections_ = 0;
    bool stopping_ = false;
};

} // namespace oizys::rpc::detail
