// SPDX-License-Identifier: BSL-1.0
//
// Who calls, and what: given to a handler whose first parameter is a call_context&.
#pragma once

#include <oizys/api.hpp>

#include <oizys/credentials.hpp>

#include <string_view>

namespace oizys::rpc
{

class peer;

/// The call that is being served. Valid until the handler returns, or, if it answers later, until it has answered.
///
/// @par Thread safety  a handler that runs elsewhere than on the connection's executor may call everything but
///                     `caller()` there.
class OIZYS_API call_context
{
public:
    /// The other end: call it back, notify it, or keep it (which keeps the connection open). Refers to nothing when
    /// the connection has ended and everybody has let go of it.
    virtual peer caller() const = 0;
    virtual std::string_view method() const noexcept = 0;
    /// Nobody waits for an answer.
    virtual bool is_notification() const noexcept = 0;
    /// Who is at the other end, as the kernel reported it.
    virtual oizys::credentials credentials() const noexcept = 0;

protected:
    ~call_context() = default;
};

} // namespace oizys::rpc
