// SPDX-License-Identifier: BSL-1.0
//
// The values that a method sends one after another, for who called it.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/call_operation.hpp>

#include <boost/asio/async_result.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace oizys::rpc
{
namespace detail
{

class stream_reader;

OIZYS_API std::shared_ptr<stream_reader> open_stream(std::shared_ptr<peer_impl> const& impl,
                                                     std::string_view method,
                                                     function_ref<void(writer&)> arguments,
                                                     call_options const& options);
OIZYS_API void next_item(std::shared_ptr<stream_reader> const& stream, call_handler&& on_item);
OIZYS_API void cancel_next(std::weak_ptr<stream_reader> const& stream);
OIZYS_API void stop_stream(std::shared_ptr<stream_reader> const& stream) noexcept;
OIZYS_API std::weak_ptr<peer_impl> const& peer_of(stream_reader const& stream) noexcept;
OIZYS_API boost::asio::any_io_executor const& executor_of(stream_reader const& stream) noexcept;

template <class T>
struct stream_item; // never made: says that a T, or the end, is awaited

template <class T>
struct decoded_answer<stream_item<T>>
{
    boost::system::error_code ec{};
    outcome<std::optional<T>> result{std::optional<T>{}};
};

template <class T>
struct answer_decoder<stream_item<T>>
{
    static decoded_answer<stream_item<T>> decode(call_end const& end)
    {
        if (!end.why && end.error == nullptr && end.result == nullptr)
            return {};
        auto item = answer_decoder<T>::decode(end);
        if (item.ec || !item.result.has_value())
            return {.ec = item.ec, .result = item.result.error()};
        return {.ec = {}, .result = std::optional<T>{std::move(item.result).value()}};
    }
};

} // namespace detail

/// Values of type T that the other end sends, as peer::open_stream has asked it to.
///
/// The other end sends at most call_options::window values ahead of who reads them here.
/// @par Lifetime       destroying it tells the other end to stop. A value that is being waited for then ends with
///                     errc::cancelled.
/// @par Thread safety  as its peer's.
template <class T>
class incoming_stream
{
public:
    /// No stream; may only be assigned to, tested and destroyed.
    incoming_stream() noexcept = default;
    incoming_stream(incoming_stream&&) noexcept = default;
    incoming_stream& operator=(incoming_stream&& other) noexcept
    {
        auto const old = std::exchange(impl_, std::move(other.impl_));
        if (old)
            detail::stop_stream(old);
        return *this;
    }
    ~incoming_stream() { stop(); }

    explicit operator bool() const noexcept { return impl_ != nullptr; }

    /// Waits for the next value. No value is the end of the stream, and what stands in place of it: the error object that
    /// the other end ended it with, or the error of a call that has no answer, or errc::bad_result for a value that is no
    /// T. The end may be asked for again.
    /// @code
    /// while (std::optional<int> n = co_await numbers.async_next(use_awaitable)) ...
    /// @endcode
    /// @par Handler        void(error_code, outcome<std::optional<T>>); never called inside this function. One at a time;
    ///                     another one fails with boost::asio::error::already_started.
    /// @par Cancellation   terminal, partial and total: completes with errc::cancelled; no value is lost, and the stream
    ///                     goes on.
    template <
        boost::asio::completion_token_for<void(boost::system::error_code, outcome<std::optional<T>>)> Token>
    auto async_next(Token&& token)
    {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, outcome<std::optional<T>>)>(
            [](auto handler, std::shared_ptr<detail::stream_reader> const& stream) {
                auto slot = boost::asio::get_associated_cancellation_slot(handler);
                if (slot.is_connected())
                    slot.assign([weak = std::weak_ptr{stream}](boost::asio::cancellation_type type) {
                        if (type != boost::asio::cancellation_type::none)
                            detail::cancel_next(weak);
                    });
                detail::next_item(stream, detail::make_call_handler<detail::stream_item<T>>(
                                              detail::peer_of(*stream), detail::executor_of(*stream),
                                              std::move(handler), slot));
            },
            token, impl_);
    }

    /// Tells the other end to stop; what has come is forgotten, and the end is errc::cancelled.
    void stop() noexcept
    {
        if (impl_)
            detail::stop_stream(impl_);
    }

private:
    friend class peer;

    explicit incoming_stream(std::shared_ptr<detail::stream_reader> impl) noexcept : impl_{std::move(impl)} {}

    std::shared_ptr<detail::stream_reader> impl_;
};

} // namespace oizys::rpc
