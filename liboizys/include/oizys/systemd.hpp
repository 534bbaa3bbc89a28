// SPDX-License-Identifier: BSL-1.0
//
// What systemd and a service tell each other: the descriptors that it was started with, how it is doing,
// and that its loop still turns. Everything here does nothing, at no cost, in a program that systemd did
// not start. A listener on `systemd:` needs none of it.
#pragma once

#include <oizys/api.hpp>
#include <oizys/unique_fd.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::systemd
{

enum class descriptor_kind : std::uint8_t
{
    listener,   ///< a stream socket to accept connections on: ListenStream=
    connection, ///< a stream socket that is connected already: ListenStream= with Accept=yes
    datagram,   ///< a socket for datagrams or packets: ListenDatagram=, ListenSequentialPacket=
    other,      ///< not a socket: ListenFIFO=, OpenFile=, …
};

/// A descriptor that was handed over.
struct descriptor
{
    std::string name; ///< FileDescriptorName=; by default the socket unit's name, "connection" for Accept=yes
    int number = -1;
    descriptor_kind kind = descriptor_kind::other;
};

/// The descriptors that were handed over to this process and not taken yet.
///
/// The first call of this or of `take`, or the first listener on `systemd:`, reads LISTEN_PID, LISTEN_FDS and
/// LISTEN_FDNAMES and removes them from the environment, so that no program started later takes them for
/// its own; the descriptors become close-on-exec. Let it be before threads read the environment. A process
/// that was started without descriptors has none, and so has a fork()ed copy of one that has.
///
/// Fails, the same way each time, where the variables make no sense or name what is not open.
/// @par Thread safety  safe
OIZYS_API std::vector<descriptor> descriptors(boost::system::error_code& ec);

/// Hands over the one descriptor that is named `name` and was not taken yet, whatever its kind; with an empty
/// name, the only one that is left.
///
/// Fails with `errc::no_descriptor`, `errc::ambiguous_descriptor`, or as `descriptors` does.
/// @par Thread safety  safe
OIZYS_API unique_fd take(std::string_view name, boost::system::error_code& ec);

/// What a descriptor is.
OIZYS_API descriptor_kind kind_of(int fd) noexcept;

// Telling systemd how this service is doing (`Type=notify`, sd_notify(3)). Each function returns what kept
// the message from being sent; without NOTIFY_SOCKET there is nobody to tell, and they succeed. NOTIFY_SOCKET
// stays in the environment: systemd hears the main process only, unless NotifyAccess= says otherwise. A
// message waits for room when systemd is behind with reading. All are safe to be called by any thread.

/// Whether somebody wants to be told.
OIZYS_API bool is_notified() noexcept;

/// READY=1: it serves; also when what `notify_reloading` began is done.
OIZYS_API boost::system::error_code notify_ready() noexcept;
/// STATUS=: a line for people, shown by `systemctl status`. Control characters become spaces.
OIZYS_API boost::system::error_code notify_status(std::string_view text);
/// RELOADING=1: it reads its configuration anew.
OIZYS_API boost::system::error_code notify_reloading();
/// STOPPING=1: it is about to end.
OIZYS_API boost::system::error_code notify_stopping() noexcept;
/// WATCHDOG=1: it is alive. A `watchdog` says so by itself.
OIZYS_API boost::system::error_code notify_alive() noexcept;

/// Tells systemd that an event loop turns (`WatchdogSec=`): a timer of the loop says WATCHDOG=1 each half of
/// that time. A handler that blocks the loop blocks the timer too, and systemd restarts the service.
///
/// A timer is something to wait for: `io_context::run()` does not return before `stop`.
/// @par Thread safety  distinct objects: safe; shared objects: unsafe. It is called on its executor.
/// @par Lifetime       destroying it stops it.
class OIZYS_API watchdog
{
public:
    /// Starts, if WATCHDOG_USEC and WATCHDOG_PID say that this process is watched.
    /// @throws boost::system::system_error  where they make no sense
    explicit watchdog(boost::asio::any_io_executor executor);
    watchdog(boost::asio::any_io_executor executor, boost::system::error_code& ec);
    watchdog(watchdog&&) noexcept;
    watchdog& operator=(watchdog&&) noexcept;
    ~watchdog();

    /// Whether it is telling systemd now.
    bool is_active() const noexcept;
    /// How long systemd waits for a sign of life; zero if the process is not watched.
    std::chrono::microseconds limit() const noexcept;
    /// What kept the last message from being sent. The next one is sent all the same.
    boost::system::error_code last_error() const noexcept;

    void stop() noexcept;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace oizys::systemd
