// SPDX-License-Identifier: BSL-1.0
//
// What must have happened on a session by when: opening, writing, signs of life, closing. No I/O, no
// timer: it is told what happens and what time it is, and says what is overdue.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace oizys::detail
{

/// Bounds of time of one session; zero: none.
struct session_timeouts
{
    std::chrono::milliseconds write{0}; ///< while something waits to be written and nothing can be
    std::chrono::milliseconds idle{0};  ///< without a message in either direction
    std::chrono::milliseconds ping_interval{0};
    std::chrono::milliseconds ping_timeout{0};
};

/// Traffic is only marked, which costs nothing; the marks are looked at when a deadline has come. A session that
/// is watched for silence is therefore found silent up to a quarter of the bound too late, never too early.
class session_deadlines
{
public:
    using clock = std::chrono::steady_clock;

    enum class verdict : std::uint8_t
    {
        none,
        handshake, ///< the other end has not said what it speaks
        close,     ///< what is queued could not be sent
        write,     ///< the other end does not read
        idle,      ///< nobody has said anything
        ping,      ///< it is time to ask for a sign of life
        vanished,  ///< which did not come
    };

    explicit session_deadlines(session_timeouts const& timeouts) noexcept : timeouts_{timeouts}
    {
        deadlines_.fill(never);
    }

    void start_handshake(clock::time_point until) noexcept { at(verdict::handshake) = until; }
    void end_handshake() noexcept { at(verdict::handshake) = never; }
    void start_close(clock::time_point until) noexcept { at(verdict::close) = until; }
    void end_close() noexcept { at(verdict::close) = never; }

    /// From now on silence counts: of messages, and of the other end.
    void start_idle(clock::time_point now) noexcept;
    void start_ping(clock::time_point now) noexcept;
    /// Something waits to be written, and cannot be.
    void start_write(clock::time_point now) noexcept;
    /// All was written.
    void end_write() noexcept { at(verdict::write) = never; }

    void on_received() noexcept { received_ = true; } ///< bytes: a sign of life
    /// Who does not read hears nothing, which is not the other end's fault. That one is still asked, because it hears
    /// that.
    void on_deaf() noexcept { deaf_ = true; }
    void on_message() noexcept { active_ = true; } ///< in either direction
    void on_written() noexcept { written_ = true; }

    /// When to look again; nothing: not before something is started.
    std::optional<clock::time_point> next() const noexcept;

    /// What is overdue; call it until it says `none`. After `ping`, one is to be sent.
    verdict look(clock::time_point now) noexcept;

private:
    static constexpr clock::time_point never = clock::time_point::max();
    static constexpr unsigned steps = 4; ///< in which silence is measured

    clock::time_point& at(verdict v) noexcept { return deadlines_[static_cast<std::size_t>(v)]; }
    verdict look_idle(clock::time_point now) noexcept;
    verdict look_ping(clock::time_point now) noexcept;

    session_timeouts timeouts_;
    std::array<clock::time_point, static_cast<std::size_t>(verdict::vanished)> deadlines_;
    std::uint8_t quiet_steps_ = 0;  ///< of idle, since the last message
    std::uint8_t silent_steps_ = 0; ///< of ping, since anything was received
    bool pinged_ = false;
    bool received_ = false;
    bool deaf_ = false; ///< since the last look
    bool active_ = false;
    bool written_ = false;
};

} // namespace oizys::detail
