// SPDX-License-Identifier: BSL-1.0
#include "interception.hpp"

#include "peer_impl.hpp"

#include <oizys/error.hpp>
#include <oizys/rpc/call_context.hpp>

namespace oizys::rpc::detail
{

void interception::before(call_context& call) const
{
    if (!hooks_)
        return;
    for (auto const& one : hooks_->before)
        if (matches(one->pattern, call.method()))
            one->call(call);
}

void interception::after(peer_impl& of, call_context const& call, std::optional<std::int64_t> error) const
try
{
    if (!wants_report())
        return;
    call_report const report{.error = error, .duration = clock::now() - began_};
    for (auto const& one : hooks_->after)
        if (matches(one->pattern, call.method()))
            one->call(call, report);
}
catch (...)
{
    of.fail(oizys::errc::handler_failed); // what was thrown has no place in an error code
}

} // namespace oizys::rpc::detail
