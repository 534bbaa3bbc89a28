// SPDX-License-Identifier: BSL-1.0
#include "listener_gate.hpp"

#include "peer_identity.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace oizys::detail
{
access_policy complete(access_policy policy, int family, std::optional<gid_t> group,
                       std::string const& group_name)
{
    if (!policy.is_incomplete())
        return policy;
    if (family != AF_UNIX)
        return policy.allow_everybody();
    policy.allow_same_user();
    if (group)
    {
        bool const is_number = group_name == std::to_string(*group);
        policy.allow_gid(*group, is_number ? std::string{} : group_name);
    }
    return policy;
}

listener_gate::listener_gate(listener_options const& options, endpoint const& local, int family,
                             std::optional<gid_t> group, std::string const& group_name)
    : options_{options}
    , log_{options.log, local}
    , policy_{complete(options.access, family, group, group_name)}
    , needs_groups_{policy_.needs_groups()}
    , quota_{std::make_shared<session_quota>(options.max_sessions, options.max_sessions_per_uid)}
{
}

std::optional<session_slot> listener_gate::admit(int socket, bool& is_crowd)
{
    is_crowd = false;
    auto const who = needs_groups_ ? peer_credentials(socket) : peer_identity(socket);
    auto const self = ::geteuid();
    auto const verdict = policy_.decide(who, self);
    if (verdict != access_verdict::allowed)
    {
        ++counters_.refused_by_policy;
        log_.refused(who, "policy", [&] { return policy_.explain(verdict, who, self); });
        return std::nullopt;
    }
    if (quota_->full_for(who.uid))
    {
        is_crowd = true;
        ++counters_.refused_by_limit;
        log_.refused(who, "max_sessions_per_uid", [&] {
            return "max_sessions_per_uid is " + std::to_string(options_.max_sessions_per_uid);
        });
        return std::nullopt;
    }
    return quota_->take(who.uid);
}

void listener_gate::count_accepted() noexcept
{
    ++counters_.accepted;
    told_pause_ = false;
    // A listener that is full all the time, and takes one whenever one leaves, is still the same case.
    if (quota_->open() < options_.max_sessions - options_.max_sessions / 10)
        told_full_ = false;
}

void listener_gate::report_failure(credentials const& who, boost::system::error_code why) noexcept
{
    ++counters_.failed_handshakes;
    log_.failed(who, why);
}

void listener_gate::report_full() noexcept
{
    if (!std::exchange(told_full_, true))
        log_.full(options_.max_sessions);
}

void listener_gate::report_pause(boost::system::error_code why) noexcept
{
    if (!std::exchange(told_pause_, true))
        log_.pausing(why, options_.accept_backoff);
}

listener_counters listener_gate::counters() const noexcept
{
    auto result = counters_;
    result.sessions = quota_->open();
    return result;
}

} // namespace oizys::detail
