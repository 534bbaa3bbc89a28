// SPDX-License-Identifier: BSL-1.0
//
// Decides about each connection that reaches a listener, and counts what it decides. It looks at sockets and
// neither accepts nor closes them.
#pragma once

#include <oizys/listener.hpp>

#include "listener_log.hpp"
#include "session_quota.hpp"

#include <boost/system/error_code.hpp>

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

namespace oizys::detail
{

/// The policy that is in force: `policy`, or where it says nothing, the default for sockets of this family.
access_policy complete(access_policy policy, int family, std::optional<gid_t> group,
                       std::string const& group_name);

/// Options and endpoint outlive it. Members that decide or report call functions of the user's, which may close
/// or destroy the listener.
class listener_gate final
{
public:
    /// `group_name`: as the group of the socket's file was asked for.
    listener_gate(listener_options const& options, endpoint const& local, int family,
                  std::optional<gid_t> group, std::string const& group_name);

    /// The place of a new connection; none: it is refused. `is_crowd`: because there are too many.
    std::optional<session_slot> admit(int socket, bool& is_crowd);
    /// The place of a connection that was given to this process by whoever started it.
    session_slot admit_given() { return quota_->take(std::nullopt); }

    bool full() const noexcept { return quota_->full(); }
    void set_on_room(unique_function<void()> handler) { quota_->set_on_room(std::move(handler)); }
    /// To be told of sessions that fail; also after this has gone.
    void set_on_failure(session_quota::failure_handler handler)
    {
        quota_->set_on_failure(std::move(handler));
    }

    void count_accepted() noexcept;
    void count_error() noexcept { ++counters_.accept_errors; }
    listener_counters counters() const noexcept;

    void report_failure(credentials const& who, boost::system::error_code why) noexcept;

    /// Told to the log when it begins, not each time it is found to last.
    void report_full() noexcept;
    void report_pause(boost::system::error_code why) noexcept;
    void report_end(boost::system::error_code why) noexcept { log_.ended(why); }

private:
    listener_options const& options_;
    listener_log log_;
    access_policy policy_;
    bool needs_groups_;
    std::shared_ptr<session_quota> quota_;
    listener_counters counters_;
    bool told_full_ = false;
    bool told_pause_ = false;
};

} // namespace oizys::detail
