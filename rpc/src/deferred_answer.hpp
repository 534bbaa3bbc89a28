// SPDX-License-Identifier: BSL-1.0
//
// What a reply<R> needs to remember of the call that it answers.
#pragma once

#include "batch_answer.hpp"
#include "core/budget.hpp"
#include "core/cancellation.hpp"
#include "core/served_calls.hpp"
#include "interception.hpp"
#include "protocol/notice.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/codec/error.hpp>
#include <oizys/rpc/peer.hpp>
#include <oizys/rpc/protocol/protocol.hpp>
#include <oizys/rpc/reply.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace oizys::rpc::detail
{

class outgoing_stream;

/// What is served and not answered yet.
using served_table = served_calls<std::shared_ptr<deferred_answer::state>>;

class deferred_answer::state final : public call_context, public std::enable_shared_from_this<state>
{
public:
    /// Bytes that are charged for one, besides its id and its method's name: more than it takes, since its method keeps something too.
    static constexpr std::size_t size = 1024;

    state(charge k, interception a) noexcept : kept{std::move(k)}, around{std::move(a)} {}

    rpc::peer caller() const override;
    std::string_view method() const noexcept override { return called; }
    bool is_notification() const noexcept override { return id.empty(); }
    oizys::credentials credentials() const noexcept override { return *of_caller; }
    std::optional<std::chrono::steady_clock::time_point> deadline() const noexcept override { return until; }
    std::string_view trace() const noexcept override { return trace_text; }
    bool wants_progress() const noexcept override { return !progress_token.empty(); }
    bool cancelled() const noexcept override { return fate.cancelled(); }
    void on_cancel(unique_function<void()> handler) override;
    boost::asio::cancellation_slot cancellation_slot() override;
    std::shared_ptr<detail::cancellation> cancellation() noexcept override
    {
        return {shared_from_this(), &fate};
    }

    charge kept;
    interception around;
    std::atomic<unsigned> handles = 1;
    std::atomic<bool> given = false; ///< by one of them
    std::shared_ptr<void> slot;      ///< of who runs the handler; used by the last handle
    std::weak_ptr<peer_impl> peer;
    boost::asio::any_io_executor executor;
    std::shared_ptr<batch_answer> batch; ///< null: the answer is a message of its own
    std::string id;                      ///< as it came; empty: a notification, nothing is sent
    std::string called;                  ///< the method
    std::shared_ptr<oizys::credentials const> of_caller;
    codec_limits limits;
    rpc::protocol protocol;
    bool expose = false; ///< what was thrown may be told
    std::optional<std::chrono::steady_clock::time_point> until;
    std::string trace_text;
    std::string progress_token; ///< encoded; empty: nobody wants to know
    std::uint32_t credit = 0;   ///< 0: the caller does not know streams
    std::shared_ptr<budget> stream_places;
    std::uint32_t most_credit = 0;
    std::weak_ptr<outgoing_stream> stream;    ///< used on the executor only
    std::optional<served_table::place> place; ///< used on the executor only: in the peer's table
    detail::cancellation fate;
    std::unique_ptr<boost::asio::cancellation_signal> signal;
    bool answered = false; ///< used on the executor only: by this, or by the handler that threw after all

    template <class Protocol>
    void send_result(function_ref<void(writer&)> write);
    void send_error(error_object const& error);
    /// On the executor: answers with `why`, unless it was answered, and tells the handler.
    void cancel(error_object const& why);
    /// On the executor: the connection has ended.
    void lose() noexcept;
    /// The same, where there is no executor any more on which anybody could be told.
    void drop() noexcept;

    /// A value alone, and one in a notification that belongs to this call; nothing if the protocol has no form for it.
    std::optional<std::string> encode_value(function_ref<void(writer&)> value) const;
    std::optional<std::string> encode_notice(notice what, function_ref<void(writer&)> value) const;

    /// Nobody will answer any more.
    void send_abandoned();
    /// A notification was served, or failed.
    void end_notification(std::optional<std::int64_t> error);
    /// Tells who wants to know that it was answered; on the executor only.
    void report(peer_impl& of, std::optional<std::int64_t> error);

private:
    void send_progress(function_ref<void(writer&)> report) override;
    template <class Protocol>
    std::optional<std::string> encode_notice(notice what, function_ref<void(writer&)> value) const;
    std::string encode(error_object const& error) const;
    void send(std::string encoded, std::optional<std::int64_t> error);
    void send_here(std::string_view encoded, std::optional<std::int64_t> error);
};

} // namespace oizys::rpc::detail
