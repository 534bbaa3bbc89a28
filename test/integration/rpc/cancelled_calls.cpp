// SPDX-License-Identifier: BSL-1.0
//
// Proves cancellation from end to end: who cancels a call or gives it up tells the other end, its handler is told and
// its request is answered once; and that whoever cancels what is not there, or floods, harms nobody.
#include "rpc_test.hpp"

#include "core/cancellation.hpp"

#include <oizys/rpc/call_context.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace
{

constexpr rpc::peer_options speaking_oizys{.extensions = rpc::extensions::oizys};

/// A service with calls that end when they are told to.
struct waiting
{
    waiting()
    {
        service.method("wait", [this](rpc::call_context& c, rpc::reply<int> r) {
            c.on_cancel([this] { ++cancelled; });
            replies.push_back(std::move(r));
        });
    }

    rpc::service service = plain_service();
    std::vector<rpc::reply<int>> replies;
    int cancelled = 0;
};

} // namespace

TEST_CASE("a call that is cancelled is cancelled at the other end")
{
    waiting there;
    two_peers peers{both_protocols(), {}, there.service, speaking_oizys};
    asio::cancellation_signal signal;
    call_result<int> called, other;
    peers.a.async_call<int>("wait", std::tuple{},
                            asio::bind_cancellation_slot(signal.slot(), called.handler()));
    peers.a.async_call<int>("wait", std::tuple{}, other.handler());
    settle(peers.io);
    REQUIRE(there.replies.size() == 2);
    signal.emit(asio::cancellation_type::terminal);
    settle(peers.io);
    CHECK(called.failed_with(rpc::errc::cancelled));
    CHECK(there.cancelled == 1);
    std::move(there.replies[0])(1); // is dropped
    std::move(there.replies[1])(2);
    settle(peers.io);
    CHECK(called.count == 1);
    CHECK(other.answered_with(2));
    CHECK(there.cancelled == 1);
}

TEST_CASE("a call that has timed out is cancelled at the other end")
{
    waiting there;
    two_peers peers{both_protocols(), {}, there.service, speaking_oizys};
    call_result<int> called;
    peers.a.async_call<int>("wait", std::tuple{}, {.timeout = 1ms}, called.handler());
    CHECK(run_until(peers.io, [&] { return there.cancelled == 1; }));
    CHECK(called.failed_with(rpc::errc::timed_out));
}

TEST_CASE("when a connection ends, its calls are cancelled, whoever ended it")
{
    waiting there;
    two_peers peers{both_protocols(), {}, there.service};
    call_result<int> called;
    peers.a.async_call<int>("wait", std::tuple{}, called.handler());
    settle(peers.io);
    CHECK(there.cancelled == 0);
    SECTION("the caller closes") { peers.a.close(); }
    SECTION("the caller is dropped") { peers.a = {}; }
    SECTION("the called closes") { peers.b.close(); }
    SECTION("the called is dropped")
    {
        peers.b = {};
        CHECK(there.cancelled == 0); // posted
    }
    settle(peers.io);
    CHECK(there.cancelled == 1);
    CHECK(called.count == 1);
    std::move(there.replies[0])(1);
    settle(peers.io);
    CHECK(called.count == 1);
}

TEST_CASE("a cancelled request is answered at once with an error, and its handler's answer is dropped")
{
    waiting there;
    conversation with{there.service};
    auto const cancelled = R"({"jsonrpc":"2.0","error":{"code":-32004,"message":"cancelled"},"id":"x"})";
    check(with, {
                    {R"({"jsonrpc":"2.0","method":"wait","id":"x"})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":["x"]})", cancelled},
                });
    CHECK(there.cancelled == 1);
    std::move(there.replies[0])(1);
    CHECK(with.listen().empty());
}

TEST_CASE("a request within a batch is cancelled, and answered in its batch")
{
    waiting there;
    conversation with{there.service};
    check(
        with,
        {
            {R"([{"jsonrpc":"2.0","method":"wait","id":1},{"jsonrpc":"2.0","method":"add","params":[2,3],"id":2}])",
             nullptr},
            {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1]})",
             R"([{"jsonrpc":"2.0","result":5,"id":2},{"jsonrpc":"2.0","error":{"code":-32004,"message":"cancelled"},"id":1}])"},
        });
}

TEST_CASE("a notification is not answered and cannot be cancelled")
{
    waiting there;
    conversation with{there.service};
    check(with, {
                    {R"({"jsonrpc":"2.0","method":"wait"})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[null]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[""]})", nullptr},
                });
    CHECK(there.cancelled == 0);
}

TEST_CASE("cancelling what is unknown, done, of another form, or no id at all does nothing")
{
    waiting there;
    conversation with{there.service};
    check(with, {
                    {R"({"jsonrpc":"2.0","method":"wait","id":1})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"add","params":[2,3],"id":2})",
                     R"({"jsonrpc":"2.0","result":5,"id":2})"},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[2]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":["1"]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1.0]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":{}})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":{"id":1}})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[[1]]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel"})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}})", nullptr},
                });
    CHECK(there.cancelled == 0);
    CHECK(with.ask_one(R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1]})").size() > 20);
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1]})").empty()); // is done by now
    CHECK(there.cancelled == 1);
    // As a request it is a method that does not exist.
    CHECK(with.ask_one(R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1],"id":3})").find("-32601") !=
          std::string::npos);
}

TEST_CASE("a MessagePack-RPC request is cancelled by its id as it came")
{
    waiting there;
    packed_conversation with{there.service};
    value const error = object{{"code", -32004}, {"message", "cancelled"}};
    CHECK(with.ask(array{0, 7, "wait", array{}}).empty());
    CHECK(with.ask(array{2, "oizys.cancel", array{8}}).empty());
    CHECK(with.ask(array{2, "oizys.cancel", array{}}).empty());
    CHECK(with.ask(array{2, "oizys.cancel", array{7}}) == std::vector<value>{array{1, 7, error, nullptr}});
    CHECK(there.cancelled == 1);
    CHECK(with.conversation::ask("\x94\x00\xcd\x00\x09\xa4wait\x90"sv).empty());
    CHECK(with.ask(array{2, "oizys.cancel", array{9}}).empty()); // 09 is not cd 00 09
    CHECK(with.conversation::ask("\x93\x02\xacoizys.cancel\x91\xcd\x00\x09"sv).size() == 1);
}

TEST_CASE("of two requests with the same id, the first is cancelled, and each is answered once")
{
    waiting there;
    conversation with{there.service};
    auto const request = R"({"jsonrpc":"2.0","method":"wait","id":1})";
    auto const cancel = R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1]})";
    auto const cancelled = R"({"jsonrpc":"2.0","error":{"code":-32004,"message":"cancelled"},"id":1})";
    check(with, {{request, nullptr}, {request, nullptr}, {cancel, cancelled}});
    std::move(there.replies[0])(10);
    std::move(there.replies[1])(11);
    CHECK(with.listen() == texts{R"({"jsonrpc":"2.0","result":11,"id":1})"});
    check(with, {{cancel, nullptr}});
}

TEST_CASE("an end that does not listen to extensions is not cancelled by them")
{
    waiting there;
    conversation with{there.service, {.extensions = rpc::extensions::none}};
    check(with, {
                    {R"({"jsonrpc":"2.0","method":"wait","id":1})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1]})", nullptr},
                });
    CHECK(there.cancelled == 0);
}

TEST_CASE("with the conventions of the Language Server Protocol, cancellation is theirs, in both directions")
{
    waiting there;
    conversation with{there.service, {.extensions = rpc::extensions::lsp}};
    check(with, {
                    {R"({"jsonrpc":"2.0","method":"wait","id":1})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"wait","id":"two"})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":[1]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"ID":1}})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"x":[],"id":1}})",
                     R"({"jsonrpc":"2.0","error":{"code":-32800,"message":"cancelled"},"id":1})"},
                    {R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"two"}})",
                     R"({"jsonrpc":"2.0","error":{"code":-32800,"message":"cancelled"},"id":"two"})"},
                });
    CHECK(there.cancelled == 2);
    asio::cancellation_signal signal;
    call_result<int> called;
    with.peer.async_call<int>("x", std::tuple{},
                              asio::bind_cancellation_slot(signal.slot(), called.handler()));
    with.listen();
    signal.emit(asio::cancellation_type::terminal);
    CHECK(with.listen() == texts{R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":0}})"});
}

TEST_CASE("who is not known to be oizys is not told that a call is cancelled")
{
    conversation with{rpc::service{}};
    asio::cancellation_signal signal;
    call_result<int> called;
    with.peer.async_call<int>("x", std::tuple{},
                              asio::bind_cancellation_slot(signal.slot(), called.handler()));
    with.listen();
    signal.emit(asio::cancellation_type::terminal);
    CHECK(with.listen().empty());
    CHECK(called.failed_with(rpc::errc::cancelled));
}

TEST_CASE("a flood of cancels costs its sender's connection nothing, and others are served")
{
    waiting there;
    conversation with{there.service};
    with.ask(R"({"jsonrpc":"2.0","method":"wait","id":0})");
    for (int i = 1; i < 20000; ++i)
    {
        error_code ec;
        with.other->send(R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[)" + std::to_string(i) + "]}",
                         ec);
        if (i % 100 == 0)
            settle(with.io);
    }
    CHECK(with.listen().empty());
    CHECK(there.cancelled == 0);
    CHECK(with.ask_one(R"({"jsonrpc":"2.0","method":"add","params":[2,3],"id":1})") ==
          R"({"jsonrpc":"2.0","result":5,"id":1})");
}

TEST_CASE("calls that wait are bounded, and cancelling them makes room only when their handlers let go")
{
    waiting there;
    conversation with{there.service, {.max_unanswered_bytes = 3000}};
    auto const wait = [&](int id) {
        return with.ask(R"({"jsonrpc":"2.0","method":"wait","id":)" + std::to_string(id) + "}");
    };
    auto const cancel = [&](int id) {
        return with.ask(R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[)" + std::to_string(id) + "]}");
    };
    CHECK(wait(1).empty());
    CHECK(wait(2).empty());
    CHECK(wait(3).size() == 1); // too many
    CHECK(cancel(1).size() == 1);
    CHECK(cancel(2).size() == 1);
    CHECK(wait(4).size() == 1);
    there.replies.clear();
    CHECK(wait(5).empty());
}

TEST_CASE("a handler that is told too late is told soon, and one that has answered never")
{
    rpc::service service;
    std::vector<rpc::reply<int>> replies;
    bool told = false;
    service.method("wait", [&](rpc::call_context& c, rpc::reply<int> r) {
        replies.push_back(std::move(r));
        c.on_cancel([&] { told = true; });
        CHECK(!c.cancelled());
    });
    conversation with{service};
    with.ask(R"({"jsonrpc":"2.0","method":"wait","id":1})");
    std::move(replies[0])(5);
    CHECK(with.listen().size() == 1);
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1]})").empty());
    with.peer.close();
    settle(with.io);
    CHECK(!told);
}

TEST_CASE("an operation of a handler is cancelled by its slot")
{
    rpc::service service;
    std::optional<two_peers> peers;
    error_code ended;
    service.method("sleep", [&](rpc::call_context& c, rpc::reply<void> r) {
        auto const timer = std::make_shared<asio::steady_timer>(peers->io, 1h);
        auto const kept = std::make_shared<rpc::reply<void>>(std::move(r));
        timer->async_wait(
            asio::bind_cancellation_slot(c.cancellation_slot(), [&, timer, kept](error_code ec) {
                ended = ec;
                std::move (*kept)();
            }));
    });
    peers.emplace(both_protocols(), rpc::service{}, service, speaking_oizys);
    call_result<int> called;
    peers->a.async_call<int>("sleep", std::tuple{}, {.timeout = 1ms}, called.handler());
    CHECK(run_until(peers->io, [&] { return ended == asio::error::operation_aborted; }));
    CHECK(called.failed_with(rpc::errc::timed_out));
}

TEST_CASE("an exception from a handler of a cancellation ends the connection, and escapes nobody")
{
    rpc::service service;
    std::vector<rpc::reply<int>> replies;
    service.method("wait", [&](rpc::call_context& c, rpc::reply<int> r) {
        c.on_cancel([] { throw std::runtime_error{"no"}; });
        replies.push_back(std::move(r));
    });
    conversation with{service};
    with.ask(R"({"jsonrpc":"2.0","method":"wait","id":1})");
    with.ask(R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1]})");
    CHECK(with.closed_with(oizys::errc::handler_failed));
}

TEST_CASE("a method that threw after it was given its reply is answered once, and is not cancelled any more")
{
    rpc::service service;
    std::optional<rpc::reply<int>> kept;
    bool told = false;
    service.method("throw", [&](rpc::call_context& c, rpc::reply<int> r) {
        c.on_cancel([&] { told = true; });
        kept.emplace(std::move(r));
        throw rpc::error{17, "no"};
    });
    conversation with{service};
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"throw","id":1})").size() == 1);
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1]})").empty());
    CHECK(!told);
}

TEST_CASE("calls that a cancelled call needs are cancelled with it, and those that have ended are let go")
{
    auto const protocol = both_protocols();
    waiting behind;
    std::optional<two_peers> inner;
    inner.emplace(protocol, rpc::service{}, behind.service, speaking_oizys);
    rpc::service outer;
    std::vector<rpc::reply<int>> replies;
    call_result<int> needed[2];
    outer.method("outer", [&](rpc::call_context& c, rpc::reply<int> r) {
        inner->a.async_call<int>("wait", std::tuple{}, {.within = &c}, needed[0].handler());
        inner->a.async_call<int>("add", std::tuple{2, 3}, {.within = &c}, needed[1].handler());
        replies.push_back(std::move(r));
    });
    two_peers peers{protocol, {}, outer, speaking_oizys};
    asio::cancellation_signal signal;
    call_result<int> called;
    peers.a.async_call<int>("outer", std::tuple{},
                            asio::bind_cancellation_slot(signal.slot(), called.handler()));
    auto const run = [&] {
        for (int i = 0; i < 3; ++i)
        {
            settle(peers.io);
            settle(inner->io);
        }
    };
    run();
    CHECK(needed[1].answered_with(5));
    CHECK(needed[0].count == 0);
    SECTION("it is cancelled")
    {
        signal.emit(asio::cancellation_type::terminal);
        run();
        CHECK(called.failed_with(rpc::errc::cancelled));
        CHECK(needed[0].failed_with(rpc::errc::cancelled));
        CHECK(behind.cancelled == 1);
    }
    SECTION("it is answered")
    {
        std::move(replies[0])(1);
        run();
        CHECK(called.answered_with(1));
        CHECK(needed[0].count == 0); // nobody has said that it is not wanted any more
    }
    SECTION("the inner connection has gone before")
    {
        inner->a = {};
        run();
        CHECK(needed[0].failed_with(rpc::errc::cancelled));
        signal.emit(asio::cancellation_type::terminal);
        run();
        CHECK(called.failed_with(rpc::errc::cancelled));
    }
    CHECK(needed[1].count == 1);
}

TEST_CASE("a thread that works on a call sees that it is cancelled", "[concurrent]")
{
    rpc::service service;
    std::thread worker;
    std::atomic<bool> seen = false;
    service.method("work", [&](rpc::call_context& c, rpc::reply<int> r) {
        worker = std::thread{[&seen, fate = c.cancellation(), reply = std::move(r)]() mutable {
            auto const deadline = std::chrono::steady_clock::now() + 10s;
            while (!fate->cancelled() && std::chrono::steady_clock::now() < deadline)
                std::this_thread::yield(); // what it works on
            seen = fate->cancelled();
            std::move(reply)(1);
        }};
    });
    two_peers peers{both_protocols(), {}, service, speaking_oizys};
    call_result<int> called;
    peers.a.async_call<int>("work", std::tuple{}, {.timeout = 1ms}, called.handler());
    CHECK(run_until(peers.io, [&] { return called.count == 1; }));
    settle(peers.io); // the other end hears of it
    worker.join();
    CHECK(seen);
    CHECK(called.failed_with(rpc::errc::timed_out));
}
