// SPDX-License-Identifier: BSL-1.0
//
// What is particular about some kinds of endpoints, through async_connect and listener as a user calls them: one socket
// for every dialect, paths, certificates, children, inherited descriptors, and what cannot be done with them.
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include "support.hpp"

#include <oizys/connect.hpp>
#include <oizys/error.hpp>
#include <oizys/listener.hpp>

#include <catch2/catch.hpp>

#include <sys/socket.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace oizys;
using namespace oizys::test;
using boost::system::error_code;
using texts = std::vector<std::string>;

TEST_CASE("one listener serves every dialect on one socket")
{
    asio::io_context io;
    temp_dir dir;
    session_options options;
    options.framing = framing::detect;
    options.negotiation.enabled = true;
    listener server{io.get_executor(), dir.endpoint(), {.session = options}};
    std::vector<std::shared_ptr<session>> accepted;
    std::function<void()> accept = [&] {
        server.async_accept([&](error_code ec, std::shared_ptr<session> s) {
            if (ec)
                return;
            accepted.push_back(s);
            auto* const raw = s.get();
            s->set_onmessage([raw](std::string const& m) { raw->send(m); });
            accept();
        });
    };
    accept();
    for (auto const& text :
         texts{dir.endpoint(), dir.endpoint() + "?framing=json_text",
               dir.endpoint() + "?framing=content_length", dir.endpoint() + "?framing=msgpack_object",
               dir.endpoint() + "?negotiate=1", "ws+unix:" + dir.file("socket")})
    {
        INFO(text);
        std::string answer;
        std::shared_ptr<session> client;
        // [1] in JSON; and in msgpack, behind what msgpack-RPC begins with
        std::string const message = text.ends_with("object") ? std::string{"\x93\x01\x02\x03"} : "[1]";
        async_connect(io.get_executor(), text, [&](error_code ec, std::shared_ptr<session> s) {
            REQUIRE(!ec);
            client = std::move(s);
            client->set_onmessage([&](std::string const& m) { answer = m; });
            client->send(message);
        });
        REQUIRE(run_until(io, [&] { return answer == message; }));
    }
    server.close();
}

TEST_CASE("a listener at a WebSocket's path serves that path only, and at the root every path")
{
    asio::io_context io;
    for (bool const at_root : {false, true})
    {
        temp_dir dir;
        listener server{io.get_executor(), "ws+unix:" + dir.file("socket") + (at_root ? "" : ":/here")};
        std::shared_ptr<session> accepted;
        std::function<void()> accept = [&] {
            server.async_accept([&](error_code ec, std::shared_ptr<session> s) {
                if (ec)
                    return;
                accepted = std::move(s);
                accepted->set_onmessage([](std::string const&) {});
                accept();
            });
        };
        accept();
        for (std::string const target : {":/here", ":/here?query", ":/there"})
        {
            INFO(at_root << target);
            std::optional<error_code> result;
            async_connect(io.get_executor(), "ws+unix:" + dir.file("socket") + target,
                          [&](error_code ec, auto) { result = ec; });
            REQUIRE(run_until(io, [&] { return result.has_value(); }));
            bool const served = at_root || target != ":/there";
            CHECK(*result == (served ? error_code{} : make_error_code(oizys::errc::handshake_refused)));
        }
        server.close();
        accepted.reset();
        io.restart();
        io.poll();
    }
}

TEST_CASE("a certificate that cannot be read is named by who throws, and by the log")
{
    asio::io_context io;
    std::string said;
    listener_options options;
    options.log = [&](log_event const& e) { said = e.text; };
    CHECK_THROWS_WITH((listener{io.get_executor(), "tls:127.0.0.1:0?cert=/no/such/file.pem", options}),
                      Catch::Contains("/no/such/file.pem"));
    CHECK_THAT(said, Catch::Contains("/no/such/file.pem"));
}

TEST_CASE("only what can be listened on is")
{
    asio::io_context io;
    for (char const* const text : {"exec:cat", "exec+fd:cat"})
    {
        error_code ec;
        listener const l{io.get_executor(), text, {}, ec};
        CHECK(ec == oizys::errc::bad_endpoint);
        CHECK_FALSE(l.is_open());
    }
    error_code result;
    async_connect(io.get_executor(), "systemd:", [&](error_code ec, auto) { result = ec; });
    io.run();
    CHECK(result == oizys::errc::bad_endpoint);
}

TEST_CASE("negotiation needs header24, or a listener that detects")
{
    asio::io_context io;
    temp_dir dir;
    error_code ec;
    listener const l{io.get_executor(), dir.endpoint() + "?framing=newline&negotiate=1", {}, ec};
    CHECK(ec == oizys::errc::bad_endpoint);
    error_code result;
    std::string said;
    connect_extras extras;
    extras.log = [&](log_event const& e) { said = e.text; };
    async_connect(io.get_executor(), dir.endpoint() + "?framing=detect&negotiate=1", {}, extras,
                  [&](error_code why, auto) { result = why; });
    io.run();
    CHECK(result == oizys::errc::bad_endpoint);
    CHECK_THAT(said, Catch::Contains("header24"));
}

TEST_CASE("a child process is a session away")
{
    asio::io_context io;
    std::string answer;
    std::vector<error_code> closes;
    std::shared_ptr<session> client;
    int status = -1;
    connect_extras extras;
    extras.exec.on_exit = [&](int s) { status = s; };
    async_connect(io.get_executor(), "exec?framing=newline:cat", {}, extras,
                  [&](error_code ec, std::shared_ptr<session> s) {
                      REQUIRE(!ec);
                      client = std::move(s);
                      client->set_onclose([&](error_code why) { closes.push_back(why); });
                      client->set_onmessage([&](std::string const& m) {
                          answer = m;
                          client->close();
                      });
                      client->send("through the cat");
                  });
    io.run();
    CHECK(answer == "through the cat");
    CHECK(closes == std::vector{error_code{}});
    CHECK(status == 0);

    error_code result;
    async_connect(io.get_executor(), "exec:/no/such/program", [&](error_code ec, auto) { result = ec; });
    io.restart();
    io.run();
    CHECK(result == boost::system::errc::no_such_file_or_directory);
}

TEST_CASE("inherited descriptors can be connected to and listened on")
{
    asio::io_context io;
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    listener server{io.get_executor(), "fd:" + std::to_string(ends[0]) + "?framing=newline"};
    std::shared_ptr<session> accepted;
    std::string answer;
    std::vector<error_code> second;
    server.async_accept([&](error_code ec, std::shared_ptr<session> s) {
        REQUIRE(!ec);
        accepted = std::move(s);
        accepted->set_onmessage([&](std::string const& m) { accepted->send(m + " yourself"); });
        server.async_accept([&](error_code why, auto) { second.push_back(why); });
    });
    std::shared_ptr<session> client;
    async_connect(io.get_executor(), "fd:" + std::to_string(ends[1]) + "?framing=newline",
                  [&](error_code ec, std::shared_ptr<session> s) {
                      REQUIRE(!ec);
                      client = std::move(s);
                      client->set_onmessage([&](std::string const& m) { answer = m; });
                      client->send("hello");
                  });
    REQUIRE(run_until(io, [&] { return answer == "hello yourself" && !second.empty(); }));
    CHECK(second[0] == oizys::errc::no_descriptor); // there was one connection

    error_code result;
    async_connect(io.get_executor(), "fd:1000000", [&](error_code ec, auto) { result = ec; });
    REQUIRE(run_until(io, [&] { return result.failed(); }));
    CHECK(result == boost::system::errc::bad_file_descriptor);
}

TEST_CASE("a listener at shared memory takes the capacity of its endpoint or less, and refuses more")
{
    struct
    {
        char const* listens;
        char const* connects;
        bool opens;
    } const rows[] = {
        {"", "?capacity=262144", true},
        {"", "?capacity=4096", true},
        {"", "?capacity=262145", false},
        {"?capacity=1048576", "?capacity=1048576", true},
        {"?capacity=4096", "", false},
        {"?capacity=5000", "?capacity=8192", true}, // both round up
        {"?capacity=5000", "?capacity=8193", false},
    };
    for (auto const& row : rows)
    {
        INFO(row.listens << " and " << row.connects);
        asio::io_context io;
        temp_dir dir;
        auto const place = "shm:" + dir.file("socket");
        listener server{io.get_executor(), place + row.listens};
        error_code refused;
        std::string received;
        outcome accepted;
        server.async_accept([&](error_code ec, std::shared_ptr<session> s) {
            accepted.handler()(ec, s);
            s->set_onclose([&](error_code why) { refused = why; });
            s->set_onmessage([&](std::string const& m) { received = m; });
        });
        outcome connected;
        async_connect(io.get_executor(), place + row.connects, connected.handler());
        REQUIRE(run_until(io, [&] { return connected.calls == 1 && accepted.calls == 1; }));
        CHECK(!connected.ec == row.opens);
        if (row.opens)
            connected.session->send("hello");
        CHECK(run_until(io, [&] { return row.opens ? received == "hello" : refused.failed(); }));
        CHECK((row.opens || refused == errc::bad_shared_memory));
    }
}
