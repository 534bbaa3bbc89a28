// SPDX-License-Identifier: BSL-1.0
//
// Proves the comforts of callers: batches that are sent as one message and complete call by call, methods that are
// called like functions, and arguments by name.
#include "rpc_test.hpp"

#include <oizys/rpc/batch.hpp>
#include <oizys/rpc/function.hpp>
#include <oizys/rpc/named.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

using namespace oizys;
using namespace oizys::test;

TEST_CASE("calls of a batch complete each by itself, and its notifications arrive between them")
{
    std::vector<int> notes;
    auto service = plain_service();
    service.method("note", [&](int n) { notes.push_back(n); });
    two_peers peers{both_protocols(), {}, service};
    call_result<int> sum;
    call_result<value> refused, unknown;
    rpc::batch batch{peers.a};
    batch.async_call<int>("add", std::tuple{2, 3}, sum.handler());
    CHECK(!batch.notify("note", std::tuple{7}));
    batch.async_call("refuse", std::tuple{}, refused.handler());
    batch.async_call("unknown", std::tuple{}, unknown.handler());
    CHECK(batch.size() == 4);
    settle(peers.io);
    CHECK(sum.count == 0);
    CHECK(peers.a.session().counters().messages_sent == 0);
    batch.send();
    CHECK(batch.size() == 0);
    settle(peers.io);
    CHECK(sum.answered_with(5));
    CHECK(refused.answered_with_error(17));
    CHECK(unknown.answered_with_error(rpc::method_not_found));
    CHECK(notes == std::vector{7});
    batch.send(); // nothing
    batch.async_call<int>("add", std::tuple{3, 4}, sum.handler());
    batch.send();
    settle(peers.io);
    CHECK(*sum.answer == 7);
}

TEST_CASE("a JSON-RPC batch is one array, of no more than max_batch elements and max_message bytes")
{
    conversation with{rpc::service{}, {.max_batch = 2}, {.second = {.max_message = 150}}};
    call_result<value> ended[4];
    rpc::batch batch{with.peer};
    batch.async_call("x", std::tuple{}, ended[0].handler());
    CHECK(!batch.notify("y"));
    batch.async_call("z", std::tuple{}, ended[1].handler());
    batch.async_call("long", std::tuple{std::string(70, 'l')}, ended[2].handler());
    batch.async_call("too long", std::tuple{std::string(100, 'l')}, ended[3].handler());
    CHECK(batch.notify("too long", std::tuple{std::string(200, 'l')}) == rpc::errc::bad_arguments);
    batch.send();
    CHECK(
        with.listen() ==
        texts{
            R"([{"jsonrpc":"2.0","id":0,"method":"x","params":[]},{"jsonrpc":"2.0","method":"y","params":[]}])",
            R"([{"jsonrpc":"2.0","id":1,"method":"z","params":[]}])",
            R"([{"jsonrpc":"2.0","id":2,"method":"long","params":[")" + std::string(70, 'l') + R"("]}])"});
    CHECK(ended[3].failed_with(rpc::errc::bad_arguments));
    CHECK(with.ask(R"([{"jsonrpc":"2.0","result":1,"id":1},{"jsonrpc":"2.0","result":2,"id":0}])").empty());
    CHECK(ended[0].answered_with(2));
    CHECK(ended[1].answered_with(1));
}

TEST_CASE("calls of a batch that is not sent, or cannot be, complete with not_sent")
{
    two_peers peers{both_protocols()};
    call_result<int> dropped, late, closed;
    {
        rpc::batch batch{peers.a};
        batch.async_call<int>("add", std::tuple{2, 3}, dropped.handler());
        CHECK(peers.a.pending_calls() == 1);
    }
    CHECK(dropped.count == 0);
    settle(peers.io);
    CHECK(dropped.failed_with(rpc::errc::not_sent));
    rpc::batch batch{peers.a};
    batch.async_call<int>("add", std::tuple{2, 3}, late.handler());
    peers.a.close();
    batch.send();
    batch.async_call<int>("add", std::tuple{2, 3}, closed.handler());
    CHECK(batch.notify("x") == rpc::errc::not_sent);
    settle(peers.io);
    CHECK(late.count == 1);
    CHECK((late.ec == rpc::errc::not_sent || late.ec == rpc::errc::connection_lost));
    CHECK(closed.failed_with(rpc::errc::not_sent));
}

TEST_CASE("a call that was cancelled before its batch is sent is left out of it")
{
    conversation with{rpc::service{}};
    asio::cancellation_signal signal;
    call_result<value> cancelled, other;
    rpc::batch batch{with.peer};
    batch.async_call("x", std::tuple{}, asio::bind_cancellation_slot(signal.slot(), cancelled.handler()));
    batch.async_call("y", std::tuple{}, other.handler());
    signal.emit(asio::cancellation_type::terminal);
    batch.send();
    CHECK(with.listen() == texts{R"([{"jsonrpc":"2.0","id":1,"method":"y","params":[]}])"});
    CHECK(cancelled.failed_with(rpc::errc::cancelled));
}

TEST_CASE("a method is called like a function, with any token")
{
    two_peers peers{both_protocols()};
    rpc::function<int(int, int)> const add{peers.a, "add"};
    rpc::function<std::string(std::string_view)> const echo{peers.a, "echo"};
    rpc::function<void()> const nothing{peers.a, "nothing"};
    call_result<int> called;
    add(2, 3, called.handler());
    auto future = echo("x", asio::use_future);
    std::vector<std::string> seen;
    asio::co_spawn(
        peers.io,
        [&]() -> asio::awaitable<void> {
            int const sum = co_await add(4, 5);
            seen.push_back(std::to_string(sum));
            std::string const text = co_await echo(std::string(100, 'y'));
            seen.push_back(text);
            (co_await nothing()).value();
        },
        [&](std::exception_ptr e) {
            CHECK(!e);
            seen.emplace_back("done");
        });
    settle(peers.io);
    CHECK(called.answered_with(5));
    CHECK(future.get().value() == "x");
    CHECK(seen == texts{"9", std::string(100, 'y'), "done"});
}

TEST_CASE("arguments have names in JSON-RPC, and cannot have any in MessagePack-RPC")
{
    auto const protocol = both_protocols();
    two_peers peers{protocol};
    call_result<int> sum;
    std::string const text = "kept";
    peers.a.async_call<int>("add", rpc::named("b", 3, std::string{"a"}, 2), sum.handler());
    settle(peers.io);
    if (protocol == rpc::protocol::json)
        CHECK(sum.answered_with(5));
    else
        CHECK(sum.failed_with(rpc::errc::bad_arguments));
    CHECK(rpc::to_json(rpc::named()) == "{}");
    CHECK(rpc::to_json(rpc::named("t", text, "v", std::vector{1, 2}, "n", rpc::named("c", "s"))) ==
          R"({"t":"kept","v":[1,2],"n":{"c":"s"}})");
}
