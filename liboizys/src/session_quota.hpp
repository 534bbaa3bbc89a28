// SPDX-License-Identifier: BSL-1.0
//
// Counts the open sessions of a listener, in total and by user. A plain count: no I/O, no clock.
#pragma once

#include <oizys/credentials.hpp>
#include <oizys/function.hpp>

#include <boost/system/error_code.hpp>

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

namespace oizys::detail
{

class session_quota;

/// One session's place in the count, given back when it goes. Moved, never copied.
class session_slot
{
public:
    session_slot() noexcept = default; ///< of a session that nobody counts
    session_slot(session_slot&& other) noexcept = default;
    session_slot& operator=(session_slot&& other) noexcept;
    ~session_slot() { release(); }

    void release() noexcept;

    /// Before it is released: the session ends without ever having been one.
    void report_failure(credentials const& who, boost::system::error_code why) noexcept;
    bool is_counted() const noexcept { return quota_ != nullptr; }

private:
    friend session_quota;
    session_slot(std::shared_ptr<session_quota> quota, std::optional<uid_t> uid) noexcept;

    std::shared_ptr<session_quota> quota_;
    std::optional<uid_t> uid_;
};

/// Outlives its listener as long as there are sessions.
class session_quota final : public std::enable_shared_from_this<session_quota>
{
public:
    /// How many sessions there may be, and how many of one user; zero: as many as come.
    session_quota(std::size_t total, std::size_t per_uid) noexcept : max_total_{total}, max_per_uid_{per_uid}
    {
    }

    std::size_t open() const noexcept { return open_; }
    bool full() const noexcept { return max_total_ != 0 && open_ >= max_total_; }
    bool full_for(std::optional<uid_t> uid) const noexcept;

    /// Counts one more, which the caller has found room for.
    /// @throws std::bad_alloc  nothing is counted
    session_slot take(std::optional<uid_t> uid);

    /// Sets what is called once when a session has ended after this; instead of what was set before. It is called
    /// wherever that session ends, and must only leave word.
    void set_on_room(unique_function<void()> handler) { on_room_ = std::move(handler); }

    using failure_handler = unique_function<void(credentials const&, boost::system::error_code)>;

    /// Sets what is called for each session that ends before both ends understand each other; once, for good.
    void set_on_failure(failure_handler handler) { on_failure_ = std::move(handler); }

private:
    friend session_slot;
    void give_back(std::optional<uid_t> uid) noexcept;

    std::size_t max_total_;
    std::size_t max_per_uid_;
    std::size_t open_ = 0;
    std::unordered_map<uid_t, std::size_t> by_uid_; ///< empty where max_per_uid_ is zero
    unique_function<void()> on_room_;
    failure_handler on_failure_;
};

} // namespace oizys::detail
