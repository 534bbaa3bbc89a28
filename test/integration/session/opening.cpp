// SPDX-License-Identifier: BSL-1.0
//
// How opening a session on a socket that is connected already comes to an end when the other end does not help.
#include "ends.hpp"

#include "integration/endpoint/support.hpp"

#include <oizys/connect.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace
{

using namespace oizys::test;
using namespace std::chrono_literals;
using oizys::errc;
using generic_socket = asio::generic::stream_protocol::socket;

struct silent_end
{
    asio::io_context io;
    asio::local::stream_protocol::socket ours{io};
    asio::local::stream_protocol::socket theirs{io};
    oizys::session_options options;
    outcome opened;

    silent_end()
    {
        asio::local::connect_pair(ours, theirs);
        options.negotiation.enabled = true;
    }

    /// Whether this end was closed, behind the hello.
    bool is_closed()
    {
        char bytes[64];
        error_code ec;
        theirs.non_blocking(true);
        while (!ec)
            theirs.read_some(asio::buffer(bytes), ec);
        return ec == asio::error::eof;
    }
};

} // namespace

TEST_CASE_METHOD(silent_end, "a session that never opens ends with handshake_timeout")
{
    options.handshake_timeout = 20ms;
    oizys::async_open_session(generic_socket{std::move(ours)}, options, opened.handler());
    REQUIRE(run_until(io, [&] { return opened.calls == 1; }));
    CHECK(opened.ec == errc::handshake_timeout);
    CHECK(!opened.session);
    CHECK(is_closed());
}

TEST_CASE_METHOD(silent_end, "opening a session can be cancelled, and closes its socket")
{
    auto const type = GENERATE(asio::cancellation_type::terminal, asio::cancellation_type::partial,
                               asio::cancellation_type::total);
    asio::cancellation_signal stop;
    oizys::async_open_session(generic_socket{std::move(ours)}, options,
                              asio::bind_cancellation_slot(stop.slot(), opened.handler()));
    io.poll();
    CHECK(opened.calls == 0);
    stop.emit(type);
    CHECK(opened.calls == 0); // never within emit
    REQUIRE(run_until(io, [&] { return opened.calls == 1; }));
    CHECK(opened.ec == asio::error::operation_aborted);
    CHECK(!opened.session);
    CHECK(is_closed());
    stop.emit(type); // nothing is left to cancel
}

TEST_CASE_METHOD(silent_end, "a session that needs no agreement opens whatever the other end does")
{
    options.negotiation.enabled = false;
    options.handshake_timeout = 1ms;
    oizys::async_open_session(generic_socket{std::move(ours)}, options, opened.handler());
    REQUIRE(run_until(io, [&] { return opened.calls == 1; }));
    REQUIRE(opened.session);
    io.restart();
    CHECK(io.poll() == 0); // no timer is left
    CHECK(io.stopped());
    CHECK(opened.session->is_open());
}
