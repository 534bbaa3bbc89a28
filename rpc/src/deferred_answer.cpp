// SPDX-License-Identifier: BSL-1.0
//
// Encodes on the thread that answers, and sends on the peer's executor.
#include "deferred_answer.hpp"

#include "failure.hpp"
#include "outgoing_stream.hpp"
#include "peer_impl.hpp"
#include "protocol/jsonrpc.hpp"
#include "protocol/msgpackrpc.hpp"
#include "put_notice.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace oizys::rpc::detail
{

rpc::peer deferred_answer::state::caller() const
{
    auto const p = peer.lock();
    return p ? p->handle() : rpc::peer{};
}

template <class Protocol>
void deferred_answer::state::send_result(function_ref<void(writer&)> write)
{
    std::string encoded;
    Protocol::begin_result(encoded, id);
    typename Protocol::writer out{encoded, within(limits, Protocol::envelope_depth)};
    write(out);
    if (out.error())
        return send_error({result_not_representable, "the result has no form in this protocol"});
    Protocol::end_result(encoded, id);
    send(std::move(encoded), {});
}

void deferred_answer::state::send_error(error_object const& error) { send(encode(error), error.code); }

void deferred_answer::state::send(std::string encoded, std::optional<std::int64_t> error)
{
    if (peer.expired())
        return; // and perhaps the executor's context with it
    boost::asio::dispatch(executor, [self = shared_from_this(), text = std::move(encoded), error] {
        self->send_here(text, error);
    });
}

// Posted: if the handler has just thrown, what it threw is the better answer.
void deferred_answer::state::send_abandoned()
{
    if (peer.expired())
        return;
    boost::asio::post(executor, [self = shared_from_this()] {
        self->send_error({internal_error, "the handler did not answer"});
    });
}

void deferred_answer::state::send_here(std::string_view encoded, std::optional<std::int64_t> error)
{
    auto const p = peer.lock();
    if (!p || std::exchange(answered, true))
        return;
    p->forget(*this);
    fate.end();
    auto const replaced = batch ? batch->add(id, encoded) : p->send_answer(encoded, id);
    report(*p, replaced ? replaced : error);
}

void deferred_answer::state::end_notification(std::optional<std::int64_t> error)
{
    if (!around.wants_report() || peer.expired())
        return;
    boost::asio::post(executor, [self = shared_from_this(), error] {
        auto const p = self->peer.lock();
        if (p && !std::exchange(self->answered, true))
            self->report(*p, error);
    });
}

void deferred_answer::state::report(peer_impl& of, std::optional<std::int64_t> error)
{
    around.after(of, *this, error);
}

std::string deferred_answer::state::encode(error_object const& error) const
{
    std::string encoded;
    if (protocol == protocol::json)
        jsonrpc::write_error(encoded, id, error);
    else
        msgpackrpc::write_error(encoded, id, error);
    return encoded;
}

void deferred_answer::state::cancel(error_object const& why)
{
    auto const p = peer.lock();
    if (!p || std::exchange(answered, true))
        return;
    p->forget(*this);
    auto const encoded = encode(why);
    auto const replaced = batch ? batch->add(id, encoded) : p->send_answer(encoded, id);
    report(*p, replaced ? replaced : why.code);
    fate.cancel();
}

void deferred_answer::state::lose() noexcept
{
    try
    {
        fate.cancel();
    }
    catch (...) // the connection is gone: nobody is left to report this to
    {
    }
}

void deferred_answer::state::drop() noexcept
{
    fate.end();
    if (auto const s = stream.lock())
        s->drop();
}

template <class Protocol>
std::optional<std::string> deferred_answer::state::encode_notice(notice what,
                                                                 function_ref<void(writer&)> value) const
{
    std::string encoded;
    auto const& about = what == notice::item ? id : progress_token;
    if (!put_notice<Protocol>(encoded, what, about, limits, value))
        return std::nullopt;
    return encoded;
}

std::optional<std::string> deferred_answer::state::encode_notice(notice what,
                                                                 function_ref<void(writer&)> value) const
{
    return protocol == protocol::json ? encode_notice<jsonrpc>(what, value)
                                      : encode_notice<msgpackrpc>(what, value);
}

std::optional<std::string> deferred_answer::state::encode_value(function_ref<void(writer&)> value) const
{
    std::string encoded;
    bool failed = false;
    auto const put = [&](auto out) {
        value(out);
        failed = out.failed();
    };
    // It will stand in an array.
    if (protocol == protocol::json)
        put(jsonrpc::writer{encoded, within(limits, jsonrpc::envelope_depth + 1)});
    else
        put(msgpackrpc::writer{encoded, within(limits, msgpackrpc::envelope_depth + 1)});
    return failed ? std::nullopt : std::optional{std::move(encoded)};
}

void deferred_answer::state::send_progress(function_ref<void(writer&)> report)
{
    auto const p = peer.lock();
    if (!p)
        return;
    auto encoded = encode_notice(
        p->options().extensions == extensions::lsp ? notice::lsp_progress : notice::progress, report);
    if (!encoded)
        return; // a report that has no form is none
    boost::asio::dispatch(executor, [self = shared_from_this(), text = std::move(*encoded)] {
        auto const to = self->peer.lock();
        boost::system::error_code
            ec; // ignored: a report for which there is no room is not worth a connection
        if (to && !self->answered)
            to->session().send(text, ec);
    });
}

void deferred_answer::state::on_cancel(unique_function<void()> handler)
{
    if (fate.add(handler) != 0 || peer.expired())
        return; // of what would run there, nothing is left
    boost::asio::post(executor, [self = shared_from_this(), h = std::move(handler)]() mutable {
        try
        {
            h();
        }
        catch (...)
        {
            report_failed_handler(self->peer, self->executor);
        }
    });
}

boost::asio::cancellation_slot deferred_answer::state::cancellation_slot()
{
    if (!signal)
    {
        signal = std::make_unique<boost::asio::cancellation_signal>();
        on_cancel([weak = weak_from_this()] {
            if (auto const self = weak.lock())
                self->signal->emit(boost::asio::cancellation_type::terminal);
        });
    }
    return signal->slot();
}

deferred_answer::deferred_answer(std::shared_ptr<state> s) noexcept : state_{std::move(s)} {}

deferred_answer::deferred_answer(deferred_answer&&) noexcept = default;

deferred_answer& deferred_answer::operator=(deferred_answer&& other) noexcept
{
    if (this != &other)
    {
        abandon();
        state_ = std::move(other.state_);
    }
    return *this;
}

deferred_answer::~deferred_answer() { abandon(); }

call_context& deferred_answer::context() const noexcept { return *state_; }

boost::asio::any_io_executor const& deferred_answer::executor() const noexcept { return state_->executor; }

std::weak_ptr<void> deferred_answer::connection() const noexcept { return state_->peer; }

bool deferred_answer::is_moot() const noexcept
{
    return !state_->is_notification() && (state_->peer.expired() || state_->fate.cancelled());
}

deferred_answer deferred_answer::twin() const noexcept
{
    state_->handles.fetch_add(1, std::memory_order_relaxed);
    return deferred_answer{state_};
}

void deferred_answer::keep(std::shared_ptr<void> what) noexcept { state_->slot = std::move(what); }

/// Gives up this handle. Returns the state if it was the last one.
std::shared_ptr<deferred_answer::state> deferred_answer::let_go() noexcept
{
    auto s = std::move(state_);
    if (!s || s->handles.fetch_sub(1, std::memory_order_acq_rel) != 1)
        return nullptr;
    s->slot.reset();
    return s;
}

void deferred_answer::result(function_ref<void(writer&)> write)
{
    if (!state_)
        return;
    // Let go only when it is sent: if `write` throws, there is still somebody to answer with an error.
    if (state_->id.empty())
        state_->end_notification({});
    else if (state_->protocol == protocol::json)
        state_->send_result<jsonrpc>(write);
    else
        state_->send_result<msgpackrpc>(write);
    state_->given = true;
    let_go();
}

void deferred_answer::error(error_object const& error)
{
    if (!state_)
        return;
    state_->given = true;
    auto const s = state_;
    let_go();
    if (s->id.empty())
        s->end_notification(error.code);
    else
        s->send_error(error);
}

void deferred_answer::error(boost::system::error_code why)
{
    if (state_)
        error(error_of(why, state_->around.hooks()));
}

void deferred_answer::fail(std::exception_ptr const& thrown)
{
    if (state_)
        error(error_of(thrown, state_->around.hooks(), state_->expose));
}

void deferred_answer::abandon() noexcept
{
    auto const s = let_go();
    if (!s || s->given)
        return;
    try
    {
        if (s->id.empty())
            s->end_notification(internal_error);
        else
            s->send_abandoned();
    }
    catch (...) // out of memory: there is no answer, and the caller's timeout ends the call
    {
    }
}

} // namespace oizys::rpc::detail
