// SPDX-License-Identifier: BSL-1.0
//
// Runs the blocks of docs/protocol.md against the framers and against real peers, and compares its limits with
// the headers. How a block reads is told at the beginning of that page.
#include "conformance/doc_blocks.hpp"
#include "conformance/doc_links.hpp"
#include "conformance/other_end.hpp"
#include "support/run_until.hpp"
#include "support/source_file.hpp"
#include "unit/wire/feed.hpp"

#include <oizys/error.hpp>
#include <oizys/listener.hpp>
#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/codec/json.hpp>
#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/execution.hpp>
#include <oizys/rpc/peer.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>
#include <oizys/rpc/stream.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <limits>
#include <map>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace
{

namespace asio = boost::asio;
namespace rpc = oizys::rpc;
using namespace oizys::test;

// --- stream

void run_stream(block const& b)
{
    std::string wire;
    std::vector<std::string> messages;
    boost::system::error_code error;
    bool waits = false;
    for (auto const& [keyword, rest] : b.lines)
    {
        if (keyword == "bytes")
            wire += bytes_of(rest);
        else if (keyword == "gives")
            messages.push_back(bytes_of(rest));
        else if (keyword == "fails")
            error = error_of(rest);
        else if (keyword == "waits")
            waits = true;
        else
            FAIL("unknown keyword " << keyword);
    }
    auto const result = oizys::test::feed_all_ways(
        framing_of(b.words.at(0)), wire, option(b, "max_message", oizys::session_options{}.max_message));
    CHECK(result.messages == messages);
    CHECK(result.error == error);
    if (!error)
        CHECK(result.rest.empty() == !waits);
}

// --- conversation and call

rpc::service calculator()
{
    rpc::service service;
    service.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
    service.method("subtract", {"minuend", "subtrahend"}, [](int a, int b) { return a - b; });
    service.method("sum", [](rpc::rest<int> const& numbers) {
        int sum = 0;
        for (int const n : numbers)
            sum += n;
        return sum;
    });
    service.method("divide", {"a", "b"}, [](double a, double b) {
        if (b == 0)
            throw rpc::error{1, "division by zero", rpc::object{{"dividend", a}}};
        return a / b;
    });
    service.method("fail", {"message"},
                   [](std::string const& message) { throw std::runtime_error{message}; });
    service.method("echo", {"value"}, [](rpc::value const& v) { return v; });
    service.method("get_data", [] { return std::tuple{"hello", 5}; });
    service.method("nan", [] { return std::numeric_limits<double>::quiet_NaN(); });
    service.method("long", [] { return std::string(200, 'x'); });
    service.method("update", [](rpc::rest<rpc::value> const&) {});
    service.method("wait", [kept = std::vector<rpc::reply<int>>{}](rpc::reply<int> r) mutable {
        kept.push_back(std::move(r));
    });
    service.method("work", [](rpc::call_context& c, int steps) {
        for (int i = 0; i < steps; ++i)
            c.progress(i);
    });
    service.method("count", [](int n) {
        return rpc::stream<int>{[i = 0, n]() mutable { return i < n ? std::optional{i++} : std::nullopt; }};
    });
    return service;
}

/// 0: as they are by default, 1: oizys, 2: lsp.
rpc::extensions extensions_of(block const& b, rpc::extensions otherwise)
{
    auto const number = option(b, "extensions", 0);
    return number == 1 ? rpc::extensions::oizys : number == 2 ? rpc::extensions::lsp : otherwise;
}

void run_conversation(block const& b)
{
    asio::io_context io;
    other_end other{io};
    rpc::peer_options options{.protocol = rpc::protocol::detect};
    options.max_batch = option(b, "max_batch", options.max_batch);
    options.codec.max_depth = option(b, "max_depth", options.codec.max_depth);
    options.version_required = option(b, "version_required", 1) != 0;
    options.extensions = extensions_of(b, rpc::extensions::detect);
    auto session_options = session_options_of(b);
    session_options.framing = oizys::framing::detect;
    rpc::peer const peer{oizys::create_session(other.theirs(), session_options), calculator(), options};

    bool closed = false;
    for (auto const& [keyword, rest] : b.lines)
    {
        INFO(keyword << " " << rest);
        if (keyword == "other")
            other.send(bytes_of(rest));
        else if (keyword == "oizys")
            other.expect(bytes_of(rest));
        else if (keyword == "closed")
            closed = true;
        else
            FAIL("unknown keyword " << keyword);
    }
    if (!closed)
    {
        io.restart();
        io.poll();
        CHECK(peer.is_open());
        other.end_sending();
    }
    other.expect_end();
}

void run_call(block const& b)
{
    asio::io_context io;
    other_end other{io};
    auto const framing = framing_of(b.words.at(0));
    // The protocol follows from the framing.
    rpc::peer_options options;
    options.extensions = extensions_of(b, options.extensions);
    rpc::peer peer{oizys::create_session(other.theirs(), {.framing = framing}), options};
    asio::cancellation_signal signal;

    std::optional<boost::system::error_code> ec;
    rpc::outcome<rpc::value> answer;
    auto const on_answer = [&](boost::system::error_code e, rpc::outcome<rpc::value> a) {
        ec = e;
        answer = std::move(a);
    };
    for (auto const& [keyword, rest] : b.lines)
    {
        INFO(keyword << " " << rest);
        if (keyword == "calls" || keyword == "tells")
        {
            auto const space = rest.find(' ');
            auto const method = rest.substr(0, space);
            auto const arguments = rpc::from_json<rpc::value>(rest.substr(space + 1)).value();
            if (keyword == "tells")
                CHECK(!peer.notify(method, arguments));
            else
                peer.async_call(method, arguments, asio::bind_cancellation_slot(signal.slot(), on_answer));
        }
        else if (keyword == "oizys")
            other.expect(bytes_of(rest));
        else if (keyword == "other")
            other.send(bytes_of(rest));
        else if (keyword == "cancels")
            signal.emit(asio::cancellation_type::terminal);
        else if (keyword == "result" || keyword == "error")
        {
            REQUIRE(oizys::test::run_until(io, [&] { return ec.has_value(); }));
            REQUIRE(!*ec);
            REQUIRE(answer.has_value() == (keyword == "result"));
            if (answer.has_value())
                CHECK(rpc::to_json(*answer) == rest);
            else
                CHECK(rpc::to_json(rpc::value{rpc::object{{"code", answer.error().code},
                                                          {"message", answer.error().message},
                                                          {"data", answer.error().data}}}) == rest);
        }
        else
            FAIL("unknown keyword " << keyword);
    }
    CHECK(peer.is_open());
}

} // namespace

TEST_CASE("what docs/protocol.md shows is what happens")
{
    std::map<std::string, std::size_t> count;
    for (auto const& b : blocks_of(oizys::test::source_file("docs/protocol.md")))
    {
        INFO("docs/protocol.md:" << b.at_line);
        ++count[b.kind];
        if (b.kind == "stream")
            run_stream(b);
        else if (b.kind == "conversation")
            run_conversation(b);
        else if (b.kind == "call")
            run_call(b);
        else if (b.kind == "opening")
            run_opening(b);
        else if (b.kind == "agreed")
            run_agreed(b);
        else if (b.kind == "handover")
            run_handover(b);
        else
            FAIL("unknown block " << b.kind);
    }
    // So that a change of the notation cannot go by unseen.
    CHECK(count["stream"] >= 20);
    CHECK(count["conversation"] >= 10);
    CHECK(count["call"] >= 8);
    CHECK(count["opening"] >= 5);
    CHECK(count["agreed"] >= 15);
    CHECK(count["handover"] >= 2);
}

TEST_CASE("the limits in the documents are those of the headers")
{
    auto const ms = [](std::chrono::milliseconds d) { return static_cast<std::size_t>(d.count()); };
    oizys::session_options const session;
    auto const& negotiation = session.negotiation;
    oizys::websocket_options const websocket;
    oizys::listener_options const listener;
    rpc::peer_options const peer;
    std::map<std::string, std::size_t> const limits{
        {"session_options::max_message", session.max_message},
        {"session_options::max_queued_bytes", session.max_queued_bytes},
        {"session_options::pause_reading_above", session.pause_reading_above},
        {"session_options::close_timeout", ms(session.close_timeout)},
        {"session_options::handshake_timeout", ms(session.handshake_timeout)},
        {"session_options::write_timeout", ms(session.write_timeout)},
        {"session_options::idle_timeout", ms(session.idle_timeout)},
        {"negotiation_options::ping_interval", ms(negotiation.ping_interval)},
        {"negotiation_options::ping_timeout", ms(negotiation.ping_timeout)},
        {"negotiation_options::max_held_bytes", negotiation.max_held_bytes},
        {"negotiation_options::compress_from", negotiation.compress_from},
        {"negotiation_options::part_size", negotiation.part_size},
        {"negotiation_options::shared_from", negotiation.shared_from},
        {"negotiation_options::max_descriptors", negotiation.max_descriptors},
        {"negotiation_options::max_queued_descriptors", negotiation.max_queued_descriptors},
        {"websocket_options::max_http_header", websocket.max_http_header},
        {"websocket_options::handshake_timeout", ms(websocket.handshake_timeout)},
        {"websocket_options::close_timeout", ms(websocket.close_timeout)},
        {"websocket_options::idle_timeout", ms(websocket.idle_timeout)},
        {"websocket_options::write_buffer", websocket.write_buffer},
        {"tls_options::write_buffer", oizys::tls_options{}.write_buffer},
        {"exec_options::grace", ms(oizys::exec_options{}.grace)},
        {"server_options::listener.session.pause_reading_above",
         rpc::server_options{}.listener.session.pause_reading_above},
        {"connect_options::timeout", ms(oizys::connect_options{}.timeout)},
        {"listener_options::backlog", static_cast<std::size_t>(listener.backlog)},
        {"listener_options::accept_backoff", ms(listener.accept_backoff)},
        {"listener_options::max_sessions", listener.max_sessions},
        {"listener_options::max_sessions_per_uid", listener.max_sessions_per_uid},
        {"listener_options::refusal_timeout", ms(listener.refusal_timeout)},
        {"listener_options::max_lingering_refusals", listener.max_lingering_refusals},
        {"server_options::idle_exit", ms(rpc::server_options{}.idle_exit)},
        {"codec_limits::max_depth", rpc::codec_limits{}.max_depth},
        {"peer_options::max_batch", peer.max_batch},
        {"peer_options::max_pending_calls", peer.max_pending_calls},
        {"peer_options::max_unanswered_bytes", peer.max_unanswered_bytes},
        {"execution_limits::max_running", rpc::execution_limits{}.max_running},
        {"execution_limits::max_waiting", rpc::execution_limits{}.max_waiting},
        {"peer_options::call_timeout", ms(peer.call_timeout)},
        {"peer_options::max_streams", peer.max_streams},
        {"peer_options::max_stream_window", peer.max_stream_window},
    };
    std::regex const row{R"(\| `(\w+::[\w.]+)` \| (\d+) \|)"};
    for (std::string const name : {"docs/protocol.md", "README.md"})
    {
        auto const page = oizys::test::source_file(name);
        std::size_t rows = 0;
        for (std::sregex_iterator at{page.begin(), page.end(), row}, end; at != end; ++at, ++rows)
        {
            INFO(name << ": " << at->str());
            REQUIRE(limits.contains(at->str(1)));
            CHECK(limits.at(at->str(1)) == std::stoul(at->str(2)));
        }
        INFO(name);
        CHECK(rows == (name == "README.md" ? limits.size() : 19));
    }
}
