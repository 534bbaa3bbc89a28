// SPDX-License-Identifier: BSL-1.0
//
// What a call says of itself, and how it is written.
#include "peer_impl.hpp"

#include "coarse_clock.hpp"
#include "core/cancellation.hpp"
#include "protocol/jsonrpc.hpp"
#include "protocol/msgpackrpc.hpp"

#include <oizys/error.hpp>
#include <oizys/rpc/call_context.hpp>
#include <oizys/timeout.hpp>

#include <boost/asio/dispatch.hpp>

#include <algorithm>
#include <limits>

namespace oizys::rpc::detail
{
namespace
{

/// How long a call may take; zero: for ever, negative: no time is left.
std::chrono::milliseconds timeout_within(std::chrono::milliseconds own, call_context const& outer)
{
    auto const deadline = outer.deadline();
    if (!deadline)
        return own;
    auto const left = std::chrono::floor<std::chrono::milliseconds>(*deadline - pending_calls::clock::now());
    if (left <= left.zero())
        return std::chrono::milliseconds{-1};
    return own == own.zero() ? left : std::min(own, left);
}

} // namespace

call_metadata peer_impl::metadata_of(call_options const& options, std::chrono::milliseconds timeout)
{
    call_metadata metadata;
    if (timeout != timeout.zero())
        metadata.timeout = static_cast<std::uint32_t>(
            std::min<std::int64_t>(timeout.count(), std::numeric_limits<std::uint32_t>::max()));
    metadata.progress = options.progress != nullptr;
    metadata.trace = options.trace;
    if (metadata.trace.empty() && options.within != nullptr)
        metadata.trace = options.within->trace();
    return metadata;
}

[[gnu::always_inline]] inline std::chrono::milliseconds peer_impl::timeout_of(
    call_options const& options) const
{
    auto const own = clamp_timeout(options.timeout.value_or(options_->call_timeout));
    return options.within == nullptr ? own : timeout_within(own, *options.within);
}

// The handler is told no more of the outer call when this one has ended. Null if the outer one cannot be cancelled.
std::shared_ptr<std::uint64_t> peer_impl::end_within(call_context& outer_call, call_handler& on_end)
{
    auto outer = outer_call.cancellation();
    if (!outer)
        return nullptr;
    auto link = std::make_shared<std::uint64_t>(0);
    call_handler own{std::move(on_end)};
    on_end = [outer, link, h = std::move(own)](call_end const& end) mutable {
        outer->remove(*link);
        h(end);
    };
    return link;
}

// The outer call may be one of another peer, on another executor.
std::uint64_t peer_impl::cancel_with(cancellation& outer, std::uint32_t id)
{
    cancellation::handler cancel_here = [weak = weak_from_this(), ex = session_->get_executor(), id] {
        if (weak.expired())
            return; // and perhaps the executor's context with it
        boost::asio::dispatch(ex, [weak, id] {
            if (auto const self = weak.lock())
                self->cancel(id);
        });
    };
    auto const number = outer.add(cancel_here);
    if (number == 0)
        cancel(id);
    return number;
}

// Whether the protocol has a form for it.
template <class Protocol>
[[gnu::always_inline]] inline bool peer_impl::encode_call(std::string& encoded, outgoing const& call)
{
    bool fits = call.id ? Protocol::begin_request(encoded, *call.id, call.method, call.metadata != nullptr)
                        : Protocol::begin_notification(encoded, call.method);
    auto const parameters_at = encoded.size();
    typename Protocol::writer out{encoded, within(options_->codec, Protocol::envelope_depth)};
    call.arguments(out);
    fits = fits && !out.failed() && Protocol::is_params(std::string_view{encoded}.substr(parameters_at));
    if (call.metadata != nullptr)
        fits = Protocol::put_metadata(encoded, *call.metadata) && fits;
    Protocol::end_request(encoded);
    return fits;
}

template <class Protocol>
boost::system::error_code peer_impl::write_call(outgoing const& call)
{
    auto& encoded = session_->begin_message();
    bool fits = false;
    try
    {
        fits = encode_call<Protocol>(encoded, call);
    }
    catch (...)
    {
        session_->cancel_message();
        throw;
    }
    if (!fits)
    {
        session_->cancel_message();
        return errc::bad_arguments;
    }
    boost::system::error_code ec;
    session_->end_message(ec);
    if (!ec.failed())
        return {};
    return ec == oizys::errc::message_too_large ? errc::bad_arguments : errc::not_sent;
}

boost::system::error_code peer_impl::put_call(outgoing const& call, outgoing_batch& into)
{
    auto const begin = into.text.size();
    bool fits = false;
    try
    {
        fits = protocol_ == protocol::json ? encode_call<jsonrpc>(into.text, call)
                                           : encode_call<msgpackrpc>(into.text, call);
    }
    catch (...)
    {
        into.text.resize(begin);
        throw;
    }
    if (!fits || into.text.size() - begin + 2 > session_->max_message())
    {
        into.text.resize(begin);
        return errc::bad_arguments;
    }
    into.elements.push_back({into.text.size(), call.id});
    return {};
}

[[gnu::always_inline]] inline boost::system::error_code peer_impl::write_call(outgoing const& call,
                                                                              outgoing_batch* into)
{
    if (!session_->is_open() || protocol_ == protocol::detect)
        return errc::not_sent;
    if (into != nullptr) [[unlikely]]
        return put_call(call, *into);
    return protocol_ == protocol::json ? write_call<jsonrpc>(call) : write_call<msgpackrpc>(call);
}

std::optional<std::uint32_t> peer_impl::send_request(std::string_view method,
                                                     function_ref<void(writer&)> arguments,
                                                     call_options const& options, call_handler&& on_end,
                                                     std::shared_ptr<call_watcher> const* items,
                                                     outgoing_batch* into)
{
    auto const until = timeout_of(options);
    if (until < until.zero())
    {
        post_end(std::move(on_end), errc::timed_out);
        return std::nullopt;
    }
    auto const link = options.within != nullptr ? end_within(*options.within, on_end) : nullptr;
    // Counted from the end of this tick, so that no call ends too early.
    auto const now = coarse_now() + coarse_tick();
    auto const id = pending_.add(on_end, now, until);
    if (!id)
    {
        post_end(std::move(on_end), errc::too_many_pending);
        return std::nullopt;
    }
    boost::system::error_code ec;
    try
    {
        if (extensions() != rpc::extensions::oizys)
            ec = write_call({id, method, arguments, nullptr}, into);
        else
        {
            auto metadata = metadata_of(options, until);
            if (items != nullptr)
                metadata.credit = std::max<std::uint32_t>(options.window, 1);
            if (metadata.progress || metadata.credit != 0)
                watch(*id, {options.progress != nullptr ? options.progress->watcher() : nullptr,
                            items != nullptr ? *items : nullptr});
            ec = write_call({id, method, arguments, metadata.empty() ? nullptr : &metadata}, into);
        }
    }
    catch (...) // a conversion of the user's; to throw here would end a coroutine that waits for the call
    {
        ec = errc::bad_arguments;
    }
    if (ec)
    {
        unwatch(*id);
        post_end(pending_.extract(*id), ec);
        return std::nullopt;
    }
    if (until.count() != 0 && now + until < timer_expiry_)
        watch_deadlines();
    if (link)
        *link = cancel_with(*options.within->cancellation(), *id);
    return id;
}

boost::system::error_code peer_impl::send_notification(std::string_view method,
                                                       function_ref<void(writer&)> arguments,
                                                       outgoing_batch* into)
{
    return write_call({std::nullopt, method, arguments, nullptr}, into);
}

} // namespace oizys::rpc::detail
