// SPDX-License-Identifier: BSL-1.0
//
// The reading end of a stream: keeps what has come until it is asked for, and then the end.
#include <oizys/rpc/incoming_stream.hpp>

#include "codec/json_reader_lease.hpp"
#include "core/incoming_items.hpp"
#include "peer_impl.hpp"

#include <oizys/rpc/codec/msgpack_reader.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <utility>

namespace oizys::rpc::detail
{

class stream_reader final : public call_watcher, public std::enable_shared_from_this<stream_reader>
{
public:
    stream_reader(std::shared_ptr<peer_impl> const& p, std::uint32_t window)
        : peer{p}
        , executor{p->session().get_executor()}
        , items_{window}
        , protocol_{p->protocol()}
        , limits_{p->options().codec}
    {
    }

    void on_value(reader& in) override;
    void on_end(call_end const& end);

    void next(call_handler&& on_item);
    void cancel_next();
    void stop();

    std::weak_ptr<peer_impl> const peer;
    boost::asio::any_io_executor const executor;
    std::optional<std::uint32_t> id{}; ///< of the call, if it was sent

private:
    void keep_all(reader& result);
    void finish(boost::system::error_code why);
    void give_next();
    void give(std::string const& encoded);
    void give_end();
    void call(call_handler& on_item, call_end const& end);
    void count_read();

    incoming_items items_;
    rpc::protocol protocol_;
    codec_limits limits_;
    call_handler waiting_{}; ///< for the next value
    bool posted_ = false;    ///< and will be given it, or the end, that is there already
    bool ended_ = false;
    boost::system::error_code why_{};
    std::optional<error_object> error_{};
};

void stream_reader::on_value(reader& in)
{
    if (ended_)
        return;
    if (!items_.expect())
    {
        finish(errc::too_many_items);
        if (auto const p = peer.lock())
            p->cancel(*id);
        if (waiting_ && !posted_)
            give_end();
        return;
    }
    if (waiting_ && !posted_)
    {
        auto const self = shared_from_this();
        auto on_item = std::exchange(waiting_, {});
        count_read();
        return on_item({.result = &in}); // what it throws, the peer catches
    }
    std::string_view raw;
    if (in.read_raw(raw))
        items_.keep(raw);
}

void stream_reader::on_end(call_end const& end)
{
    if (ended_)
        return;
    ended_ = true;
    why_ = end.why;
    if (end.error != nullptr)
        error_ = *end.error;
    if (end.result != nullptr)
        keep_all(*end.result);
    if (waiting_ && !posted_)
        give_next();
}

// The other end does not know streams, or the method has none: its result is all values at once.
void stream_reader::keep_all(reader& result)
{
    std::size_t unknown = 0;
    std::string_view raw;
    if (result.next() == kind::null)
        return;
    if (result.enter_array(unknown))
        while (result.has_next() && result.read_raw(raw))
            items_.keep(raw);
    if (result.error())
        why_ = errc::bad_result;
}

void stream_reader::finish(boost::system::error_code why)
{
    ended_ = true;
    why_ = why;
    while (items_.take())
        ;
}

void stream_reader::next(call_handler&& on_item)
{
    if (waiting_)
    {
        boost::asio::post(executor, [self = shared_from_this(), h = std::move(on_item)]() mutable {
            self->call(h, {.why = boost::asio::error::already_started});
        });
        return;
    }
    waiting_ = std::move(on_item);
    if (items_.waiting() == 0 && !ended_)
        return;
    posted_ = true;
    boost::asio::post(executor, [self = shared_from_this()] {
        self->posted_ = false;
        if (self->waiting_ && (self->items_.waiting() != 0 || self->ended_))
            self->give_next();
    });
}

void stream_reader::cancel_next()
{
    if (auto on_item = std::exchange(waiting_, {}))
        boost::asio::post(executor, [self = shared_from_this(), h = std::move(on_item)]() mutable {
            self->call(h, {.why = errc::cancelled});
        });
}

void stream_reader::stop()
{
    if (!ended_)
    {
        finish(errc::cancelled);
        auto const p = peer.lock();
        if (p && id)
            p->cancel(*id);
    }
    else
        finish(why_ ? why_ : make_error_code(errc::cancelled));
    cancel_next();
}

void stream_reader::give_next()
{
    if (auto const item = items_.take())
        give(*item);
    else
        give_end();
}

void stream_reader::give(std::string const& encoded)
{
    auto on_item = std::exchange(waiting_, {});
    count_read();
    if (protocol_ == protocol::msgpack)
    {
        msgpack_reader in{encoded, limits_};
        return call(on_item, {.result = &in});
    }
    json_reader_lease in{limits_};
    in->start(encoded);
    call(on_item, {.result = &*in});
}

void stream_reader::give_end()
{
    auto on_item = std::exchange(waiting_, {});
    if (why_ || !error_)
        return call(on_item, {.why = why_});
    auto error = *error_;
    call(on_item, {.error = &error});
}

void stream_reader::call(call_handler& on_item, call_end const& end)
{
    if (auto const p = peer.lock())
        return p->end_call(on_item, end);
    try
    {
        on_item(end);
    }
    catch (...) // the peer is gone: there is no connection left to close for it
    {
    }
}

void stream_reader::count_read()
{
    auto const more = ended_ ? 0 : items_.on_read();
    auto const p = peer.lock();
    if (more != 0 && p && id)
        p->send_credit(*id, more);
}

std::shared_ptr<stream_reader> open_stream(std::shared_ptr<peer_impl> const& impl, std::string_view method,
                                           function_ref<void(writer&)> arguments, call_options const& options)
{
    auto const stream = std::make_shared<stream_reader>(impl, options.window);
    auto how = options;
    how.timeout = options.timeout.value_or(std::chrono::milliseconds::zero());
    std::shared_ptr<call_watcher> const items = stream;
    stream->id = impl->send_request(
        method, arguments, how, [stream](call_end const& end) { stream->on_end(end); }, &items);
    return stream;
}

void next_item(std::shared_ptr<stream_reader> const& stream, call_handler&& on_item)
{
    stream->next(std::move(on_item));
}

void cancel_next(std::weak_ptr<stream_reader> const& stream)
{
    if (auto const s = stream.lock())
        s->cancel_next();
}

void stop_stream(std::shared_ptr<stream_reader> const& stream) noexcept
{
    try
    {
        stream->stop();
    }
    catch (...) // out of memory: the other end is not told, and stops for want of credit
    {
    }
}

std::weak_ptr<peer_impl> const& peer_of(stream_reader const& stream) noexcept { return stream.peer; }
boost::asio::any_io_executor const& executor_of(stream_reader const& stream) noexcept
{
    return stream.executor;
}

} // namespace oizys::rpc::detail
