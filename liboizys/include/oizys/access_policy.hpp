// SPDX-License-Identifier: BSL-1.0
//
// Who may connect. A plain value: it decides on credentials that it is given, and does no I/O but for
// looking up names when a rule is added.
#pragma once

#include <oizys/api.hpp>
#include <oizys/credentials.hpp>

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace oizys
{

/// How a policy came to its decision.
enum class access_verdict : std::uint8_t
{
    allowed,
    denied,      ///< a deny rule says so
    not_allowed, ///< nothing allows it
    rejected,    ///< the function said no
    failed,      ///< the function threw
};

/// Rules about who may connect, in this order of precedence, however they were added:
///
/// 1. A deny rule that matches refuses.
/// 2. An allow rule that matches admits.
/// 3. The function, where there is one, decides about everybody else.
/// 4. Everybody else is refused.
///
/// What is not known (over tcp: everything) matches each deny rule and no allow rule but `allow_everybody`.
/// A policy with neither allow rules nor a function is completed by the listener: with `allow_same_user`
/// for Unix sockets, with or without a file, and with `allow_everybody` for others; also with `allow_everybody` for
/// Unix sockets of systemd's that have a file, whose permissions (`SocketMode=`, 0666 by default) decide then.
///
/// Names are looked up when the rule is added, not when somebody connects.
class OIZYS_API access_policy
{
public:
    using function = std::function<bool(credentials const&)>;

    access_policy& allow_everybody();
    /// The effective user of this process at the time of the connection, and root.
    access_policy& allow_same_user();
    /// `name`, where given, is only for `explain`.
    access_policy& allow_uid(uid_t uid, std::string_view name = {});
    /// As the other process's group or among its supplementary ones.
    access_policy& allow_gid(gid_t gid, std::string_view name = {});
    /// @throws boost::system::system_error  `errc::unknown_name` or an error of the system's; it says which name
    access_policy& allow_user(std::string_view name);
    /// @throws as allow_user
    access_policy& allow_group(std::string_view name);

    access_policy& deny_uid(uid_t uid, std::string_view name = {});
    access_policy& deny_gid(gid_t gid, std::string_view name = {});
    /// @throws as allow_user
    access_policy& deny_user(std::string_view name);
    /// @throws as allow_user
    access_policy& deny_group(std::string_view name);

    /// Sets the function, which is called on the listener's executor and must not block. One that throws refuses.
    /// It decides before any byte is read, so that it never knows the subject of a certificate.
    access_policy& decide_by(function decision);

    /// Neither an allow rule nor a function is set.
    bool is_incomplete() const noexcept { return allow_.empty() && !function_; }

    /// A decision depends on supplementary groups.
    bool needs_groups() const noexcept;

    /// Decides; `self` is the user that this process runs as.
    access_verdict decide(credentials const& who, uid_t self) const noexcept;

    /// Why `decide` did not say `allowed`, such as "only the same user (uid 1000) or root may connect".
    std::string explain(access_verdict verdict, credentials const& who, uid_t self) const;

private:
    enum class kind : std::uint8_t
    {
        everybody,
        same_user,
        user,
        group,
    };

    struct rule
    {
        kind what;
        std::uint32_t id = 0; ///< uid or gid
        std::string name{};   ///< empty where the rule was given by its number
    };

    enum class match : std::uint8_t
    {
        no,
        yes,
        unknown,
    };

    static match matches(rule const& r, credentials const& who, uid_t self) noexcept;
    static std::string describe(rule const& r);

    std::vector<rule> deny_;
    std::vector<rule> allow_;
    function function_;
};

} // namespace oizys
