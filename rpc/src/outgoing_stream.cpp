// SPDX-License-Identifier: BSL-1.0
#include "outgoing_stream.hpp"

#include "peer_impl.hpp"
#include "protocol/notice.hpp"

#include <oizys/error.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace oizys::rpc::detail
{
namespace
{

/// Bytes that wait to be written to the other end, from which on a stream waits until all are.
constexpr std::size_t high_water = 1u << 20;

} // namespace

outgoing_stream::outgoing_stream(deferred_answer answer, charge place, std::uint32_t most_credit)
    : answer_{std::move(answer)}
    , call_{answer_.shared()}
    , place_{std::move(place)}
    , credit_{call_->credit, most_credit}
    , collects_{call_->credit == 0}
{
}

void outgoing_stream::start()
{
    dispatch([self = shared_from_this()] { self->call_->stream = self; });
    call_->on_cancel([weak = weak_from_this()] {
        if (auto const self = weak.lock())
            self->cancel_waiting();
    });
}

bool outgoing_stream::is_over() const noexcept
{
    return call_->answered || call_->id.empty() || call_->peer.expired();
}

template <class Function>
void outgoing_stream::dispatch(Function f)
{
    if (!call_->peer.expired()) // else perhaps the executor's context is gone with it
        boost::asio::dispatch(call_->executor, std::move(f));
}

void outgoing_stream::post(written done, boost::system::error_code ec)
{
    boost::asio::post(call_->executor, [done = std::move(done), ec, call = call_]() mutable {
        try
        {
            done(ec);
        }
        catch (...)
        {
            report_failed_handler(call->peer, call->executor);
        }
    });
}

void outgoing_stream::write(function_ref<void(writer&)> item, written done)
{
    auto const peer = call_->peer.lock();
    if (!peer)
        return done(errc::cancelled); // here: there is no executor any more that it could be posted to
    auto encoded = collects_ ? call_->encode_value(item) : call_->encode_notice(notice::item, item);
    boost::asio::dispatch(call_->executor, [self = shared_from_this(), text = std::move(encoded),
                                            d = std::move(done)]() mutable {
        if (text)
            return self->put(std::move(*text), std::move(d));
        self->refuse(result_not_representable, "a value has no form in this protocol", std::move(d));
    });
}

void outgoing_stream::put(std::string encoded, written done)
{
    if (is_over() || ends_)
        return post(std::move(done), errc::cancelled);
    if (waiting_)
        return post(std::move(done), boost::asio::error::already_started);
    if (collects_)
        return collect({std::move(encoded), std::move(done)});
    if (credit_.take())
        return send({std::move(encoded), std::move(done)});
    waiting_.emplace(waiting_item{std::move(encoded), std::move(done)});
}

void outgoing_stream::refuse(std::int64_t code, char const* message, written done)
{
    cancel_waiting();
    answer_.error({code, message});
    post(std::move(done), errc::bad_arguments);
}

void outgoing_stream::send(waiting_item item)
{
    auto const peer = call_->peer.lock();
    boost::system::error_code ec;
    peer->session().send(item.encoded, ec);
    if (ec == oizys::errc::message_too_large)
        return refuse(result_too_large, "a value is longer than a message may be", std::move(item.done));
    if (ec)
    {
        if (ec != oizys::errc::session_closed) // who has closed the connection wants no values
            peer->fail(ec);
        return post(std::move(item.done), errc::cancelled);
    }
    if (peer->session().queued_bytes() < high_water)
        return post(std::move(item.done), {});
    peer->session().async_drain([self = shared_from_this(),
                                 done = std::move(item.done)](boost::system::error_code failed) mutable {
        self->post(std::move(done), failed ? make_error_code(errc::cancelled) : boost::system::error_code{});
    });
}

// The room for the elements is counted as what is kept for the call, so that it is bounded for all calls together, too.
void outgoing_stream::collect(waiting_item item)
{
    auto const peer = call_->peer.lock();
    if (collected_.size() + item.encoded.size() + ends_of_collected_.size() > peer->session().max_message())
        return refuse(result_too_large, "the values are longer together than a message may be",
                      std::move(item.done));
    if (!call_->kept.try_add(item.encoded.size() + sizeof(std::size_t)))
        return refuse(too_many_calls, "too many calls wait for their answers", std::move(item.done));
    collected_ += item.encoded;
    ends_of_collected_.push_back(collected_.size());
    post(std::move(item.done), {});
}

void outgoing_stream::finish()
{
    dispatch([self = shared_from_this()] {
        self->ends_ = true;
        if (self->waiting_)
            self->kept_ = self;
        else
            self->end();
    });
}

void outgoing_stream::end()
{
    if (!collects_)
        return answer_.result([](writer& out) { out.write_null(); });
    answer_.result([&](writer& out) {
        out.begin_array(ends_of_collected_.size());
        std::size_t begin = 0;
        for (auto const end : ends_of_collected_)
        {
            out.write_raw(std::string_view{collected_}.substr(begin, end - begin));
            begin = end;
        }
        out.end_array();
    });
}

void outgoing_stream::fail(error_object const& error)
{
    dispatch([self = shared_from_this(), error] {
        self->cancel_waiting();
        self->answer_.error(error);
    });
}

void outgoing_stream::grant(std::uint64_t more)
{
    credit_.grant(more);
    if (!waiting_ || is_over() || !credit_.take())
        return;
    auto const self = std::exchange(kept_, nullptr);
    auto item = std::move(*std::exchange(waiting_, std::nullopt));
    send(std::move(item));
    if (ends_)
        end();
}

void outgoing_stream::fail(std::exception_ptr const& thrown)
{
    dispatch([self = shared_from_this(), thrown] {
        self->cancel_waiting();
        self->answer_.fail(thrown);
    });
}

void outgoing_stream::let_go()
{
    dispatch([self = shared_from_this()] {
        if (!self->ends_)
            self->fail({internal_error, "the handler did not answer"});
    });
}

void outgoing_stream::cancel_waiting()
{
    kept_.reset();
    if (auto item = std::exchange(waiting_, std::nullopt))
        post(std::move(item->done), errc::cancelled);
}

void outgoing_stream::drop() noexcept
{
    auto const self = shared_from_this();
    kept_.reset();
    waiting_.reset();
}

stream_output::stream_output(deferred_answer answer)
{
    auto const& call = *answer.shared();
    charge place{call.stream_places};
    if (!place.try_add(1))
        throw rpc::error{too_many_calls, "too many streams are open"};
    auto const most_credit = call.most_credit;
    impl_ = std::make_shared<outgoing_stream>(std::move(answer), std::move(place), most_credit);
    impl_->start();
}

stream_output::stream_output(stream_output&&) noexcept = default;
stream_output::~stream_output()
{
    if (impl_)
        impl_->let_go();
}

void stream_output::finish() { impl_->finish(); }
void stream_output::fail(std::exception_ptr const& thrown) { impl_->fail(thrown); }
void stream_output::error(error_object const& error) { impl_->fail(error); }

void write_item(std::shared_ptr<outgoing_stream> const& stream, function_ref<void(writer&)> item,
                stream_output::written done)
{
    stream->write(item, std::move(done));
}

} // namespace oizys::rpc::detail
