// SPDX-License-Identifier: BSL-1.0
//
// The calling half of a peer: requests and notifications out, deadlines, and the end of the connection.
#include "peer_impl.hpp"

#include "coarse_clock.hpp"

#include "protocol/jsonrpc.hpp"
#include "protocol/msgpackrpc.hpp"

#include <oizys/error.hpp>
#include <oizys/rpc/call_context.hpp>
#include <oizys/timeout.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace oizys::rpc::detail
{
namespace
{

/// Tells the handler of a call that the connection is gone; or, if the executor's context goes first, lets go of it.
class lost_call
{
public:
    explicit lost_call(std::shared_ptr<deferred_answer::state> call) noexcept : call_{std::move(call)} {}
    lost_call(lost_call&&) noexcept = default;
    lost_call& operator=(lost_call&&) = delete;
    ~lost_call()
    {
        if (call_)
            call_->drop();
    }

    void operator()() { std::exchange(call_, nullptr)->lose(); }

private:
    std::shared_ptr<deferred_answer::state> call_;
};

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
    ask_session();
}

peer_impl::~peer_impl()
{
    while (auto on_end = pending_.extract_any())
        post_end(std::move(on_end), errc::cancelled);
    // Posted, like all that is found within a function of the user's.
    while (auto const call = served_.any())
    {
        forget(*call);
        boost::asio::post(session_->get_executor(), lost_call{call});
    }
}

void peer_impl::start()
{
    // The session belongs to this object and forgets its handlers with it.
    session_->set_onreceive([this](incoming& message) { on_message(message); });
    session_->set_onclose([this](boost::system::error_code why) { on_session_closed(why); });
}

void peer_impl::cancel(std::uint32_t id)
{
    auto on_end = pending_.extract(id);
    if (!on_end)
        return;
    unwatch(id);
    post_end(std::move(on_end), errc::cancelled);
    send_cancel(id);
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
    lose_served();
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
    std::uint32_t id = 0;
    while (auto on_end = pending_.extract_expired(now, id))
    {
        unwatch(id);
        send_cancel(id);
        end_call(on_end, {.why = errc::timed_out});
    }
    if (!closed_)
        watch_deadlines();
}

} // namespace oizys::rpc::detail
