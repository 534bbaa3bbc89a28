// SPDX-License-Identifier: BSL-1.0
//
// What stands between async_call's completion handler, whatever its type, and the compiled peer.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function_ref.hpp>
#include <oizys/rpc/call_options.hpp>
#include <oizys/rpc/codec/convert/core.hpp>
#include <oizys/rpc/outcome.hpp>
#include <oizys/rpc/protocol/call_end.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace oizys::rpc::detail
{

class outgoing_batch;
class peer_impl;

/// A method's name on its way to the start of a call: looked at where it lies if the call starts at once, and
/// copied with the token's state if it starts later.
class call_name
{
public:
    explicit call_name(std::string_view name) noexcept : view_{name} {}
    call_name(call_name const& other) : own_{other.view_}, view_{own_} {}
    call_name& operator=(call_name const&) = delete;
    ~call_name() = default;

    std::string_view view() const noexcept { return view_; }

private:
    std::string own_;
    std::string_view view_;
};

/// Sends a request, or adds it to a batch, and returns its id for cancel_call. If it cannot be sent, `on_end` is posted with the reason.
OIZYS_API std::optional<std::uint32_t> send_request(std::shared_ptr<peer_impl> const& impl,
                                                    std::string_view method,
                                                    function_ref<void(writer&)> arguments,
                                                    call_options const& options, call_handler&& on_end,
                                                    outgoing_batch* into = nullptr);
OIZYS_API void cancel_call(std::weak_ptr<peer_impl> const& impl, std::uint32_t id);
OIZYS_API boost::asio::any_io_executor executor_of(peer_impl const& impl) noexcept;
/// Closes the connection, on its executor `own`, because a handler threw that runs on another one.
OIZYS_API void report_failed_handler(std::weak_ptr<peer_impl> const& impl,
                                     boost::asio::any_io_executor const& own);

template <class R>
struct decoded_answer
{
    boost::system::error_code ec{};
    outcome<R> result{};
};

template <class R>
struct answer_decoder
{
    static decoded_answer<R> decode(call_end const& end);
};

template <class R>
decoded_answer<R> answer_decoder<R>::decode(call_end const& end)
{
    static_assert(!std::is_same_v<R, std::string_view>,
                  "the message is gone when the result is looked at: ask for a std::string");
    if (end.why)
        return {.ec = end.why};
    if (end.error != nullptr)
        return {.result = std::move(*end.error)};
    if constexpr (std::is_void_v<R>)
        return {};
    else
    {
        try
        {
            R result{};
            if (!read(*end.result, result))
                return {.ec = errc::bad_result};
            return {.result = std::move(result)};
        }
        catch (...) // a conversion of the user's: the call has to end all the same
        {
            return {.ec = errc::bad_result};
        }
    }
}

template <class R>
decoded_answer<R> decode_answer(call_end const& end)
{
    return answer_decoder<R>::decode(end);
}

/// Whether a handler that wants to run on `wanted` may be called on `own`.
template <class Executor>
bool is_same_executor(Executor const& wanted, boost::asio::any_io_executor const& own)
{
    if constexpr (std::is_same_v<Executor, boost::asio::any_io_executor>)
        return wanted == own;
    else if constexpr (std::is_convertible_v<Executor, boost::asio::any_io_executor>)
        return boost::asio::any_io_executor{wanted} == own;
    else
        return false; // that of use_future
}

struct no_executor
{};

/// Whether a handler says at all where it wants to run; a plain function object does not.
template <class Handler>
inline constexpr bool has_executor =
    !std::is_same_v<boost::asio::associated_executor_t<Handler, no_executor>, no_executor>;

/// Calls the handler where a call ends: on the peer's executor.
template <class R, class Handler, class Slot>
call_handler end_here(Handler handler, Slot slot)
{
    return [h = std::move(handler), slot](call_end const& end) mutable {
        if (slot.is_connected())
            slot.clear();
        auto answer = decode_answer<R>(end);
        std::move(h)(answer.ec, std::move(answer.result));
    };
}

/// Has the handler called on its own executor, which does not run out of work until then.
template <class R, class Handler, class Slot, class Executor>
call_handler end_on(Executor const& executor, std::weak_ptr<peer_impl> const& impl,
                    boost::asio::any_io_executor const& on, Handler handler, Slot slot)
{
    namespace asio = boost::asio;
    return [h = std::move(handler), slot, work = asio::make_work_guard(executor), weak = impl,
            own = on](call_end const& end) mutable {
        if (slot.is_connected())
            slot.clear();
        auto call = [h = std::move(h), answer = decode_answer<R>(end), weak = std::move(weak),
                     own = std::move(own)]() mutable {
            try
            {
                std::move(h)(answer.ec, std::move(answer.result));
            }
            catch (...)
            {
                report_failed_handler(weak, own);
            }
        };
        asio::dispatch(work.get_executor(), std::move(call));
    };
}

template <class R, class Handler, class Slot>
call_handler make_call_handler(std::weak_ptr<peer_impl> const& impl, boost::asio::any_io_executor const& own,
                               Handler handler, Slot slot)
{
    if constexpr (has_executor<Handler>)
    {
        auto const wanted = boost::asio::get_associated_executor(handler, own);
        if (!is_same_executor(wanted, own))
            return end_on<R>(wanted, impl, own, std::move(handler), slot);
    }
    return end_here<R>(std::move(handler), slot);
}

template <class R, class Handler, class Slot>
call_handler start_handler(std::shared_ptr<peer_impl> const& impl, Handler handler, Slot slot)
{
    if constexpr (has_executor<Handler>)
        return make_call_handler<R>(impl, executor_of(*impl), std::move(handler), slot);
    else
        return end_here<R>(std::move(handler), slot);
}

/// Starts a call whose end is handed to `handler`, on the handler's executor.
template <class R, class Handler>
void start_call(std::shared_ptr<peer_impl> const& impl, std::string_view method,
                function_ref<void(writer&)> arguments, call_options const& options, Handler handler,
                outgoing_batch* into = nullptr)
{
    namespace asio = boost::asio;
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto on_end = start_handler<R>(impl, std::move(handler), slot);
    auto const id = send_request(impl, method, arguments, options, std::move(on_end), into);
    if (id && slot.is_connected())
        slot.assign([weak = std::weak_ptr{impl}, id = *id](asio::cancellation_type type) {
            if (type != asio::cancellation_type::none)
                cancel_call(weak, id);
        });
}

} // namespace oizys::rpc::detail
