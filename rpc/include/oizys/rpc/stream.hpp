// SPDX-License-Identifier: BSL-1.0
//
// Methods that send their caller values one after another, as fast as that reads them.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function.hpp>
#include <oizys/function_ref.hpp>
#include <oizys/rpc/call_operation.hpp>
#include <oizys/rpc/codec/convert/core.hpp>
#include <oizys/rpc/handler.hpp>
#include <oizys/rpc/protocol/error.hpp>
#include <oizys/rpc/reply.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace oizys::rpc
{
namespace detail
{

class outgoing_stream;

/// One end of a stream, in values that are written and a call that is answered.
class OIZYS_API stream_output
{
public:
    using written = unique_function<void(boost::system::error_code), 8>;

    /// @throws rpc::error  too_many_calls: see peer_options::max_streams.
    explicit stream_output(deferred_answer answer);
    stream_output(stream_output&&) noexcept;
    stream_output& operator=(stream_output&&) = delete;
    ~stream_output();

    std::shared_ptr<outgoing_stream> const& impl() const noexcept { return impl_; }
    void finish();
    void error(error_object const& error);
    /// Answers as if the handler had thrown.
    void fail(std::exception_ptr const& thrown);

private:
    std::shared_ptr<outgoing_stream> impl_;
};

/// `done` is called on the peer's executor, not within this function unless the peer is gone.
OIZYS_API void write_item(std::shared_ptr<outgoing_stream> const& stream, function_ref<void(writer&)> item,
                          stream_output::written done);

} // namespace detail

/// Sends the caller values, and answers the call with their end: the first parameter (behind a call_context&, if there is
/// one) of a handler that is called with peer::open_stream.
/// @code
/// service.method("ticks", [](rpc::stream_writer<int> out, int n) { ... });
/// co_await out.async_write(1, use_awaitable);
/// std::move(out).finish();
/// @endcode
/// Destroyed before its end, it ends the stream with internal_error. A caller that does not know streams is answered with
/// one array of all values, which must fit into one message.
/// @par Thread safety  may be used on any thread, by one at a time.
template <class T>
class stream_writer
{
public:
    explicit stream_writer(detail::deferred_answer answer) : output_{std::move(answer)} {}

    /// Sends a value as soon as the caller has room for it, and completes when the next one may be written; with
    /// errc::cancelled if nobody wants it, and nothing more will be sent: the caller has stopped, or the connection has
    /// ended. errc::bad_arguments: the protocol has no form for the value, or it does not fit into a message; the stream
    /// has ended with an error that says so.
    /// @par Handler        void(error_code), on its own executor or the peer's. One at a time; another one fails with
    ///                     boost::asio::error::already_started.
    /// @par Lifetime       the value is encoded before this function returns, except with tokens that start later, which
    ///                     copy it.
    template <boost::asio::completion_token_for<void(boost::system::error_code)> Token>
    auto async_write(T const& value, Token&& token)
    {
        return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
            [](auto handler, std::shared_ptr<detail::outgoing_stream> const& stream, T const& item) {
                detail::write_item(
                    stream, [&](writer& out) { write(out, item); }, completion(std::move(handler)));
            },
            token, output_.impl(), value);
    }

    /// Ends the stream behind what was written.
    void finish() && { output_.finish(); }
    /// Ends it with an error, behind what was sent; a value that waits for room is dropped.
    void error(error_object const& error) && { output_.error(error); }

private:
    template <class Handler>
    static detail::stream_output::written completion(Handler handler)
    {
        if constexpr (!detail::has_executor<Handler>)
            return [h = std::move(handler)](boost::system::error_code ec) mutable { std::move(h)(ec); };
        else
        {
            auto work = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
            return [h = std::move(handler), work = std::move(work)](boost::system::error_code ec) mutable {
                auto const executor = work.get_executor();
                boost::asio::post(executor, [h = std::move(h), ec]() mutable { std::move(h)(ec); });
            };
        }
    }

    detail::stream_output output_;
};

/// What a handler returns to send its caller values that a function makes one by one, each when there is room for it.
/// @code
/// service.method("count", [](int n) {
///     return rpc::stream<int>{[i = 0, n]() mutable { return i < n ? std::optional{i++} : std::nullopt; }};
/// });
/// @endcode
/// No value is the end. The function runs on the peer's executor; what it throws ends the stream, as from any method.
/// When the caller stops, or the connection ends, it is destroyed.
template <class T>
class stream
{
public:
    using value_type = T;
    using answers_later = void;

    explicit stream(unique_function<std::optional<T>()> next) : next_{std::move(next)} {}

    /// Begins to send.
    void answer(detail::deferred_answer to) &&
    {
        if (to.is_moot())
            return; // and perhaps the executor's context is gone
        auto const executor = to.executor();
        boost::asio::dispatch(executor,
                              [p = std::make_shared<pump>(std::move(to), std::move(next_))] { p->step({}); });
    }

private:
    struct pump : std::enable_shared_from_this<pump>
    {
        pump(detail::deferred_answer to, unique_function<std::optional<T>()> f)
            : out{std::move(to)}, next{std::move(f)}
        {
        }

        void step(boost::system::error_code ec)
        {
            if (ec)
                return;
            try
            {
                if (auto const item = next())
                    detail::write_item(
                        out.impl(), [&](writer& w) { write(w, *item); },
                        [self = this->shared_from_this()](boost::system::error_code e) { self->step(e); });
                else
                    out.finish();
            }
            catch (...)
            {
                out.fail(std::current_exception());
            }
        }

        detail::stream_output out;
        unique_function<std::optional<T>()> next;
    };

    unique_function<std::optional<T>()> next_;
};

namespace detail
{

template <class T, class... Parameters>
struct parameter_list<stream_writer<T>, Parameters...>
{
    static constexpr bool wants_context = false;
    static constexpr bool wants_reply = true;
    using reply_type = stream_writer<T>;
    using arguments = std::tuple<std::remove_cvref_t<Parameters>...>;
};

} // namespace detail
} // namespace oizys::rpc
