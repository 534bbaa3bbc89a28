// SPDX-License-Identifier: BSL-1.0
//
// Who may connect: real other users at real sockets, what they see, and what the log says about them.
#include <oizys/error.hpp>

#include "access.hpp"
#include "stranger.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <stdexcept>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace posix = boost::system::errc;

namespace
{

constexpr identity nobody{.uid = 65534, .gid = 65534};
constexpr gid_t club = 54321;

std::string pid_field(stranger const& who) { return " pid=" + std::to_string(who.pid()); }

/// The line of a refusal; `who` was refused because of `why`.
std::string refusal(endpoint const& where, stranger const& who, std::string const& why)
{
    return "level=warning text=\"refused uid 65534 (gid 65534): " + why + "\" endpoint=" + where.to_string() +
           " reason=policy uid=65534 gid=65534" + pid_field(who);
}

access_policy deny_me()
{
    access_policy policy;
    policy.deny_uid(::getuid()).allow_everybody();
    return policy;
}

} // namespace

TEST_CASE_METHOD(reception,
                 "by default another user is refused, with nothing read or written, and told to the log")
{
    if (!can_be_others())
        return;
    SECTION("though the file's permissions let it") { open({.socket_mode = 0666}); }
    SECTION("at an abstract name") { open("unix:@oizys-test-access-" + std::to_string(::getpid())); }
    auto other = stranger::that_connects(nobody, where());
    REQUIRE(wait_for_refusals(1));
    CHECK(log.lines ==
          std::vector{refusal(where(), other, "only the same user (uid 0) or root may connect")});
    CHECK(other.result() == 0);

    auto const own = raw_connect(where());
    CHECK(wait_for_sessions(1));
    CHECK(look_at(own) == seen::open);
    auto const counters = server->counters();
    CHECK(counters.accepted == 1);
    CHECK(counters.refused_by_policy == 1);
    CHECK(counters.refused_by_limit == 0);
    CHECK(counters.accept_errors == 0);
    CHECK(counters.sessions == 1);
    CHECK(log.lines.size() == 1); // nothing is said about who came in
}

TEST_CASE_METHOD(reception, "the same user may connect, and root")
{
    if (!can_be_others())
        return;
    // The process becomes another user after it has opened the socket, as daemons do.
    open({.socket_mode = 0666});
    REQUIRE(::seteuid(nobody.uid) == 0);
    auto const root_again = [](void*) { static_cast<void>(::seteuid(0)); };
    std::unique_ptr<reception, decltype(root_again)> const guard{this, root_again};

    auto const same = raw_connect(where());
    CHECK(wait_for_sessions(1));
    CHECK(sessions.back()->credentials().uid == nobody.uid);
    REQUIRE(::seteuid(0) == 0);
    auto const root = raw_connect(where());
    REQUIRE(::seteuid(nobody.uid) == 0);
    CHECK(wait_for_sessions(2));
    CHECK(sessions.back()->credentials().uid == 0u);

    REQUIRE(::seteuid(0) == 0);
    auto other = stranger::that_connects({.uid = 1, .gid = 1}, where());
    REQUIRE(::seteuid(nobody.uid) == 0);
    REQUIRE(wait_for_refusals(1));
    CHECK_THAT(log.lines.back(), Catch::Contains("only the same user (uid 65534) or root may connect"));
    CHECK(other.result() == 0);
}

TEST_CASE_METHOD(reception, "members of the group of the socket's file may connect")
{
    if (!can_be_others())
        return;
    SECTION("at a file") { open({.socket_mode = 0660, .socket_group = std::to_string(club)}); }
    SECTION("at an abstract name")
    {
        open("unix:@oizys-test-club-" + std::to_string(::getpid()), {.socket_group = std::to_string(club)});
    }
    std::vector<gid_t> many; // more than are looked for at first
    for (gid_t g = 1; g <= 100; ++g)
        many.push_back(20000 + g);
    many.push_back(club);
    std::vector<identity> const members{
        {.uid = 65534, .gid = club},
        {.uid = 65534, .gid = 65534, .groups = {club}},
        {.uid = 65534, .gid = 65534, .groups = many},
    };
    for (auto const& member : members)
    {
        auto other = stranger::that_connects(member, where());
        auto const before = sessions.size();
        REQUIRE(wait_for_sessions(before + 1));
        auto const& peer = sessions.back();
        CHECK(peer->credentials().groups.value_or(std::vector<gid_t>{}).size() == member.groups.size());
        peer->send("Hi");
        peer->close();
        settle();
        CHECK(other.result() == 6); // a frame of header24
    }
    CHECK(refused() == 0);
}

TEST_CASE_METHOD(reception,
                 "who is not in the group is refused by the system, and by the policy where it is not")
{
    if (!can_be_others())
        return;
    identity const neighbour{.uid = 65534, .gid = 65534, .groups = {club - 1, club + 1}};
    {
        open({.socket_mode = 0660, .socket_group = std::to_string(club)});
        CHECK(stranger::that_connects(neighbour, where()).result() == stranger::cannot_connect);
        settle();
        CHECK(refused() == 0);
    }
    server.reset();
    settle();
    open({.socket_mode = 0666, .socket_group = std::to_string(club)});
    auto other = stranger::that_connects(neighbour, where());
    REQUIRE(wait_for_refusals(1));
    CHECK(log.lines ==
          std::vector{refusal(where(), other, "only the same user (uid 0), root or gid 54321 may connect")});
    CHECK(other.result() == 0);
}

TEST_CASE_METHOD(reception, "the group that the endpoint names is the one that is told")
{
    endpoint const unknown{"unix:" + dir.file("socket") + "?group=no-such-group"};
    CHECK_THROWS_WITH((listener{io.get_executor(), unknown, {.socket_group = "daemon"}}),
                      Catch::Contains("group no-such-group"));
    if (!can_be_others())
        return;
    open("unix:" + dir.file("socket") + "?mode=0666&group=users", {.socket_group = "daemon"});
    auto other = stranger::that_connects({.uid = 65534, .gid = 65534}, where());
    REQUIRE(wait_for_refusals(1));
    CHECK_THAT(log.lines.at(0), Catch::Contains("root or group users (gid "));
}

TEST_CASE_METHOD(reception, "a denied user is refused, whoever else may connect, and the next one accepted")
{
    if (!can_be_others())
        return;
    access_policy policy;
    policy.allow_everybody().deny_user("nobody");
    open({.socket_mode = 0666, .access = policy});
    auto other = stranger::that_connects(nobody, where());
    REQUIRE(wait_for_refusals(1));
    CHECK(log.lines == std::vector{refusal(where(), other, "user nobody (uid 65534) is denied")});
    CHECK(other.result() == 0);
    auto next = stranger::that_connects({.uid = 1, .gid = 1}, where());
    CHECK(wait_for_sessions(1));
}

TEST_CASE_METHOD(reception, "who connected is decided on, though it is gone by the time it is accepted")
{
    if (!can_be_others())
        return;
    open({.socket_mode = 0666});
    auto const address = address_of(where());
    stranger other{{.uid = 65534, .gid = 65534}, [&] {
                       int const fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
                       return ::connect(fd, address.data(), address.size) == 0 ? 0 : 1;
                   }};
    auto const line = refusal(where(), other, "only the same user (uid 0) or root may connect");
    CHECK(other.result() == 0);
    REQUIRE(wait_for_refusals(1));
    // Its pid is not known any more to some kernels.
    CHECK(log.lines.at(0).substr(0, line.rfind(" pid=")) == line.substr(0, line.rfind(" pid=")));
    CHECK(sessions.empty());
}

TEST_CASE_METHOD(reception, "the function of a policy is given what the kernel recorded")
{
    std::vector<credentials> asked;
    access_policy policy;
    policy.decide_by([&](credentials const& who) {
        asked.push_back(who);
        return asked.size() > 1;
    });
    open({.access = policy});
    auto const first = raw_connect(where());
    auto const second = raw_connect(where());
    REQUIRE(wait_for_sessions(1));
    CHECK(look_at(first) == seen::closed);
    CHECK(look_at(second) == seen::open);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].uid == ::getuid());
    CHECK(asked[0].gid == ::getgid());
    CHECK(asked[0].pid == ::getpid());
    CHECK(asked[0].groups == sessions[0]->credentials().groups);
    CHECK(asked[0].groups.has_value());
    CHECK_THAT(log.lines.at(0), Catch::Contains("the function of the access policy said no"));
}

TEST_CASE_METHOD(reception, "a function that throws refuses that one, and the next is asked about again")
{
    int calls = 0;
    access_policy policy;
    policy.decide_by([&](credentials const&) {
        if (++calls == 1)
            throw std::runtime_error{"out of order"};
        return true;
    });
    open({.access = policy});
    auto const first = raw_connect(where());
    auto const second = raw_connect(where());
    REQUIRE(wait_for_sessions(1));
    CHECK(look_at(first) == seen::closed);
    CHECK(refused() == 1);
    CHECK_THAT(log.lines.at(0), Catch::Contains("threw an exception"));
}

TEST_CASE_METHOD(reception, "by tcp everybody is let in, and nobody by a policy that asks who it is")
{
    open("tcp:127.0.0.1:0");
    auto const first = raw_connect(where());
    CHECK(wait_for_sessions(1));

    server.reset();
    settle();
    access_policy policy;
    policy.allow_uid(::getuid());
    open("tcp:127.0.0.1:0", {.access = policy});
    auto const second = raw_connect(where());
    REQUIRE(wait_for_refusals(1));
    CHECK(log.lines ==
          std::vector{"level=warning text=\"refused an unknown user: only uid " + std::to_string(::getuid()) +
                      " may connect\" endpoint=" + where().to_string() + " reason=policy"});
    CHECK(sessions.size() == 1);
}

TEST_CASE_METHOD(reception, "many that are refused at once do not make others wait for the back-off")
{
    int left = 200;
    access_policy policy;
    policy.decide_by([&](credentials const&) { return left-- <= 0; });
    open({.accept_backoff = 1h, .access = policy});
    std::vector<unique_fd> clients;
    for (int i = 0; i < 201; ++i)
        clients.push_back(raw_connect(where()));
    REQUIRE(wait_for_sessions(1));
    CHECK(refused() == 200);
    CHECK(log.lines.size() == 200);
    CHECK(look_at(clients.back()) == seen::open);
    CHECK(look_at(clients.front()) == seen::closed);
}

TEST_CASE_METHOD(reception, "a log hook that throws changes nothing")
{
    int lines = 0;
    listener_options options{.access = deny_me(), .log = [&](log_event const&) {
                                 ++lines;
                                 throw std::runtime_error{"disk full"};
                             }};
    server.emplace(io.get_executor(), dir.endpoint(), options);
    accept();
    auto const first = raw_connect(where());
    auto const second = raw_connect(where());
    REQUIRE(wait_for_refusals(2));
    CHECK(lines == 2);
    CHECK(look_at(second) == seen::closed);
    CHECK(server->is_open());
}

TEST_CASE_METHOD(reception, "without a log hook refusals are counted")
{
    server.emplace(io.get_executor(), dir.endpoint(), listener_options{.access = deny_me()});
    accept();
    auto const client = raw_connect(where());
    CHECK(wait_for_refusals(1));
    CHECK(look_at(client) == seen::closed);
}

TEST_CASE("a listener may be closed or destroyed by its log hook or its policy's function")
{
    enum class by
    {
        hook,
        function_that_admits,
        function_that_refuses,
    };
    for (auto const who : {by::hook, by::function_that_admits, by::function_that_refuses})
    {
        for (bool const destroys : {false, true})
        {
            for (bool const within_accept : {false, true})
            {
                INFO(static_cast<int>(who) << ' ' << destroys << ' ' << within_accept);
                reception r;
                auto const end = [&] { destroys ? r.server.reset() : r.server->close(); };
                listener_options options;
                if (who == by::hook)
                {
                    options.access = deny_me();
                    options.log = [&](log_event const&) { end(); };
                }
                else
                {
                    options.access.decide_by([&](credentials const&) {
                        end();
                        return who == by::function_that_admits;
                    });
                }
                r.server.emplace(r.io.get_executor(), r.dir.endpoint(), options);
                auto const client = raw_connect(r.where());
                auto const next = raw_connect(r.where());
                if (within_accept)
                    r.accept();
                else
                    asio::post(r.io, [&] { r.accept(); });
                REQUIRE(run_until(r.io, [&] { return r.ends == 1; }));
                CHECK(r.ended == asio::error::operation_aborted);
                CHECK(r.sessions.empty());
                CHECK(look_at(client) == seen::closed);
            }
        }
    }
}

TEST_CASE_METHOD(reception, "the options of a listener name a group that exists")
{
    boost::system::error_code ec;
    listener const failed{io.get_executor(), dir.endpoint(), {.socket_group = "oizys-has-no-such-group"}, ec};
    CHECK(ec == errc::unknown_name);
    CHECK(!failed.is_open());
    CHECK(failed.counters().accepted == 0);
    CHECK(!std::filesystem::exists(dir.file("socket")));
    CHECK_THROWS_WITH(
        (listener{io.get_executor(), dir.endpoint(), {.socket_group = "oizys-has-no-such-group"}}),
        Catch::Contains("group oizys-has-no-such-group") && Catch::Contains("no such user or group"));
}
