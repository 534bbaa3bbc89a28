// SPDX-License-Identifier: BSL-1.0
//
// Proves what an access policy decides about whom, rule by rule and in which order, and what it says to
// those it refuses.
#include <oizys/access_policy.hpp>
#include <oizys/error.hpp>

#include "listener_gate.hpp"

#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>

#include <sys/socket.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace oizys;
using oizys::detail::complete;

namespace
{

constexpr uid_t self = 1000;

credentials person(uid_t uid, gid_t gid, std::vector<gid_t> groups = {})
{
    return {.uid = uid, .gid = gid, .pid = 4711, .groups = std::move(groups)};
}

credentials const root = person(0, 0);
credentials const me = person(self, 1000);
credentials const alice = person(1001, 1001, {50});
credentials const bob = person(1002, 50);
credentials const carol = person(1003, 1003, {60, 70, 50});
credentials const nobody_knows{};
/// Its groups could not be read.
credentials const half_known{.uid = 1004, .gid = 1004, .pid = {}, .groups = {}};

struct row
{
    char const* who;
    credentials const& is;
    access_verdict verdict;
};

void check(access_policy const& policy, std::vector<row> const& table)
{
    for (auto const& [who, is, verdict] : table)
    {
        INFO(who);
        CHECK(policy.decide(is, self) == verdict);
    }
}

using enum access_verdict;

} // namespace

TEST_CASE("a policy without rules admits nobody by itself")
{
    access_policy const policy;
    CHECK(policy.is_incomplete());
    CHECK(!policy.needs_groups());
    check(policy,
          {{"root", root, not_allowed}, {"me", me, not_allowed}, {"unknown", nobody_knows, not_allowed}});
    CHECK(policy.explain(not_allowed, me, self) == "nobody may connect");
}

TEST_CASE("the same user and root may connect to a Unix socket that says nothing else")
{
    auto const policy = complete({}, AF_UNIX, {}, "");
    CHECK(!policy.needs_groups());
    check(policy, {{"root", root, allowed},
                   {"me", me, allowed},
                   {"alice", alice, not_allowed},
                   {"groups unknown", half_known, not_allowed},
                   {"unknown", nobody_knows, not_allowed}});
    CHECK(policy.explain(not_allowed, alice, self) == "only the same user (uid 1000) or root may connect");
}

TEST_CASE("the group of the socket's file may connect too")
{
    auto const policy = complete({}, AF_UNIX, 50, "staff");
    CHECK(policy.needs_groups());
    check(policy, {{"root", root, allowed},
                   {"me", me, allowed},
                   {"by supplementary group", alice, allowed},
                   {"by group", bob, allowed},
                   {"the last of several groups", carol, allowed},
                   {"in no group", person(1005, 1005), not_allowed},
                   {"groups unknown", half_known, not_allowed}});
    CHECK(policy.explain(not_allowed, root, self) ==
          "only the same user (uid 1000), root or group staff (gid 50) may connect");
    CHECK(complete({}, AF_UNIX, 50, "50").explain(not_allowed, root, self) ==
          "only the same user (uid 1000), root or gid 50 may connect");
}

TEST_CASE("everybody whom the network lets in may connect by tcp")
{
    auto const policy = complete({}, AF_INET, {}, "");
    check(policy, {{"unknown", nobody_knows, allowed}, {"alice", alice, allowed}});
}

TEST_CASE("a policy with deny rules alone is completed, one that allows something or has a function is not")
{
    access_policy denies;
    denies.deny_uid(0);
    check(complete(denies, AF_UNIX, {}, ""),
          {{"root", root, denied}, {"me", me, allowed}, {"alice", alice, not_allowed}});
    check(complete(denies, AF_INET, {}, ""), {{"root", root, denied}, {"alice", alice, allowed}});

    access_policy allows;
    allows.allow_uid(1001);
    check(complete(allows, AF_UNIX, 50, "staff"), {{"root", root, not_allowed},
                                                   {"me", me, not_allowed},
                                                   {"alice", alice, allowed},
                                                   {"bob", bob, not_allowed}});

    access_policy asks;
    asks.decide_by([](credentials const& who) { return who.uid == 1002u; });
    check(complete(asks, AF_UNIX, {}, ""),
          {{"root", root, rejected}, {"me", me, rejected}, {"bob", bob, allowed}});
}

TEST_CASE("users and groups are allowed by number")
{
    access_policy policy;
    policy.allow_uid(1001).allow_gid(60);
    check(policy, {{"by uid", alice, allowed},
                   {"by supplementary group", carol, allowed},
                   {"neither", bob, not_allowed},
                   {"root is no exception", root, not_allowed},
                   {"nor is this user", me, not_allowed}});
    CHECK(policy.explain(not_allowed, bob, self) == "only uid 1001 or gid 60 may connect");
}

TEST_CASE("a deny rule wins, in whatever order rules are added")
{
    access_policy policy;
    SECTION("before") { policy.deny_gid(60).allow_everybody().allow_uid(1003); }
    SECTION("after") { policy.allow_everybody().allow_uid(1003).deny_gid(60); }
    policy.decide_by([](credentials const&) { return true; });
    check(policy, {{"in the group", carol, denied}, {"not in the group", alice, allowed}});
    CHECK(policy.explain(denied, carol, self) == "gid 60 is denied");
}

TEST_CASE("who cannot be told from those denied is denied")
{
    access_policy groups;
    groups.allow_everybody().deny_gid(60);
    check(groups, {{"groups unknown", half_known, denied}, {"all unknown", nobody_knows, denied}});
    CHECK(groups.explain(denied, half_known, self) == "gid 60 is denied, and may be this one");

    access_policy users;
    users.allow_everybody().deny_uid(1002);
    check(users, {{"groups unknown", half_known, allowed}, {"all unknown", nobody_knows, denied}});
}

TEST_CASE("the function decides about those whom no rule decided on")
{
    std::vector<uid_t> asked;
    access_policy policy;
    policy.allow_gid(50).deny_uid(1002).decide_by([&](credentials const& who) {
        asked.push_back(who.uid.value_or(0));
        return who.uid == self;
    });
    CHECK(policy.needs_groups());
    check(policy, {{"allowed by a rule", alice, allowed},
                   {"denied by a rule", bob, denied},
                   {"the function says yes", me, allowed},
                   {"the function says no", half_known, rejected}});
    CHECK(asked == std::vector<uid_t>{self, 1004});
    CHECK(policy.explain(rejected, half_known, self) == "the function of the access policy said no");
}

TEST_CASE("a function that throws refuses")
{
    access_policy policy;
    policy.decide_by([](credentials const&) -> bool { throw std::runtime_error{"database is down"}; });
    check(policy, {{"root", root, failed}});
    CHECK(policy.explain(failed, root, self) == "the function of the access policy threw an exception");
}

TEST_CASE("users and groups are looked up by name when the rule is made")
{
    access_policy policy;
    policy.allow_user("root").deny_group("nogroup");
    check(policy, {{"root", root, allowed},
                   {"in nogroup", person(0, 65534), denied},
                   {"in nogroup too", person(0, 0, {65534}), denied},
                   {"another", alice, not_allowed}});
    CHECK(policy.explain(not_allowed, alice, self) == "only user root (uid 0) may connect");
    CHECK(policy.explain(denied, person(0, 65534), self) == "group nogroup (gid 65534) is denied");

    access_policy other;
    other.allow_group("root").deny_user("nobody");
    check(other, {{"root", root, allowed}, {"nobody", person(65534, 0), denied}});
}

TEST_CASE("a name that does not exist is an error that says which")
{
    using add = access_policy& (access_policy::*)(std::string_view);
    add const user[] = {&access_policy::allow_user, &access_policy::deny_user};
    add const group[] = {&access_policy::allow_group, &access_policy::deny_group};
    auto const check_error = [](add rule, std::string const& name, std::string const& says) {
        INFO(says);
        access_policy policy;
        try
        {
            (policy.*rule)(name);
            FAIL("not thrown");
        }
        catch (boost::system::system_error const& e)
        {
            CHECK(e.code() == errc::unknown_name);
            CHECK_THAT(e.what(), Catch::Contains(says));
        }
        CHECK(policy.is_incomplete()); // nothing was added
    };
    using namespace std::string_literals;
    for (auto const& name : {"oizys-has-no-such-name"s, ""s, "root\0"s, std::string(100000, 'x')})
    {
        for (auto const rule : user)
            check_error(rule, name, "user " + name.substr(0, 4));
        for (auto const rule : group)
            check_error(rule, name, "group " + name.substr(0, 4));
    }
}
