// SPDX-License-Identifier: BSL-1.0
//
// The calling half of a peer: requests and notifications out, deadlines, and the end of the connection.
#include "peer_impl.hpp"

#include "protocol/jsonrpc.hpp"
#include "protocol/msgpackrpc.hpp"

#include <oizys/error.hpp>
#include <oizys/timeout.hpp>

#include <boost/asio/post.hpp>

#include <time.h>

#include <algorithm>
#include <utility>

namespace oizys::rpc::detail
{
namespace
{

std::chrono::nanoseconds duration_of(timespec const& t) noexcept
{
    return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
}

// A cheap clock that moves by a tick at a time. It may be behind the steady clock by more than that, so its times
// are compared with its own only.
pending_calls::clock::time_point coarse_now() noexcept
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return pending_calls::clock::time_point{duration_of(now)};
}

std::chrono::nanoseconds coarse_tick() noexcept
{
    static auto const tick = [] {
        timespec t{};
        ::clock_getres(CLOCK_MONOTONIC_COARSE, &t);
        return duration_of(t);
    }();
    return tick;
}

void tell_closed(unique_function<void(boost::system::error_code)>& handler, boost::system::error_code why)
{
    try
    {
        handler(why);
    }
    catch (...) // the connection is closed and its user was told: nobody is left to report this to
    {
    }
}

} // namespace

protocol protocol_for(framing f, protocol otherwise) noexcept
{
    switch (f)
    {
    case framing::json_text:
    case framing::newline: return protocol::json;
    case framing::msgpack_object: return protocol::msgpack;
    case framing::header24:
    case framing::content_length:
    case framing::message:
    case framing::negotiated:
    case framing::detect: break;
    }
    return otherwise;
}

peer_impl::peer_impl(std::shared_ptr<oizys::session> s, std::shared_ptr<registry> served,
                     std::shared_ptr<peer_options const> options)
    : session_{std::move(s)}
    , registry_{std::move(served)}
    , options_{std::move(options)}
    , pending_{options_->max_pending_calls}
    , protocol_{session_->framing() == framing::detect
                    ? protocol::detect
                    : protocol_for(session_->framing(), options_->protocol)}
{
}

peer_impl::~peer_impl()
{
    while (auto on_end = pending_.extract_any())
        post_end(std::move(on_end), errc::cancelled);
}

void peer_impl::start()
{
    // The session belongs to this object and forgets its handlers with it.
    session_->set_onreceive([this](incoming& message) { on_message(message); });
    session_->set_onclose([this](boost::system::error_code why) { on_session_closed(why); });
}

std::optional<std::uint32_t> peer_impl::send_request(std::string_view method,
                                                     function_ref<void(writer&)> arguments,
                                                     std::optional<std::chrono::milliseconds> timeout,
                                                     call_handler&& on_end)
{
    auto const until = clamp_timeout(timeout.value_or(options_->call_timeout));
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
        ec = write_call(id, method, arguments);
    }
    catch (...) // a conversion of the user's; to throw here would end a coroutine that waits for the call
    {
        ec = errc::bad_arguments;
    }
    if (ec)
    {
        post_end(pending_.extract(*id), ec);
        return std::nullopt;
    }
    if (until.count() != 0 && now + until < timer_expiry_)
        watch_deadlines();
    return id;
}

boost::system::error_code peer_impl::send_notification(std::string_view method,
                                                       function_ref<void(writer&)> arguments)
{
    return write_call(std::nullopt, method, arguments);
}

boost::system::error_code peer_impl::write_call(std::optional<std::uint32_t> id, std::string_view method,
                                                function_ref<void(writer&)> arguments)
{
    if (!session_->is_open() || protocol_ == protocol::detect)
        return errc::not_sent;
    return protocol_ == protocol::json ? write_call<jsonrpc>(id, method, arguments)
                                       : write_call<msgpackrpc>(id, method, arguments);
}

template <class Protocol>
boost::system::error_code peer_impl::write_call(std::optional<std::uint32_t> id, std::string_view method,
                                                function_ref<void(writer&)> arguments)
{
    auto& encoded = session_->begin_message();
    bool fits = false;
    try
    {
        fits = id ? Protocol::begin_request(encoded, *id, method)
                  : Protocol::begin_notification(encoded, method);
        auto const parameters_at = encoded.size();
        typename Protocol::writer out{encoded, within(options_->codec, Protocol::envelope_depth)};
        arguments(out);
        fits = fits && !out.failed() && Protocol::is_params(std::string_view{encoded}.substr(parameters_at));
        Protocol::end_request(encoded);
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

void peer_impl::cancel(std::uint32_t id)
{
    if (auto on_end = pending_.extract(id))
        post_end(std::move(on_end), errc::cancelled);
}

void peer_impl::set_onclose(unique_function<void(boost::system::error_code)> handler)
{
    if (!closed_)
    {
        onclose_ = std::move(handler);
        return;
    }
    boost::asio::post(session_->get_executor(),
                      [h = std::move(handler), why = why_]() mutable { tell_closed(h, why); });
}

void peer_impl::close()
{
    if (serving_)
        close_wanted_ = true;
    else
        session_->close();
}

void peer_impl::fail(boost::system::error_code why)
{
    if (!why_)
        why_ = why;
    session_->abort();
}

void peer_impl::on_session_closed(boost::system::error_code why)
{
    auto const self = shared_from_this(); // any handler may drop the last handle
    closed_ = true;
    timer_.reset();
    if (!why_)
        why_ = why;
    while (auto on_end = pending_.extract_any())
        end_call(on_end, {.why = errc::connection_lost});
    if (auto handler = std::exchange(onclose_, {}))
        tell_closed(handler, why_);
    if (auto handler = std::exchange(onended_, {}))
        handler();
}

method_entry const* peer_impl::find_method(std::string_view name)
{
    if (!registry_)
        return nullptr;
    if (auto const version = registry_->version(); version != methods_version_)
    {
        methods_ = registry_->table();
        methods_version_ = version;
        last_method_ = nullptr;
    }
    // Most peers call the same method many times in a row.
    if (last_method_ == nullptr || last_method_->name != name)
    {
        last_method_ = methods_->find(name);
        // A fallback serves all other names, but not these.
        if (options_->introspection && (last_method_ == nullptr || last_method_->name != name))
            if (auto const* const built_in = registry_->find_built_in(name))
                last_method_ = built_in;
    }
    return last_method_;
}

// For ends that are found within a function of the user's, which must not call its handler.
void peer_impl::post_end(call_handler on_end, boost::system::error_code why)
{
    boost::asio::post(session_->get_executor(),
                      [weak = weak_from_this(), h = std::move(on_end), why]() mutable {
                          if (auto const self = weak.lock())
                              return self->end_call(h, {.why = why});
                          try
                          {
                              h({.why = why});
                          }
                          catch (...) // the peer is gone: there is no connection left to close for it
                          {
                          }
                      });
}

void peer_impl::end_call(call_handler& on_end, call_end const& end)
{
    try
    {
        on_end(end);
    }
    catch (...)
    {
        fail(oizys::errc::handler_failed); // what was thrown has no place in an error code
    }
}

// One timer serves all calls. It is set earlier when needed, and never because a call has ended: when it fires too
// early, it is set again.
void peer_impl::watch_deadlines()
{
    auto const next = pending_.next_deadline();
    if (!next || *next >= timer_expiry_)
        return;
    if (!timer_)
        timer_ = std::make_unique<boost::asio::steady_timer>(session_->get_executor());
    timer_expiry_ = *next;
    // A tick at least: until then the clock stands still, and to be woken earlier is no use.
    timer_->expires_after(std::max<pending_calls::clock::duration>(*next - coarse_now(), coarse_tick()));
    timer_->async_wait([weak = weak_from_this()](boost::system::error_code ec) {
        auto const self = weak.lock();
        if (!ec && self)
            self->on_deadline();
    });
}

void peer_impl::on_deadline()
{
    timer_expiry_ = pending_calls::clock::time_point::max();
    auto const now = coarse_now();
    while (auto on_end = pending_.extract_expired(now))
        end_call(on_end, {.why = errc::timed_out});
    if (!closed_)
        watch_deadlines();
}

} // namespace oizys::rpc::detail
