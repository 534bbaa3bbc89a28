// SPDX-License-Identifier: BSL-1.0
//
// A request or notification while its handler runs.
#pragma once

#include "batch_answer.hpp"
#include "deferred_answer.hpp"
#include "failure.hpp"
#include "interception.hpp"
#include "peer_impl.hpp"
#include "protocol/envelope.hpp"

#include <oizys/rpc/invocation.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace oizys::rpc::detail
{

template <class Protocol>
class served_call final : public invocation
{
public:
    served_call(peer_impl& served_by, typename Protocol::decoder& in, envelope const& e,
                std::shared_ptr<batch_answer> const& batch, interception const& around)
        : peer_{served_by}
        , in_{in}
        , envelope_{e}
        , batch_{batch}
        , around_{around}
        , metadata_{peer_.heed(e.metadata)}
    {
        if (metadata_ != nullptr && metadata_->timeout)
            deadline_ = std::chrono::steady_clock::now() + std::chrono::milliseconds{*metadata_->timeout};
    }

    peer caller() const override { return peer_.handle(); }
    std::string_view method() const noexcept override { return envelope_.method; }
    bool is_notification() const noexcept override { return envelope_.what == envelope::type::notification; }
    oizys::credentials credentials() const noexcept override { return peer_.session().credentials(); }

    std::optional<std::chrono::steady_clock::time_point> deadline() const noexcept override
    {
        return deadline_;
    }
    std::string_view trace() const noexcept override
    {
        return metadata_ != nullptr ? metadata_->trace : std::string_view{};
    }

    bool wants_progress() const noexcept override { return !progress_token().empty(); }
    bool cancelled() const noexcept override
    {
        return deferred_ ? deferred_->fate.cancelled() : !peer_.session().is_open();
    }
    void on_cancel(unique_function<void()> handler) override
    {
        if (deferred_)
            deferred_->on_cancel(std::move(handler));
    }
    boost::asio::cancellation_slot cancellation_slot() override
    {
        return deferred_ ? deferred_->cancellation_slot() : boost::asio::cancellation_slot{};
    }
    std::shared_ptr<detail::cancellation> cancellation() noexcept override
    {
        return deferred_ ? deferred_->cancellation() : nullptr;
    }

    reader* parameters() override { return envelope_.has_body ? &in_.body() : nullptr; }

    void answer(function_ref<void(writer&)> write) override
    {
        if (!is_notification())
            error_ = peer_.answer<Protocol>(batch_.get(), envelope_.id, write);
        answered_ = true;
    }

    void answer_error(error_object const& error) override
    {
        if (std::exchange(deferred_ ? deferred_->answered : answered_, true))
            return;
        if (deferred_)
        {
            peer_.forget(*deferred_);
            deferred_->fate.end();
        }
        error_ = error.code;
        if (!is_notification())
            error_ = peer_.answer_error<Protocol>(batch_.get(), envelope_.id, error);
        if (deferred_)
            deferred_->report(peer_, error_);
    }

    void answer_error(boost::system::error_code why) override
    {
        answer_error(error_of(why, around_.hooks()));
    }

    /// The handler has returned.
    void end()
    {
        if (!deferred_)
            around_.after(peer_, *this, error_);
    }

    deferred_answer defer() override { return defer_keeping(0); }

    deferred_answer defer_with_arguments() override
    {
        std::string_view arguments; // short ones are within what is charged for each call
        if (peer_.message_size() > deferred_answer::state::size && envelope_.has_body)
            in_.body().read_raw(arguments);
        return defer_keeping(arguments.size());
    }

private:
    deferred_answer defer_keeping(std::size_t bytes)
    {
        charge kept{peer_.unanswered()};
        if (!kept.try_add(deferred_answer::state::size + envelope_.id.size() + envelope_.method.size() +
                          trace().size() + progress_token().size() + bytes))
            throw rpc::error{too_many_calls, "too many calls wait for their answers"};
        auto state = std::make_shared<deferred_answer::state>(std::move(kept), around_);
        state->peer = peer_.weak_from_this();
        state->executor = peer_.session().get_executor();
        state->batch = batch_;
        if (!is_notification())
            state->id = envelope_.id;
        state->called = envelope_.method;
        state->of_caller = peer_.credentials();
        state->expose = peer_.options().expose_exceptions;
        state->until = deadline_;
        state->trace_text = trace();
        state->progress_token = progress_token();
        if (metadata_ != nullptr)
            state->credit = metadata_->credit;
        state->stream_places = peer_.stream_places();
        state->most_credit = peer_.options().max_stream_window;
        state->limits = peer_.options().codec;
        state->protocol = peer_.protocol();
        if (!is_notification())
            peer_.keep(state);
        deferred_ = state;
        return deferred_answer{std::move(state)};
    }

    /// Encoded; empty: nobody wants to know.
    std::string_view progress_token() const noexcept
    {
        if (metadata_ != nullptr && metadata_->progress)
            return envelope_.id;
        return envelope_.has_body && peer_.extensions() == extensions::lsp ? lsp_progress_token(in_.body())
                                                                           : std::string_view{};
    }

    void send_progress(function_ref<void(writer&)> report) override
    {
        if (!answered_)
            peer_.template send_notice<Protocol>(
                metadata_ != nullptr ? notice::progress : notice::lsp_progress, progress_token(), report);
    }

    peer_impl& peer_;
    typename Protocol::decoder& in_;
    envelope const& envelope_;
    std::shared_ptr<batch_answer> const& batch_;
    interception const& around_;
    call_metadata const* metadata_; ///< null: there is none, or it is not listened to
    std::optional<std::chrono::steady_clock::time_point> deadline_{};
    std::shared_ptr<deferred_answer::state> deferred_; ///< answers instead, unless the handler throws
    bool answered_ = false;
    std::optional<std::int64_t> error_; ///< that it was answered with
};

} // namespace oizys::rpc::detail
