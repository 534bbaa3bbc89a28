// SPDX-License-Identifier: BSL-1.0
//
// Runs the interceptors of a service. All functions are called on the executor of the peer that is called.
#pragma once

#include <oizys/rpc/interceptor.hpp>

#include <chrono>
#include <memory>

namespace oizys::rpc::detail
{

class peer_impl;

/// Of one call; does nothing, and looks at no clock, unless somebody wants to know.
class interception
{
public:
    using clock = std::chrono::steady_clock;

    explicit interception(std::shared_ptr<service_hooks const> hooks)
        : hooks_{std::move(hooks)}
        , began_{hooks_ && !hooks_->after.empty() ? clock::now() : clock::time_point{}}
    {
    }

    service_hooks const* hooks() const noexcept { return hooks_.get(); }
    bool wants_report() const noexcept { return hooks_ && !hooks_->after.empty(); }

    /// Throws what an interceptor throws.
    void before(call_context& call) const;
    /// If an interceptor throws, the connection is closed.
    void after(peer_impl& of, call_context const& call, std::optional<std::int64_t> error) const;

private:
    std::shared_ptr<service_hooks const> hooks_; ///< null: there are none
    clock::time_point began_;
};

} // namespace oizys::rpc::detail
