// SPDX-License-Identifier: BSL-1.0
#include "session_quota.hpp"

#include <utility>

namespace oizys::detail
{

session_slot::session_slot(std::shared_ptr<session_quota> quota, std::optional<uid_t> uid) noexcept
    : quota_{std::move(quota)}, uid_{uid}
{
}

session_slot& session_slot::operator=(session_slot&& other) noexcept
{
    if (this != &other)
    {
        release();
        quota_ = std::move(other.quota_);
        uid_ = other.uid_;
    }
    return *this;
}

void session_slot::release() noexcept
{
    if (auto const quota = std::exchange(quota_, nullptr))
        quota->give_back(uid_);
}

void session_slot::report_failure(credentials const& who, boost::system::error_code why) noexcept
{
    auto const quota = quota_; // whoever is told may end everything else
    if (quota && quota->on_failure_)
        quota->on_failure_(who, why);
}

bool session_quota::full_for(std::optional<uid_t> uid) const noexcept
{
    if (max_per_uid_ == 0 || !uid)
        return false;
    auto const found = by_uid_.find(*uid);
    return found != by_uid_.end() && found->second >= max_per_uid_;
}

session_slot session_quota::take(std::optional<uid_t> uid)
{
    if (max_per_uid_ != 0 && uid)
        ++by_uid_[*uid];
    ++open_;
    return {shared_from_this(), uid};
}

void session_quota::give_back(std::optional<uid_t> uid) noexcept
{
    --open_;
    auto const found = uid ? by_uid_.find(*uid) : by_uid_.end();
    if (found != by_uid_.end() && --found->second == 0)
        by_uid_.erase(found);
    auto on_room = std::exchange(on_room_, {});
    if (on_room)
        on_room();
}

} // namespace oizys::detail
