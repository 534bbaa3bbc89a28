// SPDX-License-Identifier: BSL-1.0
//
// An answer that is given later.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function_ref.hpp>
#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/codec/convert/core.hpp>
#include <oizys/rpc/protocol/error.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace boost::asio
{

class any_io_executor;

} // namespace boost::asio

namespace oizys::rpc
{
namespace detail
{

/// The answer to one request, not yet given. If it is destroyed before, and every twin of it, that answers with an error:
/// every request gets exactly one answer.
class OIZYS_API deferred_answer
{
public:
    class state;

    explicit deferred_answer(std::shared_ptr<state> s) noexcept;
    deferred_answer(deferred_answer&&) noexcept;
    deferred_answer& operator=(deferred_answer&&) noexcept;
    ~deferred_answer();

    /// The call; valid until it is answered here.
    call_context& context() const noexcept;
    /// The connection's.
    boost::asio::any_io_executor const& executor() const noexcept;
    /// Expires when the connection has ended and everybody has let go of it, and with it, perhaps, its executor's context.
    std::weak_ptr<void> connection() const noexcept;
    /// Nobody is left to be answered, which is not the same as a notification.
    bool is_moot() const noexcept;
    /// Another handle of the same answer; the first that is given counts.
    deferred_answer twin() const noexcept;
    /// Keeps something until this and its twins have answered or are gone.
    void keep(std::shared_ptr<void> what) noexcept;
    std::shared_ptr<state> const& shared() const noexcept { return state_; }

    void result(function_ref<void(writer&)> write);
    void error(error_object const& error);
    /// The same with what an error code of C++ says.
    void error(boost::system::error_code why);
    /// The same with what a handler has thrown.
    void fail(std::exception_ptr const& thrown);

private:
    void abandon() noexcept;
    std::shared_ptr<state> let_go() noexcept;

    std::shared_ptr<state> state_;
};

} // namespace detail

/// Answers one request, from any thread, whenever it likes: the first parameter (behind a call_context&, if there
/// is one) of a handler that does not answer by returning.
/// @code
/// service.method("sleep", [](reply<void> done, int ms) { ... });
/// @endcode
/// The call_context& stays valid until then, too. Destroyed unanswered, it answers with internal_error. Answering after the connection has ended does nothing.
template <class R>
class reply
{
public:
    explicit reply(detail::deferred_answer answer) noexcept : answer_{std::move(answer)} {}

    void operator()(R const& result) &&
    {
        answer_.result([&](writer& out) { write(out, result); });
    }
    void error(error_object const& error) && { answer_.error(error); }
    /// Answers with operation_failed, or with what service::map_error makes of it.
    void error(boost::system::error_code why) && { answer_.error(why); }

private:
    detail::deferred_answer answer_;
};

template <>
class reply<void>
{
public:
    explicit reply(detail::deferred_answer answer) noexcept : answer_{std::move(answer)} {}

    /// Answers with null.
    void operator()() &&
    {
        answer_.result([](writer& out) { out.write_null(); });
    }
    void error(error_object const& error) && { answer_.error(error); }
    /// Answers with operation_failed, or with what service::map_error makes of it.
    void error(boost::system::error_code why) && { answer_.error(why); }

private:
    detail::deferred_answer answer_;
};

} // namespace oizys::rpc
