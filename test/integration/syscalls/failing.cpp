// SPDX-License-Identifier: BSL-1.0
//
// What becomes of listeners and sessions when the kernel refuses: each error of accepting, sending and receiving
// that it may give, one by one.
#include "inject.hpp"

#include "support/forked.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <oizys/connect.hpp>
#include <oizys/listener.hpp>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
using boost::system::error_code;
using texts = std::vector<std::string>;

namespace
{

error_code system_error(int error) { return {error, boost::system::system_category()}; }

/// A listener, and a client that has connected to it once that is asked for.
struct two_ends
{
    temp_dir dir;
    asio::io_context io;
    std::string log;
    listener server;
    std::shared_ptr<session> accepted;
    std::shared_ptr<session> connected;
    texts at_accepted;
    texts at_connected;
    std::vector<error_code> accepted_closed;
    std::vector<error_code> connected_closed;
    std::vector<error_code> accepts;

    explicit two_ends(std::string const& where = {}, session_options const& options = {})
        : server{io.get_executor(),
                 where.empty() ? dir.endpoint() : where,
                 {.session = options, .accept_backoff = 1ms, .log = [this](log_event const& e) {
                      log += e.text;
                      log += '\n';
                  }}}
    {
    }

    void connect(session_options const& options = {})
    {
        server.async_accept([this](error_code ec, std::shared_ptr<session> s) {
            accepts.push_back(ec);
            if (!ec)
                listen(accepted = std::move(s), at_accepted, accepted_closed);
        });
        async_connect(io.get_executor(), server.local_endpoint(), {.session = options},
                      [this](error_code ec, std::shared_ptr<session> s) {
                          REQUIRE(!ec);
                          listen(connected = std::move(s), at_connected, connected_closed);
                      });
        REQUIRE(run_until(io, [&] { return connected && !accepts.empty(); }));
    }

    static void listen(std::shared_ptr<session> const& s, texts& messages, std::vector<error_code>& closes)
    {
        s->set_onclose([&](error_code why) { closes.push_back(why); });
        s->set_onmessage([&](std::string const& m) { messages.push_back(m); });
    }

    bool wait_for(texts const& messages)
    {
        return run_until(io, [&] { return at_accepted == messages; });
    }
};

std::string any_carrier() { return GENERATE(as<std::string>{}, "", "tcp:127.0.0.1:0"); }

/// Descriptors pass over this one, which reads in another way.
session_options negotiating()
{
    session_options options;
    options.negotiation.enabled = true;
    return options;
}

} // namespace

TEST_CASE("a connection that is gone when it is accepted is passed over")
{
    two_ends ends{any_carrier()};
    int const error = GENERATE(ECONNABORTED, EINTR, EPROTO, EPERM);
    injected const failing{system_call::accept, error, 3};
    ends.connect();
    CHECK(failing.failed() == 3);
    CHECK(!ends.accepts[0]);
    CHECK(ends.server.counters().accept_errors == 3);
    CHECK(ends.server.counters().accepted == 1);
    ends.connected->send("Hi");
    CHECK(ends.wait_for({"Hi"}));
}

TEST_CASE("while the system is short of something, accepting waits, and says so once")
{
    two_ends ends{any_carrier()};
    int const error = GENERATE(ENOMEM, ENOBUFS, ENFILE, EMFILE);
    injected const failing{system_call::accept, error, 3};
    ends.connect();
    CHECK(failing.failed() == 3);
    CHECK(!ends.accepts[0]);
    CHECK(ends.server.counters().accept_errors == 3);
    CHECK(std::count(ends.log.begin(), ends.log.end(), '\n') == 1);
    ends.connected->send("Hi");
    CHECK(ends.wait_for({"Hi"}));
}

TEST_CASE("a send that finds nobody ends the session with that error, behind what was received")
{
    auto const carrier = any_carrier();
    bool const negotiated = carrier.empty() && GENERATE(false, true);
    int const error = GENERATE(EPIPE, ECONNRESET);
    auto const before = open_descriptors();
    {
        two_ends ends{carrier, negotiated ? negotiating() : session_options{}};
        ends.connect(negotiated ? negotiating() : session_options{});
        if (negotiated)
            REQUIRE(run_until(ends.io, [&] { return ends.accepted->negotiated().has_value(); }));
        ends.connected->pause_reading();
        ends.accepted->send("before");
        REQUIRE(run_until(ends.io, [&] { return ends.accepted->queued_bytes() == 0; }));
        ends.connected->send("lost");
        {
            injected const failing{system_call::send, error};
            REQUIRE(run_until(ends.io, [&] { return failing.failed() == 1; }));
        }
        ends.connected->resume_reading();
        ends.accepted->close();
        REQUIRE(run_until(ends.io, [&] { return !ends.connected_closed.empty(); }));
        CHECK(ends.connected_closed == std::vector{system_error(error)});
        CHECK(ends.at_connected == texts{"before"});
        CHECK(ends.at_accepted.empty());
        CHECK(ends.connected->counters().messages_dropped == 1);
    }
    CHECK(open_descriptors() == before);
}

TEST_CASE("a send that fails in another way ends the session with that error at once")
{
    two_ends ends{any_carrier()};
    ends.connect();
    int const error = GENERATE(ETIMEDOUT, EHOSTUNREACH);
    injected const failing{system_call::send, error};
    ends.connected->send("lost");
    REQUIRE(run_until(ends.io, [&] { return !ends.connected_closed.empty(); }));
    CHECK(ends.connected_closed == std::vector{system_error(error)});
    CHECK(ends.at_accepted.empty());
    CHECK(ends.connected->counters().messages_dropped == 1);
}

TEST_CASE("a send that is interrupted, or for which the system has no room, is done again")
{
    two_ends ends{any_carrier()};
    ends.connect();
    int const error = GENERATE(EINTR, EAGAIN, ENOBUFS, ENOMEM, ETOOMANYREFS);
    injected const failing{system_call::send, error, 2};
    ends.connected->send("Hi");
    CHECK(ends.wait_for({"Hi"}));
    CHECK(failing.failed() == 2);
    CHECK(ends.connected_closed.empty());
}

TEST_CASE("a read that fails ends the session with that error, and with no half of a message")
{
    auto const carrier = any_carrier();
    bool const negotiated = carrier.empty() && GENERATE(false, true);
    int const error = GENERATE(EIO, ECONNRESET, ENOMEM, ETIMEDOUT, ENOTCONN);
    two_ends ends{carrier, negotiated ? negotiating() : session_options{}};
    ends.connect(negotiated ? negotiating() : session_options{});
    if (negotiated)
        REQUIRE(run_until(ends.io, [&] { return ends.accepted->negotiated().has_value(); }));
    ends.connected->send("whole");
    REQUIRE(ends.wait_for({"whole"}));
    {
        injected const failing{system_call::receive, error, 1, 1};
        ends.connected->send(std::string(200000, 'x')); // more than one read
        REQUIRE(run_until(ends.io, [&] { return failing.failed() == 1; }));
    }
    REQUIRE(
        run_until(ends.io, [&] { return !ends.connected_closed.empty() && !ends.accepted_closed.empty(); }));
    CHECK(ends.at_accepted == texts{"whole"});
    CHECK(ends.accepted_closed == std::vector{system_error(error)});
    CHECK(ends.connected_closed.size() == 1);
}

TEST_CASE("a read that is interrupted is done again")
{
    two_ends ends{any_carrier()};
    ends.connect();
    injected const failing{system_call::receive, EINTR, 2};
    ends.connected->send("Hi");
    ends.connected->send("Ho");
    CHECK(ends.wait_for({"Hi", "Ho"}));
    CHECK(failing.failed() == 2);
}
