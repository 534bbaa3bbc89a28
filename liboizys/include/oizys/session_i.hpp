// SPDX-License-Identifier: BSL-1.0
//
// The seam between the ways to reach another process and everything that exchanges messages.
#pragma once

#include <oizys/api.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <functional>
#include <string>

namespace oizys
{

/// Told why the session ended: success after an orderly local close, else the error
/// (`boost::asio::error::eof` when the other end closed).
using close_handler = std::function<void(boost::system::error_code)>;

/// Given each message that arrives. The reference is valid during the call.
using message_handler = std::function<void(std::string const& message)>;

/// Exchanges whole messages with one other process, in order; where both ends have negotiated, short messages may
/// overtake a long one (docs/protocol.md, section 6).
///
/// @par Thread safety  distinct objects: safe; shared objects: unsafe. A session is called on its
///                     executor, and calls its handlers there.
/// @par Lifetime       dropping the last reference closes the session; no handler runs after that.
///                     It may be dropped or closed within any of its handlers.
class OIZYS_API session_i
{
public:
    virtual ~session_i() = default;

    /// Queues a message and returns how many are queued now, this one included.
    ///
    /// All that is sent in one turn of the loop is written together at its end. Arrival at the
    /// other end is not reported.
    /// @throws boost::system::system_error  `errc::message_empty`, `message_too_large`, `queue_full`,
    ///         `session_closed`; the message was not queued.
    virtual std::size_t send(std::string const& message) = 0;

    /// Sets the handler that is told when the session ends; it is called once, never inside this
    /// function, and soon if the session is closed already.
    /// @throws std::logic_error  if one is set already.
    virtual void set_onclose(close_handler handler) = 0;

    /// Sets the handler of messages and starts to read. Until then, the other end's close is not noticed.
    ///
    /// An exception that leaves the handler closes the session with `errc::handler_failed`.
    /// @throws std::logic_error  if one is set already.
    virtual void set_onmessage(message_handler handler) = 0;

    /// Stops reading, sends what is queued (at most for `close_timeout`) and closes. All handlers are
    /// released after `onclose` was called.
    virtual void close() = 0;
};

} // namespace oizys
