// SPDX-License-Identifier: BSL-1.0
//
// One request or notification on its way to a function of the user's, and the answer on its way back.
// Handlers never see it; the templates in handler.hpp are written against it.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function_ref.hpp>
#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/codec/reader.hpp>
#include <oizys/rpc/codec/writer.hpp>
#include <oizys/rpc/method.hpp>
#include <oizys/rpc/protocol/error.hpp>
#include <oizys/rpc/reply.hpp>

namespace oizys::rpc
{

/// What is being served. Exactly one of the answering functions is called, or `defer`; for a notification
/// they do nothing.
class OIZYS_API invocation : public call_context
{
public:
    /// The parameters, from their beginning, whatever has failed in reading them before; null if there are none.
    virtual reader* parameters() = 0;
    /// Answers with a result that `write` writes as one value.
    virtual void answer(function_ref<void(writer&)> write) = 0;
    virtual void answer_error(error_object const& error) = 0;
    /// The same with what an error code of C++ says.
    virtual void answer_error(boost::system::error_code why) = 0;
    /// The answer comes later.
    /// @throws rpc::error  too_many_calls; see peer_options::max_unanswered_bytes.
    virtual detail::deferred_answer defer() = 0;
    /// The same for a call whose arguments are kept, too.
    virtual detail::deferred_answer defer_with_arguments() = 0;

protected:
    ~invocation() = default;
};

namespace detail
{

/// Reads the arguments of a call into `targets`, one for each parameter of `method`, by position or by name. If they do
/// not fit, answers invalid_params with a message that names the parameter, and returns false.
OIZYS_API bool read_arguments(invocation& call, method_entry const& method, void* const* targets);

} // namespace detail
} // namespace oizys::rpc
