// SPDX-License-Identifier: BSL-1.0
//
// Proves that sessions are the same whatever the text of the endpoint: the same cases for each kind that can be
// listened on, through async_connect and listener as a user calls them.
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include "support.hpp"

#include <oizys/connect.hpp>
#include <oizys/error.hpp>
#include <oizys/listener.hpp>

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace
{

namespace asio = boost::asio;
using namespace oizys;
using namespace oizys::test;
using boost::system::error_code;
using texts = std::vector<std::string>;

/// One way to reach a listener: what it listens on, and what clients connect to.
struct kind
{
    char const* name;
    std::string (*listen)(temp_dir const&);
    std::string (*connect)(temp_dir const&, endpoint const& opened);
    bool detects = false; ///< the listener finds out what the client speaks
};

std::string as_opened(temp_dir const&, endpoint const& opened) { return opened.to_string(); }

std::string with_options(endpoint const& opened, std::string const& options)
{
    return opened.to_string() + options;
}

kind const kinds[] = {
    {"unix", [](temp_dir const& d) { return d.endpoint(); }, as_opened},
    {"unix abstract", [](temp_dir const& d) { return "unix:@" + d.file("x"); }, as_opened},
    {"tcp", [](temp_dir const&) { return std::string{"tcp:127.0.0.1:0"}; }, as_opened},
    {"tcp v6", [](temp_dir const&) { return std::string{"tcp:[::1]:0"}; }, as_opened},
    {"unix newline", [](temp_dir const& d) { return d.endpoint() + "?framing=newline"; }, as_opened},
    {"unix content_length", [](temp_dir const& d) { return d.endpoint() + "?framing=content_length"; },
     as_opened},
    {"unix detect, content_length", [](temp_dir const& d) { return d.endpoint() + "?framing=detect"; },
     [](temp_dir const& d, endpoint const&) { return d.endpoint() + "?framing=content_length"; }, true},
    {"unix negotiated", [](temp_dir const& d) { return d.endpoint() + "?negotiate=1"; }, as_opened, true},
    {"tcp negotiated",
     [](temp_dir const&) { return std::string{"tcp:127.0.0.1:0?framing=detect&negotiate=1"}; },
     [](temp_dir const&, endpoint const& opened) {
         return with_options("tcp:127.0.0.1:" + std::to_string(opened.port()), "?negotiate=1");
     },
     true},
    {"ws", [](temp_dir const&) { return std::string{"ws://127.0.0.1:0/here"}; }, as_opened},
    {"ws+unix", [](temp_dir const& d) { return "ws+unix:" + d.file("socket") + ":/here"; }, as_opened},
    {"ws, detected", [](temp_dir const&) { return std::string{"tcp:127.0.0.1:0?framing=detect"}; },
     [](temp_dir const&, endpoint const& opened) {
         return "ws://127.0.0.1:" + std::to_string(opened.port()) + "/anywhere";
     },
     true},
    {"shm", [](temp_dir const& d) { return "shm:" + d.file("socket"); }, as_opened},
    {"shm spinning", [](temp_dir const& d) { return "shm:" + d.file("socket") + "?spin=20us"; }, as_opened},
};

/// A listener of one kind, and a client that has connected to it. The accepted session echoes.
struct pair
{
    pair(asio::io_context& io, kind const& k, session_options const& options = {})
        : server{io.get_executor(), k.listen(dir), {.session = options}}
    {
        server.async_accept([this](error_code ec, std::shared_ptr<session> s) {
            REQUIRE(!ec);
            accepted = std::move(s);
            accepted->set_onclose([this](error_code why) { accepted_closed.push_back(why); });
            accepted->set_onmessage([this](std::string const& m) {
                received.push_back(m);
                if (echoes)
                    accepted->send(m);
            });
        });
        async_connect(io.get_executor(), k.connect(dir, server.local_endpoint()), options,
                      [this](error_code ec, std::shared_ptr<session> s) {
                          connect_ec = ec;
                          connected = std::move(s);
                          is_done = true;
                      });
        bool const finished = run_until(io, [&] { return is_done; });
        INFO(connect_ec.message());
        REQUIRE(finished);
        REQUIRE(connected);
        connected->set_onclose([this](error_code why) { connected_closed.push_back(why); });
        connected->set_onmessage([this](std::string const& m) { echoed.push_back(m); });
    }

    temp_dir dir;
    listener server;
    std::shared_ptr<session> accepted;
    std::shared_ptr<session> connected;
    texts received;
    texts echoed;
    std::vector<error_code> accepted_closed;
    std::vector<error_code> connected_closed;
    error_code connect_ec;
    bool is_done = false;
    bool echoes = true;
};

} // namespace

TEST_CASE("messages go back and forth over every kind")
{
    for (auto const& k : kinds)
    {
        INFO(k.name);
        asio::io_context io;
        pair p{io, k};
        texts const sent{"{\"a\":1}", "x", std::string(70000, 'y'), "[" + std::string(3000000, ' ') + "]",
                         "last"};
        for (auto const& m : sent)
            p.connected->send(m);
        REQUIRE(run_until(
            io, [&] { return p.echoed.size() == sent.size(); }, std::chrono::seconds{30}));
        auto echoed = p.echoed;
        auto expected = sent;
        if (p.connected->negotiated()) // long messages may be overtaken there
        {
            std::ranges::sort(echoed);
            std::ranges::sort(expected);
        }
        CHECK((echoed == expected));
    }
}

TEST_CASE("a close arrives over every kind, after what was sent before it")
{
    for (auto const& k : kinds)
    {
        INFO(k.name);
        asio::io_context io;
        pair p{io, k};
        p.echoes = false;
        p.connected->send("first");
        p.connected->send(std::string(1000000, 'x'));
        p.connected->close();
        REQUIRE(run_until(io, [&] { return !p.accepted_closed.empty() && !p.connected_closed.empty(); }));
        CHECK(p.received.size() == 2);
        CHECK(p.connected_closed == std::vector{error_code{}});
        CHECK(p.accepted_closed == std::vector{error_code{asio::error::eof}});
    }
}

TEST_CASE("what was sent before a close arrives although the other end is talking, over every kind")
{
    for (auto const& k : kinds)
    {
        INFO(k.name);
        asio::io_context io;
        session_options options;
        options.close_timeout = std::chrono::seconds{30};
        pair p{io, k, options};
        p.echoes = false;
        p.connected->send("hello");
        REQUIRE(run_until(io, [&] { return p.received.size() == 1; }));
        p.accepted->pause_reading();
        p.connected->pause_reading();
        p.accepted->send(std::string(1000, 'y')); // nobody will read it
        io.restart();
        io.poll();
        for (int i = 0; i < 10; ++i)
            p.connected->send(std::string(100000, 'x'));
        p.connected->close();
        io.restart();
        io.poll();
        p.accepted->resume_reading();
        REQUIRE(run_until(io, [&] { return !p.accepted_closed.empty() && !p.connected_closed.empty(); }));
        CHECK(p.received.size() == 11);
        CHECK(p.connected_closed == std::vector{error_code{}});
    }
}

TEST_CASE("who accepted closes, over every kind")
{
    for (auto const& k : kinds)
    {
        INFO(k.name);
        asio::io_context io;
        pair p{io, k};
        p.connected->send("hello");
        REQUIRE(run_until(io, [&] { return p.echoed.size() == 1; }));
        p.accepted->send("bye");
        p.accepted->close();
        REQUIRE(run_until(io, [&] { return !p.accepted_closed.empty() && !p.connected_closed.empty(); }));
        CHECK(p.echoed == texts{"hello", "bye"});
        CHECK(p.accepted_closed == std::vector{error_code{}});
        CHECK(p.connected_closed == std::vector{error_code{asio::error::eof}});
    }
}

TEST_CASE("aborted and dropped sessions are noticed over every kind")
{
    for (auto const& k : kinds)
    {
        for (bool const drops : {false, true})
        {
            INFO(k.name << (drops ? ", dropped" : ", aborted"));
            asio::io_context io;
            pair p{io, k};
            p.connected->send("hello");
            REQUIRE(run_until(io, [&] { return p.echoed.size() == 1; }));
            if (drops)
                p.connected.reset();
            else
                p.connected->abort();
            REQUIRE(run_until(io, [&] { return !p.accepted_closed.empty(); }));
            CHECK(p.accepted_closed[0].failed());
        }
    }
}

TEST_CASE("what does not fit is refused over every kind, and what comes too long ends the session")
{
    for (auto const& k : kinds)
    {
        INFO(k.name);
        asio::io_context io;
        session_options options;
        options.max_message = 100000;
        pair p{io, k, options};
        error_code ec;
        p.connected->send(std::string(100001, 'x'), ec);
        CHECK(ec == oizys::errc::message_too_large);
        p.connected->send("", ec);
        CHECK(ec == oizys::errc::message_empty);
        p.connected->send(std::string(100000, 'x'), ec);
        CHECK(!ec);
        REQUIRE(run_until(io, [&] { return p.echoed.size() == 1; }));
    }
    for (auto const& k : kinds)
    {
        INFO(k.name);
        asio::io_context io;
        pair p{io, k};
        p.connected->send("hello");
        REQUIRE(run_until(io, [&] { return p.echoed.size() == 1; }));
        CHECK(p.connected->max_message() == 16777215);
    }
}

TEST_CASE("a peer that does not read holds the sender back over every kind")
{
    for (auto const& k : kinds)
    {
        INFO(k.name);
        asio::io_context io;
        session_options options;
        options.max_queued_bytes = 3000000;
        options.negotiation.shared_from = 0;
        options.negotiation.compress = false;
        pair p{io, k, options};
        p.echoes = false;
        p.connected->send("hello"); // so that a listener that detects knows
        REQUIRE(run_until(io, [&] { return p.received.size() == 1; }));
        p.accepted->pause_reading();
        error_code ec;
        std::size_t sent = 0;
        while (!ec && sent < 1000)
        {
            p.connected->send(std::string(100000, 'x'), ec);
            sent += !ec;
            io.restart();
            io.poll();
        }
        CHECK(ec == oizys::errc::queue_full);
        CHECK(p.connected->queued_bytes() <= 3000000);
        bool drained = false;
        p.connected->async_drain([&](error_code why) { drained = !why; });
        p.accepted->resume_reading();
        REQUIRE(run_until(
            io, [&] { return drained && p.received.size() == sent + 1; }, std::chrono::seconds{30}));
        CHECK(p.connected->queued_bytes() == 0);
    }
}

TEST_CASE("who says nothing is closed after the handshake timeout, over every kind that has a handshake")
{
    for (auto const& k : kinds)
    {
        if (!k.detects && std::string_view{k.name}.find("ws") != 0 &&
            std::string_view{k.name}.find("shm") != 0)
            continue;
        INFO(k.name);
        asio::io_context io;
        temp_dir dir;
        session_options options;
        options.handshake_timeout = std::chrono::milliseconds{30};
        listener server{io.get_executor(), k.listen(dir), {.session = options}};
        std::vector<error_code> closes;
        std::shared_ptr<session> accepted;
        server.async_accept([&](error_code, std::shared_ptr<session> s) {
            accepted = std::move(s);
            accepted->set_onclose([&](error_code why) { closes.push_back(why); });
            accepted->set_onmessage([](std::string const&) {});
        });
        // The same socket, but nothing is said on it.
        auto const& local = server.local_endpoint();
        endpoint const plain = local.port() != 0 ? endpoint{"tcp:127.0.0.1:" + std::to_string(local.port())}
                                                 : endpoint{"unix:" + local.name()};
        std::shared_ptr<session> silent;
        async_connect(io.get_executor(), plain,
                      [&](error_code, std::shared_ptr<session> s) { silent = std::move(s); });
        REQUIRE(run_until(io, [&] { return !closes.empty(); }));
        CHECK(closes[0] == oizys::errc::handshake_timeout);
    }
}

TEST_CASE("what stays on this machine is not compressed unless it is asked for; what may leave it is")
{
    for (auto const& k : kinds)
    {
        std::string const name = k.name;
        if (name != "unix negotiated" && name != "tcp negotiated")
            continue;
        INFO(name);
        asio::io_context io;
        pair p{io, k};
        p.echoes = false;
        p.connected->send(std::string(100000, 'x'));
        REQUIRE(run_until(io, [&] { return p.received.size() == 1; }));
        CHECK((p.connected->counters().bytes_sent < 10000) == (name == "tcp negotiated"));
    }
}
