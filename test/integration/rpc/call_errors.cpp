// SPDX-License-Identifier: BSL-1.0
//
// Proves each way in which a call has no answer: it completes once, with the rpc::errc that says why, and never
// within the function that started it.
#include "rpc_test.hpp"

#include <limits>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;

namespace
{

/// A service whose method "never" keeps its replies.
struct silent_service
{
    silent_service()
    {
        service.method("never", [this](rpc::reply<int> r) { kept.push_back(std::move(r)); });
    }

    rpc::service service = plain_service();
    std::vector<rpc::reply<int>> kept;
};

/// Calls, and says how the call ended; checks that it did not end before the loop ran.
template <class Arguments>
call_result<value> refused_call(asio::io_context& io, rpc::peer& by, std::string_view method,
                                Arguments const& arguments)
{
    call_result<value> result;
    by.async_call(method, arguments, result.handler());
    CHECK(result.count == 0);
    settle(io);
    return result;
}

value nested(std::size_t depth)
{
    value v = array{};
    for (std::size_t i = 1; i < depth; ++i)
        v = array{std::move(v)};
    return v;
}

} // namespace

TEST_CASE("timed_out: no answer came within the call's timeout, and a late one is dropped")
{
    silent_service s;
    two_peers peers{both_protocols(), {}, s.service};
    call_result<int> called;
    peers.a.async_call<int>("never", std::tuple{}, {.timeout = 1ms}, called.handler());
    REQUIRE(run_until(peers.io, [&] { return called.count > 0; }));
    CHECK(called.failed_with(rpc::errc::timed_out));
    CHECK(peers.a.pending_calls() == 0);

    std::move(s.kept.at(0))(5);
    settle(peers.io);
    CHECK(called.failed_with(rpc::errc::timed_out));
    call_result<int> next;
    peers.a.async_call<int>("add", std::tuple{2, 3}, next.handler());
    settle(peers.io);
    CHECK(next.answered_with(5));
}

TEST_CASE("the timeout of a call stands above the peer's, and zero is no timeout")
{
    silent_service s;
    two_peers peers{rpc::protocol::json, {}, s.service, {.call_timeout = 1ms}};
    call_result<int> as_peer, longer, never;
    peers.a.async_call<int>("never", std::tuple{}, as_peer.handler());
    peers.a.async_call<int>("never", std::tuple{}, {.timeout = 1h}, longer.handler());
    peers.a.async_call<int>("never", std::tuple{}, {.timeout = 0ms}, never.handler());
    REQUIRE(run_until(peers.io, [&] { return as_peer.count > 0; }));
    settle(peers.io);
    CHECK(as_peer.failed_with(rpc::errc::timed_out));
    CHECK(longer.count == 0);
    CHECK(never.count == 0);
    CHECK(peers.a.pending_calls() == 2);
}

TEST_CASE("no call ends before its time")
{
    using clock = std::chrono::steady_clock;
    silent_service s;
    two_peers peers{rpc::protocol::json, {}, s.service};
    for (int i = 0; i < 20; ++i)
    {
        call_result<int> called;
        auto const begin = clock::now();
        peers.a.async_call<int>("never", std::tuple{}, {.timeout = 2ms}, called.handler());
        REQUIRE(run_until(peers.io, [&] { return called.count > 0; }));
        CHECK(called.failed_with(rpc::errc::timed_out));
        CHECK(clock::now() - begin >= 2ms);
    }
}

TEST_CASE("calls end in the order of their deadlines, and the longest timeout there is does no harm")
{
    silent_service s;
    two_peers peers{rpc::protocol::json, {}, s.service};
    std::vector<int> order;
    for (int const timeout : {60, 20, 40, 1})
        peers.a.async_call<int>("never", std::tuple{}, {.timeout = std::chrono::milliseconds{timeout}},
                                [&order, timeout](error_code ec, rpc::outcome<int>) {
                                    CHECK(ec == rpc::errc::timed_out);
                                    order.push_back(timeout);
                                });
    call_result<int> longest;
    peers.a.async_call<int>("never", std::tuple{}, {.timeout = std::chrono::milliseconds::max()},
                            longest.handler());
    REQUIRE(run_until(peers.io, [&] { return order.size() == 4; }));
    CHECK(order == std::vector{1, 20, 40, 60});
    CHECK(longest.count == 0);
}

TEST_CASE("cancelled: the last handle is dropped")
{
    silent_service s;
    two_peers peers{both_protocols(), {}, s.service};
    call_result<int> first, second;
    peers.a.async_call<int>("never", std::tuple{}, first.handler());
    peers.a.async_call<int>("never", std::tuple{}, second.handler());
    auto const copy = std::make_unique<rpc::peer>(peers.a);
    peers.a = {};
    settle(peers.io);
    CHECK(first.count == 0);
    const_cast<rpc::peer&>(*copy) = {};
    CHECK(first.count == 0);
    settle(peers.io);
    CHECK(first.failed_with(rpc::errc::cancelled));
    CHECK(second.failed_with(rpc::errc::cancelled));
    CHECK(!peers.b.is_open());
}

TEST_CASE("connection_lost: the session ended before the answer came")
{
    auto const protocol = both_protocols();
    silent_service s;
    two_peers peers{protocol, {}, s.service};
    call_result<int> called;
    std::vector<error_code> closes;
    peers.a.set_onclose([&](error_code why) {
        CHECK(called.count == 1); // pending calls complete first
        closes.push_back(why);
    });
    peers.a.async_call<int>("never", std::tuple{}, called.handler());
    settle(peers.io);
    error_code expected;
    SECTION("the other end closes")
    {
        peers.b.close();
        expected = asio::error::eof;
    }
    SECTION("the other end breaks off")
    {
        peers.b.session().abort();
        expected = asio::error::eof;
    }
    SECTION("the other end is dropped")
    {
        peers.b = {};
        expected = asio::error::eof;
    }
    SECTION("this end closes")
    {
        peers.a.close();
        CHECK(called.count == 0);
    }
    settle(peers.io);
    CHECK(called.failed_with(rpc::errc::connection_lost));
    CHECK(closes == std::vector{expected});
    CHECK(!peers.a.is_open());
}

TEST_CASE("not_sent: the connection is closed")
{
    two_peers peers{both_protocols()};
    peers.a.close();
    CHECK(refused_call(peers.io, peers.a, "add", std::tuple{1, 2}).failed_with(rpc::errc::not_sent));
    CHECK(peers.a.notify("add", std::tuple{1, 2}) == rpc::errc::not_sent);
    CHECK(peers.a.pending_calls() == 0);
}

TEST_CASE("not_sent: the queue is full, and what was queued is sent")
{
    int served = 0;
    rpc::service service;
    service.method("count", [&](std::string const&) { return ++served; });
    two_peers peers{both_protocols(), {}, service, {}, {.first = {.max_queued_bytes = 1000}}};
    std::string const text(300, 'x');
    std::vector<call_result<int>> results(5);
    for (auto& result : results)
        peers.a.async_call<int>("count", std::tuple{text}, result.handler());
    CHECK(peers.a.notify("count", std::tuple{text}) == rpc::errc::not_sent);
    settle(peers.io);
    CHECK(served >= 2);
    for (int i = 0; i < 5; ++i)
    {
        if (i < served)
            CHECK(results[static_cast<std::size_t>(i)].answered_with(i + 1));
        else
            CHECK(results[static_cast<std::size_t>(i)].failed_with(rpc::errc::not_sent));
    }
    CHECK(served < 5);
}

TEST_CASE("not_sent: an accepted end does not know yet which protocol to speak")
{
    asio::io_context io;
    auto pair = memory_pair(io.get_executor());
    rpc::peer accepted{pair.second, {.protocol = rpc::protocol::detect}};
    CHECK(refused_call(io, accepted, "x", std::tuple{}).failed_with(rpc::errc::not_sent));
    CHECK(accepted.notify("x") == rpc::errc::not_sent);
}

TEST_CASE("too_many_pending: max_pending_calls wait for an answer")
{
    silent_service s;
    two_peers peers{both_protocols(), {}, s.service, {.max_pending_calls = 2}};
    call_result<int> first, second;
    peers.a.async_call<int>("never", std::tuple{}, first.handler());
    peers.a.async_call<int>("never", std::tuple{}, second.handler());
    CHECK(refused_call(peers.io, peers.a, "never", std::tuple{}).failed_with(rpc::errc::too_many_pending));
    CHECK(s.kept.size() == 2);
    CHECK(peers.a.notify("nothing").value() == 0); // nobody waits for its answer

    std::move(s.kept.at(1))(7);
    settle(peers.io);
    CHECK(second.answered_with(7));
    CHECK(first.count == 0);
    call_result<int> third;
    peers.a.async_call<int>("add", std::tuple{1, 2}, third.handler());
    settle(peers.io);
    CHECK(third.answered_with(3));
}

TEST_CASE("bad_arguments: the arguments cannot be encoded as parameters")
{
    auto const protocol = both_protocols();
    two_peers peers{protocol, {}, plain_service(), {}, {.first = {.max_message = 1000}}};
    auto const check_refused = [&](std::string_view method, auto const& arguments) {
        CHECK(refused_call(peers.io, peers.a, method, arguments).failed_with(rpc::errc::bad_arguments));
        CHECK(peers.a.notify(method, arguments) == rpc::errc::bad_arguments);
    };
    check_refused("echo", 5); // neither positional nor named
    check_refused("echo", std::string{"x"});
    check_refused("echo", value{});
    check_refused("echo", std::tuple{std::string(2000, 'x')}); // longer than a message may be
    check_refused("echo", std::tuple{nested(100)});            // deeper than anybody reads
    if (protocol == rpc::protocol::json)
    {
        check_refused("echo", std::tuple{std::numeric_limits<double>::quiet_NaN()});
        check_refused("echo", std::tuple{std::string{"\xff"}});
        check_refused("echo", std::tuple{value{rpc::extension{1, {}}}});
        check_refused("\xff", std::tuple{});
    }
    else
        check_refused("add", std::map<std::string, int>{{"a", 1}, {"b", 2}});

    CHECK(peers.a.pending_calls() == 0);
    call_result<int> next;
    peers.a.async_call<int>("add", std::tuple{2, 3}, next.handler());
    settle(peers.io);
    CHECK(next.answered_with(5));
}

TEST_CASE("arguments and results may be as deep as the other end reads, and no deeper")
{
    auto const protocol = both_protocols();
    two_peers peers{protocol};
    auto const limit = rpc::codec_limits{}.max_depth - (protocol == rpc::protocol::json ? 2 : 1);
    // The array of parameters is a level, too.
    auto const deep = nested(limit - 1);
    CHECK(refused_call(peers.io, peers.a, "echo", std::tuple{deep}).answered_with(deep));
    CHECK(refused_call(peers.io, peers.a, "echo", std::tuple{array{deep}})
              .failed_with(rpc::errc::bad_arguments));

    rpc::service service;
    service.method("nested", [](std::size_t depth) { return nested(depth); });
    two_peers other{protocol, {}, service};
    CHECK(refused_call(other.io, other.a, "nested", std::tuple{limit}).answered_with(nested(limit)));
    CHECK(refused_call(other.io, other.a, "nested", std::tuple{limit + 1})
              .answered_with_error(rpc::result_not_representable));
}

TEST_CASE("bad_result: the result is not of the type that was asked for, and the next call is served")
{
    two_peers peers{both_protocols()};
    call_result<std::string> text;
    call_result<std::uint8_t> narrow;
    call_result<std::vector<int>> list;
    call_result<int> right;
    peers.a.async_call<std::string>("add", std::tuple{2, 3}, text.handler());
    peers.a.async_call<std::uint8_t>("add", std::tuple{200, 100}, narrow.handler());
    peers.a.async_call<std::vector<int>>("echo", std::tuple{array{1, "x"}}, list.handler());
    peers.a.async_call<int>("add", std::tuple{2, 3}, right.handler());
    settle(peers.io);
    CHECK(text.failed_with(rpc::errc::bad_result));
    CHECK(narrow.failed_with(rpc::errc::bad_result));
    CHECK(list.failed_with(rpc::errc::bad_result));
    CHECK(right.answered_with(5));
}

TEST_CASE("a call for void takes any result, and an error")
{
    two_peers peers{both_protocols()};
    int count = 0;
    auto const expect = [&](bool has_value) {
        return [&count, has_value](error_code ec, rpc::outcome<void> o) {
            ++count;
            CHECK(!ec);
            CHECK(o.has_value() == has_value);
        };
    };
    peers.a.async_call<void>("add", std::tuple{2, 3}, expect(true));
    peers.a.async_call<void>("nothing", std::tuple{}, expect(true));
    peers.a.async_call<void>("refuse", std::tuple{}, expect(false));
    settle(peers.io);
    CHECK(count == 3);
}

TEST_CASE("bad_message: the other end sent something that is no message of the protocol")
{
    conversation with{plain_service(), {.protocol = rpc::protocol::msgpack}};
    call_result<int> called;
    with.peer.async_call<int>("x", std::tuple{}, called.handler());
    with.ask("\xc1");
    CHECK(called.failed_with(rpc::errc::connection_lost));
    CHECK(with.closed_with(rpc::errc::bad_message));
}
