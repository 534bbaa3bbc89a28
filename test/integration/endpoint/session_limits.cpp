// SPDX-License-Identifier: BSL-1.0
//
// How many sessions a listener has at a time: beyond max_sessions connections wait, beyond
// max_sessions_per_uid they are closed.
#include <oizys/connect.hpp>
#include <oizys/error.hpp>

#include "access.hpp"
#include "stranger.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace
{

std::string full_line(endpoint const& where, int max)
{
    return "level=warning text=\"max_sessions is " + std::to_string(max) +
           ": new connections wait until a session ends\" endpoint=" + where.to_string() +
           " reason=max_sessions";
}

} // namespace

TEST_CASE_METHOD(reception, "beyond max_sessions a connection waits, and is accepted when a session ends")
{
    open({.max_sessions = 2});
    std::vector<unique_fd> clients;
    for (int i = 0; i < 3; ++i)
        clients.push_back(raw_connect(where()));
    REQUIRE(wait_for_sessions(2));
    settle();
    CHECK(sessions.size() == 2);
    CHECK(look_at(clients[2]) == seen::open); // it is connected, and nobody has refused it
    CHECK(log.lines == std::vector{full_line(where(), 2)});
    CHECK(server->counters().sessions == 2);

    SECTION("closed") { sessions[0]->close(); }
    SECTION("aborted") { sessions[0]->abort(); }
    SECTION("dropped") { sessions[0].reset(); }
    SECTION("by the other end")
    {
        sessions[0]->set_onmessage([](std::string const&) {});
        clients[0] = {};
    }
    SECTION("by a bad frame")
    {
        sessions[0]->set_onmessage([](std::string const&) {});
        REQUIRE(::send(clients[0].get(), "\x01", 1, MSG_NOSIGNAL) == 1);
    }
    CHECK(sessions.size() == 2); // never within the call that ends one
    REQUIRE(wait_for_sessions(3));
    settle();
    CHECK(server->counters().sessions == 2);
    CHECK(server->counters().accepted == 3);
    CHECK(refused() == 0);
    sessions[2]->send("Hi");
    settle();
    CHECK(look_at(clients[2]) == seen::bytes);
}

TEST_CASE_METHOD(reception,
                 "a session counts until its socket is closed, not only as long as somebody holds it")
{
    open({.session = {.close_timeout = 1h}, .max_sessions = 1});
    auto const slow = raw_connect(where());
    REQUIRE(wait_for_sessions(1));
    sessions[0]->send(std::string(4u << 20, 'x')); // more than the socket takes
    settle();
    auto const next = raw_connect(where());
    sessions[0].reset();
    settle();
    CHECK(sessions.size() == 1); // it is still being sent
    CHECK(server->counters().sessions == 1);

    std::string room(1u << 20, '\0');
    REQUIRE(run_until(io, [&] {
        while (::recv(slow.get(), room.data(), room.size(), MSG_DONTWAIT) > 0) {}
        return sessions.size() == 2;
    }));
}

TEST_CASE_METHOD(reception, "a listener that is full takes a thousand one after the other")
{
    open({.max_sessions = 3});
    std::size_t const count = 1000;
    std::vector<unique_fd> clients;
    while (sessions.size() < count)
    {
        while (clients.size() < sessions.size() + 8 && clients.size() < count)
            clients.push_back(raw_connect(where()));
        auto const before = sessions.size();
        REQUIRE(run_until(io, [&] { return sessions.size() > before; }));
        REQUIRE(server->counters().sessions <= 3);
        sessions[before].reset(); // and the next one comes in
    }
    CHECK(server->counters().accepted == count);
    CHECK(refused() == 0);
}

TEST_CASE_METHOD(reception, "a listener that waits for room can be closed, destroyed and cancelled")
{
    open({.max_sessions = 1});
    auto const first = raw_connect(where());
    auto const second = raw_connect(where());
    REQUIRE(wait_for_sessions(1));
    settle();
    SECTION("closed") { server->close(); }
    SECTION("destroyed") { server.reset(); }
    CHECK(ends == 0);
    REQUIRE(run_until(io, [&] { return ends == 1; }));
    CHECK(ended == asio::error::operation_aborted);
    sessions[0]->abort(); // its place is given back to nobody
    settle();
    CHECK(sessions.size() == 1);
}

TEST_CASE("an accept that waits for room is cancelled, and no connection is lost")
{
    temp_dir const dir;
    asio::io_context io;
    listener server{io.get_executor(), dir.endpoint(), {.max_sessions = 1}};
    outcome first;
    server.async_accept(first.handler());
    auto const client = raw_connect(dir.endpoint());
    REQUIRE(run_until(io, [&] { return first.calls == 1; }));

    auto const next = raw_connect(dir.endpoint());
    asio::cancellation_signal stop;
    outcome second;
    server.async_accept(asio::bind_cancellation_slot(stop.slot(), second.handler()));
    io.restart();
    io.poll();
    CHECK(second.calls == 0);
    stop.emit(asio::cancellation_type::terminal);
    REQUIRE(run_until(io, [&] { return second.calls == 1; }));
    CHECK(second.ec == asio::error::operation_aborted);

    outcome third;
    server.async_accept(third.handler());
    first.session.reset();
    REQUIRE(run_until(io, [&] { return third.calls == 1; }));
    CHECK(!third.ec);
}

TEST_CASE("sessions may end after their listener and after their loop")
{
    temp_dir const dir;
    auto io = std::make_unique<asio::io_context>();
    auto server =
        std::make_unique<listener>(io->get_executor(), dir.endpoint(), listener_options{.max_sessions = 1});
    outcome accepted;
    outcome waiting;
    server->async_accept(accepted.handler());
    auto const client = raw_connect(dir.endpoint());
    REQUIRE(run_until(*io, [&] { return accepted.calls == 1; }));
    server->async_accept(waiting.handler());
    io->restart();
    io->poll();
    SECTION("the session goes first") { accepted.session.reset(); }
    SECTION("the listener goes first")
    {
        server.reset();
        accepted.session.reset();
    }
    SECTION("the loop goes while an accept waits for room")
    {
        accepted.session->set_onmessage([](std::string const&) {});
        server.reset();
        accepted.session.reset();
    }
    server.reset();
    io.reset();
    CHECK(waiting.session == nullptr);
}

TEST_CASE_METHOD(reception, "beyond max_sessions_per_uid a connection is closed at once, and told to the log")
{
    open({.max_sessions_per_uid = 2});
    auto const first = raw_connect(where());
    auto const second = raw_connect(where());
    auto const third = raw_connect(where());
    REQUIRE(wait_for_refusals(1));
    REQUIRE(sessions.size() == 2);
    CHECK(look_at(third) == seen::closed);
    auto const uid = std::to_string(::getuid());
    auto const gid = std::to_string(::getgid());
    CHECK(log.lines == std::vector{"level=warning text=\"refused uid " + uid + " (gid " + gid +
                                   "): max_sessions_per_uid is 2\" endpoint=" + where().to_string() +
                                   " reason=max_sessions_per_uid uid=" + uid + " gid=" + gid +
                                   " pid=" + std::to_string(::getpid())});
    CHECK(server->counters().refused_by_limit == 1);
    CHECK(server->counters().refused_by_policy == 0);

    sessions[0]->abort();
    auto const fourth = raw_connect(where());
    CHECK(wait_for_sessions(3));
    CHECK(look_at(fourth) == seen::open);
    auto const fifth = raw_connect(where());
    CHECK(wait_for_refusals(2));
}

TEST_CASE_METHOD(reception, "a user that has all its sessions leaves the others theirs")
{
    if (!can_be_others())
        return;
    access_policy everybody;
    everybody.allow_everybody();
    open({.socket_mode = 0666, .access = everybody, .max_sessions_per_uid = 1});
    auto const own = raw_connect(where());
    auto const own_again = raw_connect(where());
    REQUIRE(wait_for_refusals(1));
    auto const other = stranger::that_connects({.uid = 65534, .gid = 65534}, where());
    REQUIRE(wait_for_sessions(2));
    auto const other_again = stranger::that_connects({.uid = 65534, .gid = 65534}, where());
    REQUIRE(wait_for_refusals(2));
    CHECK_THAT(log.lines.back(), Catch::Contains("refused uid 65534 (gid 65534): max_sessions_per_uid is 1"));
}

TEST_CASE_METHOD(reception, "by tcp only max_sessions limits, because nobody says who it is")
{
    open("tcp:127.0.0.1:0", {.max_sessions = 3, .max_sessions_per_uid = 1});
    std::vector<unique_fd> clients;
    for (int i = 0; i < 4; ++i)
        clients.push_back(raw_connect(where()));
    REQUIRE(wait_for_sessions(3));
    settle();
    CHECK(sessions.size() == 3);
    sessions[1]->abort();
    CHECK(wait_for_sessions(4));
    CHECK(refused() == 0);
}

TEST_CASE_METHOD(reception, "zero is no limit")
{
    open({.max_sessions = 0, .max_sessions_per_uid = 0});
    std::vector<unique_fd> clients;
    for (int i = 0; i < 100; ++i)
        clients.push_back(raw_connect(where()));
    CHECK(wait_for_sessions(100));
}

TEST_CASE_METHOD(reception, "a listener that is full again and again says so once")
{
    open({.max_sessions = 20});
    std::vector<unique_fd> clients;
    auto const fill = [&](std::size_t count) {
        while (clients.size() < count)
            clients.push_back(raw_connect(where()));
        REQUIRE(wait_for_sessions(count));
        settle();
    };
    fill(20);
    CHECK(log.lines == std::vector{full_line(where(), 20)});
    sessions[0]->abort();
    fill(21); // full again: the same case still
    CHECK(log.lines.size() == 1);
    for (std::size_t i = 1; i < 6; ++i)
        sessions[i]->abort();
    fill(26); // there was room for a while
    CHECK(log.lines.size() == 2);
}

TEST_CASE_METHOD(reception, "who says nothing where the framing is to be found out gives its place back")
{
    open({.session = {.framing = framing::detect, .handshake_timeout = 10ms}, .max_sessions = 1});
    auto const silent = raw_connect(where());
    REQUIRE(wait_for_sessions(1));
    boost::system::error_code why;
    sessions[0]->set_onclose([&](boost::system::error_code ec) { why = ec; });
    sessions[0]->set_onmessage([](std::string const&) {});
    auto const next = raw_connect(where());
    REQUIRE(wait_for_sessions(2));
    CHECK(why == errc::handshake_timeout);
    CHECK(look_at(silent) == seen::closed);
}
