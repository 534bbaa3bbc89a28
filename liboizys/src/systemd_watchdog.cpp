// SPDX-License-Identifier: BSL-1.0
#include <oizys/systemd.hpp>
#include <oizys/timeout.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <utility>

namespace oizys::systemd
{
namespace
{

/// WATCHDOG_USEC, if it is meant for this process and there is somebody to tell; else zero.
std::chrono::microseconds read_limit(boost::system::error_code& ec)
{
    ec.clear();
    std::uint64_t limit = 0;
    int const watched = is_notified() ? ::sd_watchdog_enabled(0, &limit) : 0;
    if (watched < 0)
        ec.assign(-watched, boost::system::system_category());
    if (watched <= 0)
        return {};
    constexpr std::chrono::microseconds longest = longest_timeout;
    return std::chrono::microseconds{std::min(limit, static_cast<std::uint64_t>(longest.count()))};
}

} // namespace

struct watchdog::impl final : std::enable_shared_from_this<impl>
{
    impl(boost::asio::any_io_executor const& executor, std::chrono::microseconds l)
        : limit{l}, timer{executor}
    {
    }

    void wait()
    {
        using namespace std::chrono_literals;
        // Whatever the limit: a loop that only says that it turns has no time for anything else.
        timer.expires_after(std::max<std::chrono::microseconds>(limit / 2, 1ms));
        timer.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
            auto const self = weak.lock();
            if (cancelled || !self || !self->active)
                return;
            self->last_error = notify_alive();
            self->wait();
        });
    }

    void stop() noexcept
    {
        active = false;
        timer.cancel();
    }

    std::chrono::microseconds limit;
    boost::asio::steady_timer timer;
    boost::system::error_code last_error;
    bool active = true;
};

watchdog::watchdog(boost::asio::any_io_executor executor, boost::system::error_code& ec)
{
    auto const limit = read_limit(ec);
    if (ec || limit == limit.zero())
        return;
    impl_ = std::make_shared<impl>(executor, limit);
    impl_->wait();
}

watchdog::watchdog(boost::asio::any_io_executor executor)
{
    boost::system::error_code ec;
    *this = watchdog{std::move(executor), ec};
    if (ec)
        throw boost::system::system_error{ec, "oizys::systemd::watchdog: WATCHDOG_USEC or WATCHDOG_PID"};
}

watchdog::watchdog(watchdog&&) noexcept = default;

watchdog& watchdog::operator=(watchdog&& other) noexcept
{
    watchdog old{std::move(*this)};
    impl_ = std::move(other.impl_);
    return *this;
}

watchdog::~watchdog() { stop(); }

bool watchdog::is_active() const noexcept { return impl_ && impl_->active; }

std::chrono::microseconds watchdog::limit() const noexcept
{
    return impl_ ? impl_->limit : std::chrono::microseconds::zero();
}

boost::system::error_code watchdog::last_error() const noexcept
{
    return impl_ ? impl_->last_error : boost::system::error_code{};
}

void watchdog::stop() noexcept
{
    if (impl_)
        impl_->stop();
}

} // namespace oizys::systemd
