// SPDX-License-Identifier: BSL-1.0
//
// Who calls, and what: given to a handler whose first parameter is a call_context&.
#pragma once

#include <oizys/api.hpp>

#include <oizys/credentials.hpp>
#include <oizys/function.hpp>
#include <oizys/function_ref.hpp>
#include <oizys/rpc/codec/convert/core.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

namespace oizys::rpc
{

class peer;

namespace detail
{

class cancellation;

} // namespace detail

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
    /// When the caller stops waiting; nothing if it did not say. Calls that this one needs are given what is left with
    /// `call_options::within`.
    virtual std::optional<std::chrono::steady_clock::time_point> deadline() const noexcept = 0;
    /// What the caller gave as call_options::trace; empty if nothing.
    virtual std::string_view trace() const noexcept = 0;

    /// Whether nobody waits for the answer any more: the caller has cancelled the call, or given it up because its time
    /// was over, and has been answered so; or the connection has ended. From any thread.
    virtual bool cancelled() const noexcept = 0;
    /// Adds a handler that is called when that happens, on the peer's executor; soon, if it has. It is forgotten when the
    /// call has been answered. A call that is answered when its handler returns is not cancelled while that runs. From
    /// any thread.
    virtual void on_cancel(unique_function<void()> handler) = 0;
    /// A slot that is emitted to when that happens: for operations, and coroutines, on the peer's executor that end before
    /// the answer is given.
    virtual boost::asio::cancellation_slot cancellation_slot() = 0;

    /// Whether the caller wants to know how far the call is.
    virtual bool wants_progress() const noexcept = 0;
    /// Tells the caller how far the call is: any value that both agree on. It arrives before the answer; nothing is sent
    /// if the caller does not want it, or the call is over. How often is the handler's business. From any thread.
    template <class T>
    void progress(T const& report)
    {
        if (wants_progress())
            send_progress([&](writer& out) { write(out, report); });
    }

    /// For calls that this one needs; null if it cannot be cancelled.
    virtual std::shared_ptr<detail::cancellation> cancellation() noexcept = 0;

protected:
    ~call_context() = default;

private:
    virtual void send_progress(function_ref<void(writer&)> report) = 0;
};

} // namespace oizys::rpc
