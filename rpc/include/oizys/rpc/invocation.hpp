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
#include <oizys/rpc/protocol/error.hpp>
#include <oizys/rpc/reply.hpp>

#include <span>
#include <string>

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
    /// The answer comes later.
    /// @throws rpc::error  too_many_calls; see peer_options::max_unanswered_bytes.
    virtual detail::deferred_answer defer() = 0;

protected:
    ~invocation() = default;
};

namespace detail
{

/// Where one argument goes.
struct argument_slot
{
    bool (*read)(reader& in, void* target);
    void* target;
    char const* expected; ///< for messages: "an integer"
    bool optional;        ///< may be absent
    bool rest;            ///< takes all positional arguments that are left
};

/// Reads the parameters into the slots, by position or by name. If they do not fit, answers invalid_params with a
/// message that names the parameter, and returns false.
OIZYS_API bool read_arguments(invocation& call, std::span<argument_slot const> slots,
                              std::span<std::string const> names);

} // namespace detail
} // namespace oizys::rpc
