// SPDX-License-Identifier: BSL-1.0
//
// Who may connect to what systemd handed over: rules hold as ever, and what guards a socket without rules.
#include "support.hpp"

#include <oizys/error.hpp>
#include <oizys/listener.hpp>

#include "integration/endpoint/stranger.hpp"
#include "integration/endpoint/support.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>

#include <sys/stat.h>

using namespace oizys;
using namespace oizys::test;
namespace asio = boost::asio;

namespace
{

constexpr uid_t nobody = 65534;

/// What became of one connection: it was accepted, refused and waited on, or refused as the only one.
std::string decide(int fd, listener_options const& options = {})
{
    hand_over({fd}, nullptr);
    asio::io_context io;
    listener server{io.get_executor(), "systemd:", options};
    outcome accepted;
    server.async_accept(accepted.handler());
    if (!run_until(io, [&] { return accepted.calls == 1 || server.counters().refused_by_policy == 1; }))
        return "nothing happened";
    io.restart();
    io.poll();
    auto const counters = server.counters();
    return (accepted.calls == 0 ? "waiting"
            : accepted.ec       ? accepted.ec.message()
                                : "accepted") +
           (", " + std::to_string(counters.accepted) + " accepted, ") +
           std::to_string(counters.refused_by_policy) + " refused, " + std::to_string(counters.sessions) +
           " open" + (server.is_open() ? ", listening" : "");
}

/// As this user, where this process is root.
unique_fd connect_as(uid_t uid, endpoint const& where)
{
    REQUIRE(::seteuid(uid) == 0);
    auto result = raw_connect(where);
    REQUIRE(::seteuid(0) == 0);
    return result;
}

bool is_closed(unique_fd const& client)
{
    char byte = 0;
    return ::recv(client.get(), &byte, 1, MSG_DONTWAIT) == 0;
}

} // namespace

TEST_CASE("rules decide about a single connection of systemd's, and a refusal ends its listener")
{
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    unique_fd const client{ends[0]};
    std::optional<unique_fd> service{ends[1]};
    listener_options options;
    SECTION("refused")
    {
        options.access.deny_uid(::geteuid());
        auto const said = in_child([&] { return decide(service->get(), options); });
        CHECK(said == make_error_code(errc::no_descriptor).message() + ", 0 accepted, 1 refused, 0 open");
        service.reset();
        CHECK(is_closed(client)); // nothing was written
    }
    SECTION("allowed")
    {
        options.access.allow_uid(::geteuid());
        auto const said = in_child([&] { return decide(service->get(), options); });
        CHECK(said == "accepted, 1 accepted, 0 refused, 1 open");
    }
}

TEST_CASE("a function that closes the listener while it decides about a single connection ends the accept")
{
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    unique_fd const client{ends[0]};
    unique_fd const service{ends[1]};
    bool const allows = GENERATE(true, false);
    auto const said = in_child([&] {
        hand_over({service.get()}, nullptr);
        asio::io_context io;
        std::optional<listener> server;
        listener_options options;
        options.access.decide_by([&](credentials const&) {
            server.reset();
            return allows;
        });
        server.emplace(io.get_executor(), "systemd:", options);
        outcome accepted;
        server->async_accept(accepted.handler());
        run_until(io, [&] { return accepted.calls == 1; });
        return accepted.ec.message();
    });
    CHECK(said == make_error_code(asio::error::operation_aborted).message());
}

TEST_CASE("an abstract name of systemd's lets in the same user and root")
{
    auto const where = "unix:@oizys-systemd-guarded-" + std::to_string(::getpid());
    auto const systemd_end = raw_listen(where, 8);
    std::optional<unique_fd> client;
    SECTION("this one")
    {
        client = raw_connect(where);
        CHECK(in_child([&] { return decide(systemd_end.get()); }) ==
              "accepted, 1 accepted, 0 refused, 1 open, listening");
    }
    SECTION("not another")
    {
        if (!can_be_others())
            return;
        client = connect_as(nobody, where);
        CHECK(in_child([&] { return decide(systemd_end.get()); }) ==
              "waiting, 0 accepted, 1 refused, 0 open, listening");
    }
}

TEST_CASE("a file of systemd's lets in whoever may write to it")
{
    if (!can_be_others())
        return;
    temp_dir const dir;
    REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
    auto const systemd_end = raw_listen(dir.endpoint(), 8);
    REQUIRE(::chmod(dir.file("socket").c_str(), 0666) == 0);
    auto const client = connect_as(nobody, dir.endpoint());
    CHECK(in_child([&] { return decide(systemd_end.get()); }) ==
          "accepted, 1 accepted, 0 refused, 1 open, listening");
}
