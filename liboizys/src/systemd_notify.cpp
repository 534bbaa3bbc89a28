// SPDX-License-Identifier: BSL-1.0
#include <oizys/systemd.hpp>

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdlib>

namespace oizys::systemd
{
namespace
{

boost::system::error_code notify(char const* assignments) noexcept
{
    int const sent = ::sd_notify(0, assignments);
    return {sent < 0 ? -sent : 0, boost::system::system_category()};
}

} // namespace

bool is_notified() noexcept
{
    return std::getenv("NOTIFY_SOCKET") != nullptr; // NOLINT(concurrency-mt-unsafe): nothing here sets any
}

boost::system::error_code notify_ready() noexcept { return notify("READY=1"); }
boost::system::error_code notify_stopping() noexcept { return notify("STOPPING=1"); }
boost::system::error_code notify_alive() noexcept { return notify("WATCHDOG=1"); }

boost::system::error_code notify_status(std::string_view text)
{
    if (!is_notified())
        return {};
    std::string message{"STATUS="};
    auto const begin = message.size();
    message += text;
    // A line feed would end the line, and what is behind it could tell systemd anything.
    std::replace_if(
        message.begin() + static_cast<std::ptrdiff_t>(begin), message.end(),
        [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return notify(message.c_str());
}

boost::system::error_code notify_reloading()
{
    if (!is_notified())
        return {};
    // systemd 253 and later want to know when it began (Type=notify-reload): CLOCK_MONOTONIC, as steady_clock is.
    auto const now = std::chrono::steady_clock::now().time_since_epoch();
    auto const microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    return notify(("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds)).c_str());
}

} // namespace oizys::systemd
