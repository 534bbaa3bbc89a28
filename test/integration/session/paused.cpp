// SPDX-License-Identifier: BSL-1.0
//
// A session that is paused when writing fails still owes its user what the other end had sent before.
#include "agreed.hpp"

using namespace oizys::test;
using namespace std::chrono_literals;
using oizys::errc;
using oizys::session_options;

namespace
{

/// A paused session to which three messages were sent by an end that has gone, which it learns by writing.
struct paused_before_end
{
    asio::io_context io;
    raw_end other{io};
    std::shared_ptr<oizys::session> session;
    witness at;

    explicit paused_before_end(session_options const& options = {})
    {
        session = other.connect(io, options);
        at.watch(*session);
        session->pause_reading();
        other.send(framed("one") + framed(std::string(2000, '2')) + framed("three"));
    }

    void fail_to_write()
    {
        other.close();
        session->send("nobody reads this");
        settle(io);
        REQUIRE_FALSE(session->is_open());
    }
};

} // namespace

TEST_CASE("messages that came before writing failed are delivered when the session is resumed")
{
    paused_before_end paused;
    paused.fail_to_write();
    CHECK_FALSE(paused.at.closed());
    CHECK(paused.at.messages.empty());
    CHECK(paused.session->counters().messages_dropped == 1);
    CHECK(paused.session->queued_bytes() == 0);
    CHECK(error_of_send(*paused.session, "late") == errc::session_closed);
    SECTION("all at once") { paused.session->resume_reading(); }
    SECTION("with another pause")
    {
        paused.session->resume_reading();
        paused.session->pause_reading();
        settle(paused.io);
        CHECK(paused.at.messages.empty());
        paused.session->resume_reading();
    }
    REQUIRE(run_until(paused.io, [&] { return paused.at.closed(); }));
    CHECK((paused.at.messages == texts{"one", std::string(2000, '2'), "three"}));
    CHECK(paused.at.closed_with(asio::error::broken_pipe));
}

TEST_CASE("who stays paused after writing failed is told so after write_timeout")
{
    paused_before_end paused{{.write_timeout = 20ms}};
    paused.fail_to_write();
    REQUIRE(run_until(paused.io, [&] { return paused.at.closed(); }));
    CHECK(paused.at.messages.empty());
    CHECK(paused.at.closed_with(asio::error::broken_pipe));
}

TEST_CASE("a session that was resumed in time has all the time that it takes")
{
    paused_before_end paused{{.write_timeout = 20ms}};
    paused.fail_to_write();
    paused.session->resume_reading();
    paused.io.restart();
    paused.io.run(); // also what would still end it
    CHECK(paused.at.messages.size() == 3);
    CHECK(paused.at.closed_with(asio::error::broken_pipe));
}

TEST_CASE("who is paused until all is written is told when nothing can be written any more")
{
    paused_before_end paused;
    int drains = 0;
    paused.session->set_ondrain([&] {
        ++drains;
        CHECK_FALSE(paused.session->is_open());
        paused.session->resume_reading();
    });
    paused.fail_to_write();
    REQUIRE(run_until(paused.io, [&] { return paused.at.closed(); }));
    CHECK(drains == 1);
    CHECK(paused.at.messages.size() == 3);
}

TEST_CASE("a long message whose parts cannot be written is dropped once")
{
    asio::io_context io;
    raw_end other{io};
    auto options = negotiating();
    options.negotiation.shared_from = 0;
    auto const session = other.connect(io, options);
    witness at;
    at.watch(*session);
    other.send(introduction);
    REQUIRE(run_until(io, [&] { return session->negotiated().has_value(); }));
    session->send(std::string(4000000, 'x')); // more than the socket takes
    settle(io);
    other.send(framed("Hi"));
    other.close();
    REQUIRE(run_until(io, [&] { return at.closed(); }));
    CHECK(at.messages == texts{"Hi"});
    CHECK(session->counters().messages_dropped == 1);
    CHECK(session->queued_messages() == 0);
}
