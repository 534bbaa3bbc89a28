// SPDX-License-Identifier: BSL-1.0
//
// What a peer says and hears beyond its protocol: docs/protocol.md, section 12.
#include "outgoing_stream.hpp"
#include "peer_impl.hpp"
#include "protocol/jsonrpc.hpp"
#include "protocol/msgpackrpc.hpp"
#include "protocol/notice.hpp"
#include "put_notice.hpp"

#include <oizys/error.hpp>

#include <utility>

namespace oizys::rpc::detail
{

// The other end may also be known to be oizys because it has said so. Asked when the session can tell.
void peer_impl::ask_session() noexcept { other_is_oizys_ |= session_->negotiated() == serializer::oizys; }

call_metadata const* peer_impl::heed_some(call_metadata const* metadata) noexcept
{
    auto const how = options_->extensions;
    if (how != rpc::extensions::oizys && how != rpc::extensions::detect)
        return nullptr;
    other_is_oizys_ = true;
    return metadata;
}

void peer_impl::send_cancel(std::uint32_t id)
{
    auto const how = extensions();
    if (how == rpc::extensions::none || !session_->is_open())
        return;
    bool const lsp = how == rpc::extensions::lsp;
    auto const write_id = [&](writer& out) {
        if (lsp)
        {
            out.begin_object(1);
            out.write_key("id");
            out.write_uint64(id);
            return out.end_object();
        }
        out.begin_array(1);
        out.write_uint64(id);
        out.end_array();
    };
    // What cannot be sent is not missed: the answer is dropped when it comes.
    send_notification(name_of(lsp ? notice::lsp_cancel : notice::cancel), write_id);
}

void peer_impl::send_credit(std::uint32_t id, std::uint32_t more)
{
    if (session_->is_open())
        send_notification(name_of(notice::credit), [&](writer& out) {
            out.begin_array(2);
            out.write_uint64(id);
            out.write_uint64(more);
            out.end_array();
        });
}

template <class Protocol>
void peer_impl::send_notice(notice what, std::string_view about, function_ref<void(writer&)> value)
{
    auto& encoded = session_->begin_message();
    try
    {
        if (!put_notice<Protocol>(encoded, what, about, options_->codec, value))
            return session_->cancel_message();
    }
    catch (...)
    {
        session_->cancel_message();
        throw;
    }
    boost::system::error_code ec; // ignored: a report for which there is no room is not worth a connection
    session_->end_message(ec);
}

template void peer_impl::send_notice<jsonrpc>(notice, std::string_view, function_ref<void(writer&)>);
template void peer_impl::send_notice<msgpackrpc>(notice, std::string_view, function_ref<void(writer&)>);

std::shared_ptr<budget> const& peer_impl::stream_places()
{
    if (!stream_places_)
        stream_places_ = std::make_shared<budget>(options_->max_streams);
    return stream_places_;
}

void peer_impl::watch(std::uint32_t id, watchers who)
{
    if (!watchers_)
        watchers_ = std::make_unique<std::unordered_map<std::uint32_t, watchers>>();
    watchers_->insert_or_assign(id, std::move(who));
}

// What is for a call that is over, or that has not asked for it, means nothing.
void peer_impl::on_value(notice what, reader& params)
{
    std::size_t unknown = 0;
    std::uint64_t id = 0;
    if (!watchers_ || !params.enter_array(unknown) || !params.read_uint64(id) || id >> 32 != 0 ||
        !params.has_next())
        return;
    auto const at = watchers_->find(static_cast<std::uint32_t>(id));
    if (at == watchers_->end())
        return;
    auto const who = (what == notice::item ? at->second.items : at->second.progress).lock();
    if (!who)
        return;
    try
    {
        who->on_value(params);
    }
    catch (...)
    {
        fail(oizys::errc::handler_failed); // what was thrown has no place in an error code
    }
}

void peer_impl::on_credit(std::string_view id, reader& params)
{
    std::uint64_t more = 0;
    auto const call = params.read_uint64(more) ? served_.find(id) : nullptr;
    auto const stream = call ? call->stream.lock() : nullptr;
    if (stream)
        stream->grant(more);
}

void peer_impl::keep(std::shared_ptr<deferred_answer::state> const& call)
{
    call->place = served_.add(call->id, call);
}

void peer_impl::forget(deferred_answer::state& call) noexcept
{
    if (auto const place = std::exchange(call.place, std::nullopt))
        served_.remove(*place);
}

void peer_impl::cancel_served(std::string_view id, error_object const& why)
{
    auto const call = served_.find(id);
    if (!call)
        return; // answered already, or never asked
    try
    {
        call->cancel(why);
    }
    catch (...)
    {
        fail(oizys::errc::handler_failed); // what was thrown has no place in an error code
    }
}

void peer_impl::lose_served()
{
    while (auto const call = served_.any())
    {
        forget(*call);
        call->lose();
    }
}

namespace
{

/// As the Language Server Protocol has ids and tokens: a member of an object.
bool read_named_id(std::string_view wanted, reader& in, std::string_view& id)
{
    std::size_t unknown = 0;
    std::string_view name;
    if (!in.enter_object(unknown))
        return false;
    while (in.has_next() && in.read_key(name))
    {
        if (name == wanted)
            return in.read_raw(id);
        in.skip();
    }
    return false;
}

bool read_first_id(reader& in, std::string_view& id)
{
    std::size_t unknown = 0;
    return in.enter_array(unknown) && in.has_next() && in.read_raw(id);
}

} // namespace

std::string_view lsp_progress_token(reader& params) noexcept
{
    std::string_view token;
    return params.next() == kind::object && read_named_id("workDoneToken", params, token)
               ? token
               : std::string_view{};
}

// What is not as it should be means nothing, as in any notification.
template <class Protocol>
bool peer_impl::on_extension(typename Protocol::decoder& in, envelope const& e)
{
    auto const what = notice_of(e.method, options_->extensions);
    if (what == notice::none)
        return false;
    other_is_oizys_ |= what != notice::lsp_cancel;
    if (e.has_body && (what == notice::item || what == notice::progress))
    {
        on_value(what, in.body());
        return true;
    }
    if (!e.has_body)
        return true;
    std::string_view id;
    reader* const params = &in.body();
    if (!(what == notice::lsp_cancel ? read_named_id("id", *params, id) : read_first_id(*params, id)))
        return true;
    switch (what)
    {
    case notice::cancel: cancel_served(id, {call_cancelled, "cancelled"}); break;
    case notice::lsp_cancel: cancel_served(id, {request_cancelled, "cancelled"}); break;
    case notice::credit: on_credit(id, *params); break;
    case notice::progress:
    case notice::item:
    case notice::lsp_progress:
    case notice::none: break;
    }
    return true;
}

template bool peer_impl::on_extension<jsonrpc>(jsonrpc::decoder&, envelope const&);
template bool peer_impl::on_extension<msgpackrpc>(msgpackrpc::decoder&, envelope const&);

} // namespace oizys::rpc::detail
