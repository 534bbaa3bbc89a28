// SPDX-License-Identifier: BSL-1.0
//
// The receiving half of a peer: from a message to the user's function, and its answer.
#include "batch_answer.hpp"
#include "peer_impl.hpp"
#include "protocol/jsonrpc.hpp"
#include "protocol/msgpackrpc.hpp"
#include "served_call.hpp"

#include <oizys/error.hpp>

#include <exception>

namespace oizys::rpc::detail
{
namespace
{

// The first byte of a payload tells JSON from msgpack: a MessagePack-RPC message is an array.
protocol protocol_of(std::string_view message) noexcept
{
    auto const first = static_cast<unsigned char>(message.front());
    return (first & 0xf0) == 0x90 || first == 0xdc || first == 0xdd ? protocol::msgpack : protocol::json;
}

} // namespace

void peer_impl::on_message(incoming& message)
{
    auto const self = shared_from_this(); // a handler may drop the last handle
    if (protocol_ == protocol::detect)
    {
        bool const asked = options_->protocol != protocol::detect;
        protocol_ =
            protocol_for(session_->framing(), asked ? options_->protocol : protocol_of(message.view()));
        ask_session();
    }
    serving_ = true;
    message_size_ = message.view().size();
    if (protocol_ == protocol::json)
        on_message<jsonrpc>(message.view());
    else
        on_message<msgpackrpc>(message.view());
    serving_ = false;
    if (close_wanted_)
        session_->close();
}

std::shared_ptr<budget> const& peer_impl::unanswered()
{
    if (!unanswered_)
        unanswered_ = std::make_shared<budget>(options_->max_unanswered_bytes);
    return unanswered_;
}

std::shared_ptr<oizys::credentials const> const& peer_impl::credentials()
{
    if (!credentials_)
        credentials_ = std::make_shared<oizys::credentials const>(session_->credentials());
    return credentials_;
}

template <class Protocol>
void peer_impl::on_message(std::string_view text)
{
    typename Protocol::decoder in{text, options_->codec, options_->version_required};
    if (!in.is_well_formed())
        return on_malformed<Protocol>();
    envelope e;
    if (!in.is_batch())
    {
        in.next(e);
        return on_envelope<Protocol>(in, e, nullptr);
    }
    if (in.batch_size() == 0 || in.batch_size() > options_->max_batch)
        return static_cast<void>(answer_error<Protocol>(nullptr, {}, {invalid_request, "Invalid Request"}));
    auto const batch = std::make_shared<batch_answer>(weak_from_this(), charge{unanswered()}, in.batch_size(),
                                                      session_->max_message());
    while (session_->is_open() && !close_wanted_ && in.next(e))
        on_envelope<Protocol>(in, e, batch);
    batch->end();
}

template <>
void peer_impl::on_malformed<jsonrpc>()
{
    answer_error<jsonrpc>(nullptr, {}, {parse_error, "Parse error"});
}

// MessagePack-RPC has no answer without an id.
template <>
void peer_impl::on_malformed<msgpackrpc>()
{
    fail(errc::bad_message);
}

template <class Protocol>
void peer_impl::on_envelope(typename Protocol::decoder& in, envelope const& e,
                            std::shared_ptr<batch_answer> const& batch)
{
    switch (e.what)
    {
    case envelope::type::request:
        if (batch)
            batch->expect();
        return serve<Protocol>(in, e, batch);
    case envelope::type::notification:
        if (on_extension<Protocol>(in, e))
            return;
        return serve<Protocol>(in, e, batch);
    case envelope::type::response: return settle<Protocol>(in, e);
    case envelope::type::ignored: return;
    case envelope::type::invalid:
        if (batch)
            batch->expect();
        if (protocol_ == protocol::msgpack && e.id.empty())
            return on_malformed<Protocol>();
        answer_error<Protocol>(batch.get(), e.id, {invalid_request, "Invalid Request"});
    }
}

template <class Protocol>
void peer_impl::serve(typename Protocol::decoder& in, envelope const& e,
                      std::shared_ptr<batch_answer> const& batch)
{
    auto const* const method = find_method(e.method);
    interception const around{hooks()};
    served_call<Protocol> call{*this, in, e, batch, around};
    try
    {
        around.before(call);
        if (method == nullptr)
            call.answer_error({method_not_found, "Method not found"});
        else
            method->call(call, *method);
    }
    catch (...)
    {
        call.answer_error(error_of(std::current_exception(), around.hooks(), options_->expose_exceptions));
    }
    call.end();
}

template <class Protocol>
void peer_impl::settle(typename Protocol::decoder& in, envelope const& e)
{
    auto on_end = pending_.extract(e.answers);
    if (!on_end)
        return; // late: the call was cancelled or timed out
    unwatch(e.answers);
    if (!e.is_error)
        return end_call(on_end, {.result = &in.body()});
    error_object error;
    if (!Protocol::read_error(in.body(), error))
        error.message = "the other end answered with an error that cannot be read";
    end_call(on_end, {.error = &error});
}

template <class Protocol>
std::optional<std::int64_t> peer_impl::answer(batch_answer* batch, std::string_view id,
                                              function_ref<void(writer&)> write)
{
    std::string own;
    auto& encoded = batch != nullptr ? own : session_->begin_message();
    bool fits = false;
    try
    {
        Protocol::begin_result(encoded, id);
        typename Protocol::writer out{encoded, within(options_->codec, Protocol::envelope_depth)};
        write(out);
        Protocol::end_result(encoded, id);
        fits = !out.failed();
    }
    catch (...)
    {
        if (batch == nullptr)
            session_->cancel_message();
        throw;
    }
    if (!fits)
    {
        if (batch == nullptr)
            session_->cancel_message();
        return answer_error<Protocol>(batch, id,
                                      {result_not_representable, "the result has no form in this protocol"});
    }
    if (batch != nullptr)
        return batch->add(id, own);
    boost::system::error_code ec;
    session_->end_message(ec);
    if (!ec.failed())
        return {};
    if (ec == oizys::errc::message_too_large)
        return answer_error<Protocol>(nullptr, id,
                                      {result_too_large, "the result is longer than a message may be"});
    if (ec != oizys::errc::session_closed) // who has closed the connection wants no answer
        fail(ec);
    return {};
}

template <class Protocol>
std::optional<std::int64_t> peer_impl::answer_error(batch_answer* batch, std::string_view id,
                                                    error_object const& error)
{
    std::string encoded;
    Protocol::write_error(encoded, id, error);
    auto const replaced = batch != nullptr ? batch->add(id, encoded) : send_answer(encoded, id);
    return replaced ? replaced : error.code;
}

std::optional<std::int64_t> peer_impl::send_answer(std::string_view encoded, std::string_view id)
{
    boost::system::error_code ec;
    session_->send(encoded, ec);
    std::optional<std::int64_t> replaced;
    if (ec == oizys::errc::message_too_large)
    {
        replaced = result_too_large;
        ec = send_too_large(id);
    }
    if (ec && ec != oizys::errc::session_closed) // who has closed the connection wants no answer
        fail(ec);
    return replaced;
}

boost::system::error_code peer_impl::send_too_large(std::string_view id)
{
    error_object const error{result_too_large, "the answer is longer than a message may be"};
    std::string encoded;
    if (protocol_ == protocol::json)
        jsonrpc::write_error(encoded, id, error);
    else
        msgpackrpc::write_error(encoded, id, error);
    boost::system::error_code ec;
    session_->send(encoded, ec);
    // An id may be as long as a message, too.
    return ec == oizys::errc::message_too_large && !id.empty() ? send_too_large({}) : ec;
}

template std::optional<std::int64_t> peer_impl::answer<jsonrpc>(batch_answer*, std::string_view,
                                                                function_ref<void(writer&)>);
template std::optional<std::int64_t> peer_impl::answer<msgpackrpc>(batch_answer*, std::string_view,
                                                                   function_ref<void(writer&)>);
template std::optional<std::int64_t> peer_impl::answer_error<jsonrpc>(batch_answer*, std::string_view,
                                                                      error_object const&);
template std::optional<std::int64_t> peer_impl::answer_error<msgpackrpc>(batch_answer*, std::string_view,
                                                                         error_object const&);

} // namespace oizys::rpc::detail
