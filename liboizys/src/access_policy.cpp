// SPDX-License-Identifier: BSL-1.0
#include <oizys/access_policy.hpp>

#include "account.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <utility>

namespace oizys
{

namespace
{

uid_t uid_of(std::string_view name)
{
    boost::system::error_code ec;
    auto const uid = detail::uid_of_user(std::string{name}, ec);
    if (ec)
        throw boost::system::system_error{ec, "oizys::access_policy: user " + std::string{name}};
    return uid;
}

gid_t gid_of(std::string_view name)
{
    boost::system::error_code ec;
    auto const gid = detail::gid_of_group(std::string{name}, ec);
    if (ec)
        throw boost::system::system_error{ec, "oizys::access_policy: group " + std::string{name}};
    return gid;
}

} // namespace

access_policy& access_policy::allow_everybody()
{
    allow_.push_back({.what = kind::everybody});
    return *this;
}

access_policy& access_policy::allow_same_user()
{
    allow_.push_back({.what = kind::same_user});
    return *this;
}

access_policy& access_policy::allow_uid(uid_t uid, std::string_view name)
{
    allow_.push_back({.what = kind::user, .id = uid, .name = std::string{name}});
    return *this;
}

access_policy& access_policy::allow_gid(gid_t gid, std::string_view name)
{
    allow_.push_back({.what = kind::group, .id = gid, .name = std::string{name}});
    return *this;
}

access_policy& access_policy::deny_uid(uid_t uid, std::string_view name)
{
    deny_.push_back({.what = kind::user, .id = uid, .name = std::string{name}});
    return *this;
}

access_policy& access_policy::deny_gid(gid_t gid, std::string_view name)
{
    deny_.push_back({.what = kind::group, .id = gid, .name = std::string{name}});
    return *this;
}

access_policy& access_policy::allow_user(std::string_view name) { return allow_uid(uid_of(name), name); }
access_policy& access_policy::allow_group(std::string_view name) { return allow_gid(gid_of(name), name); }
access_policy& access_policy::deny_user(std::string_view name) { return deny_uid(uid_of(name), name); }
access_policy& access_policy::deny_group(std::string_view name) { return deny_gid(gid_of(name), name); }

access_policy& access_policy::decide_by(function decision)
{
    function_ = std::move(decision);
    return *this;
}

bool access_policy::needs_groups() const noexcept
{
    auto const is_group = [](rule const& r) { return r.what == kind::group; };
    return function_ || std::ranges::any_of(deny_, is_group) || std::ranges::any_of(allow_, is_group);
}

access_verdict access_policy::decide(credentials const& who, uid_t self) const noexcept
{
    for (auto const& r : deny_)
    {
        if (matches(r, who, self) != match::no)
            return access_verdict::denied;
    }
    for (auto const& r : allow_)
    {
        if (matches(r, who, self) == match::yes)
            return access_verdict::allowed;
    }
    if (!function_)
        return access_verdict::not_allowed;
    try
    {
        return function_(who) ? access_verdict::allowed : access_verdict::rejected;
    }
    catch (...) // what was thrown has no place in a verdict
    {
        return access_verdict::failed;
    }
}

std::string access_policy::explain(access_verdict verdict, credentials const& who, uid_t self) const
{
    switch (verdict)
    {
    case access_verdict::allowed: return {};
    case access_verdict::rejected: return "the function of the access policy said no";
    case access_verdict::failed: return "the function of the access policy threw an exception";
    case access_verdict::denied:
        for (auto const& r : deny_)
        {
            auto const found = matches(r, who, self);
            if (found == match::yes)
                return describe(r) + " is denied";
            if (found == match::unknown)
                return describe(r) + " is denied, and may be this one";
        }
        return {};
    case access_verdict::not_allowed: break;
    }
    std::vector<std::string> names;
    for (auto const& r : allow_)
    {
        if (r.what == kind::same_user)
            names.insert(names.end(), {"the same user (uid " + std::to_string(self) + ')', "root"});
        else
            names.push_back(describe(r));
    }
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text.append(i == 0 ? "only " : i + 1 < names.size() ? ", " : " or ").append(names[i]);
    return (text.empty() ? "nobody" : text) + " may connect";
}

access_policy::match access_policy::matches(rule const& r, credentials const& who, uid_t self) noexcept
{
    auto const known = [](bool is) { return is ? match::yes : match::no; };
    switch (r.what)
    {
    case kind::everybody: return match::yes;
    case kind::same_user: return who.uid ? known(*who.uid == self || *who.uid == 0) : match::unknown;
    case kind::user: return who.uid ? known(*who.uid == r.id) : match::unknown;
    case kind::group: break;
    }
    if (who.gid == r.id)
        return match::yes;
    if (!who.gid || !who.groups)
        return match::unknown;
    return known(std::ranges::find(*who.groups, r.id) != who.groups->end());
}

std::string access_policy::describe(rule const& r)
{
    auto const number = (r.what == kind::user ? "uid " : "gid ") + std::to_string(r.id);
    switch (r.what)
    {
    case kind::everybody: return "everybody";
    case kind::same_user: return "the same user";
    case kind::user: return r.name.empty() ? number : "user " + r.name + " (" + number + ')';
    case kind::group: break;
    }
    return r.name.empty() ? number : "group " + r.name + " (" + number + ')';
}

} // namespace oizys
