// SPDX-License-Identifier: BSL-1.0
#include "session_deadlines.hpp"

#include <oizys/timeout.hpp>

#include <utility>

namespace oizys::detail
{

using std::chrono::milliseconds;

void session_deadlines::start_idle(clock::time_point now) noexcept
{
    if (timeouts_.idle > milliseconds::zero())
        at(verdict::idle) = now + clamp_timeout(timeouts_.idle) / steps;
}

void session_deadlines::start_ping(clock::time_point now) noexcept
{
    if (timeouts_.ping_interval > milliseconds::zero())
        at(verdict::ping) = now + clamp_timeout(timeouts_.ping_interval) / steps;
}

void session_deadlines::start_write(clock::time_point now) noexcept
{
    if (timeouts_.write > milliseconds::zero() && at(verdict::write) == never)
    {
        at(verdict::write) = now + clamp_timeout(timeouts_.write);
        written_ = false;
    }
}

std::optional<session_deadlines::clock::time_point> session_deadlines::next() const noexcept
{
    auto const first = *std::ranges::min_element(deadlines_);
    return first == never ? std::nullopt : std::optional{first};
}

session_deadlines::verdict session_deadlines::look(clock::time_point now) noexcept
{
    for (auto const what : {verdict::handshake, verdict::close})
    {
        if (at(what) <= now)
        {
            at(what) = never;
            return what;
        }
    }
    if (at(verdict::write) <= now)
    {
        at(verdict::write) = now + clamp_timeout(timeouts_.write);
        if (!std::exchange(written_, false))
            return verdict::write;
    }
    if (at(verdict::idle) <= now && look_idle(now) != verdict::none)
        return verdict::idle;
    return at(verdict::ping) <= now ? look_ping(now) : verdict::none;
}

session_deadlines::verdict session_deadlines::look_idle(clock::time_point now) noexcept
{
    at(verdict::idle) = now + clamp_timeout(timeouts_.idle) / steps;
    quiet_steps_ = std::exchange(active_, false) ? 0 : static_cast<std::uint8_t>(quiet_steps_ + 1);
    return quiet_steps_ >= steps ? verdict::idle : verdict::none;
}

// Whatever is received is a sign of life: a pong may stand behind a long message.
session_deadlines::verdict session_deadlines::look_ping(clock::time_point now) noexcept
{
    if (std::exchange(received_, false))
    {
        silent_steps_ = 0;
        pinged_ = false;
    }
    else
        ++silent_steps_;
    if (std::exchange(deaf_, false))
        pinged_ = false;
    if (silent_steps_ < steps)
    {
        auto const bound = pinged_ ? timeouts_.ping_timeout : timeouts_.ping_interval;
        at(verdict::ping) = now + clamp_timeout(bound) / steps;
        return verdict::none;
    }
    if (std::exchange(pinged_, true))
        return verdict::vanished;
    silent_steps_ = 0;
    at(verdict::ping) = now + clamp_timeout(timeouts_.ping_timeout) / steps;
    return verdict::ping;
}

} // namespace oizys::detail
