// SPDX-License-Identifier: BSL-1.0
//
// Proves streams from end to end: values arrive in order, no faster than they are read, either end stops them, and
// whoever sends too much, too early or to nobody harms only itself.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/execution.hpp>
#include <oizys/rpc/stream.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <thread>

using namespace oizys;
using namespace oizys::test;

namespace
{

constexpr rpc::peer_options speaking_oizys{.extensions = rpc::extensions::oizys};

/// A service of streams that counts what it has made.
struct counting
{
    counting()
    {
        service.method("count", [this](int n) {
            return rpc::stream<int>{[this, i = 0, n]() mutable -> std::optional<int> {
                ++made;
                return i < n ? std::optional{i++} : std::nullopt;
            }};
        });
        service.method("endless", [this] {
            return rpc::stream<std::string>{
                [this, alive = std::make_shared<int>()]() -> std::optional<std::string> {
                    watched = alive;
                    ++made;
                    return "x";
                }};
        });
        service.method("falter", [](int n) {
            return rpc::stream<int>{[i = 0, n]() mutable -> std::optional<int> {
                if (i == n)
                    throw rpc::error{17, "enough"};
                return i++;
            }};
        });
        service.method("open", [this](rpc::call_context& c, rpc::stream_writer<int> out) {
            c.on_cancel([this] { ++cancelled; });
            writers.push_back(std::move(out));
        });
    }

    rpc::service service = plain_service();
    std::vector<rpc::stream_writer<int>> writers;
    int made = 0;
    int cancelled = 0;
    std::weak_ptr<int> watched;
};

/// Reads a stream to its end, or until it has `most` values.
template <class T>
struct reader_of
{
    explicit reader_of(rpc::incoming_stream<T> s, std::size_t n = 1000000) : stream{std::move(s)}, most{n}
    {
        next();
    }

    void next()
    {
        stream.async_next([this](error_code ec, rpc::outcome<std::optional<T>> o) {
            if (ec || !o.has_value() || !*o)
            {
                ++ends;
                why = ec;
                if (!ec && !o.has_value())
                    error = o.error();
                return;
            }
            values.push_back(**o);
            if (values.size() < most)
                next();
        });
    }

    rpc::incoming_stream<T> stream;
    std::size_t most;
    std::vector<T> values;
    int ends = 0;
    error_code why{};
    std::optional<rpc::error_object> error{};
};

std::vector<int> numbers(int n)
{
    std::vector<int> all;
    for (int i = 0; i < n; ++i)
        all.push_back(i);
    return all;
}

} // namespace

TEST_CASE("a method sends values one after another, and their end")
{
    counting there;
    auto const n = GENERATE(0, 1, 15, 16, 17, 1000);
    auto const window = GENERATE(1u, 2u, 16u, 5000u);
    two_peers peers{both_protocols(), {}, there.service, speaking_oizys};
    reader_of<int> r{peers.a.open_stream<int>("count", std::tuple{n}, {.window = window})};
    settle(peers.io);
    CHECK(r.values == numbers(n));
    CHECK(r.ends == 1);
    CHECK(!r.why);
    CHECK(!r.error);
    r.next(); // the end may be asked for again
    settle(peers.io);
    CHECK(r.ends == 2);
    CHECK(peers.a.pending_calls() == 0);
}

TEST_CASE("a caller that is not known to know streams is answered with one array, and reads it as a stream")
{
    counting there;
    auto const n = GENERATE(0, 1, 100);
    two_peers peers{both_protocols(), {}, there.service};
    call_result<std::vector<int>> all;
    peers.a.async_call<std::vector<int>>("count", std::tuple{n}, all.handler());
    reader_of<int> r{peers.a.open_stream<int>("count", std::tuple{n})};
    settle(peers.io);
    CHECK(all.answered_with(numbers(n)));
    CHECK(r.values == numbers(n));
    CHECK(r.ends == 1);
    CHECK(!r.why);
    CHECK(peers.b.session().counters().messages_sent == 2);
}

TEST_CASE("a result that is no stream is read as one if it is an array, and is a bad result if not")
{
    two_peers peers{both_protocols(), {}, plain_service(), speaking_oizys};
    reader_of<int> array_of_two{peers.a.open_stream<int>("echo", std::make_tuple(std::vector{7, 8}))};
    reader_of<int> nothing{peers.a.open_stream<int>("nothing")};
    reader_of<int> sum{peers.a.open_stream<int>("add", std::tuple{2, 3})};
    reader_of<int> unknown{peers.a.open_stream<int>("unknown")};
    reader_of<int> text{peers.a.open_stream<int>("echo", std::make_tuple(std::make_tuple(1, "x")))};
    settle(peers.io);
    CHECK(array_of_two.values == std::vector{7, 8});
    CHECK(nothing.ends == 1);
    CHECK(!nothing.why);
    CHECK(sum.why == rpc::errc::bad_result);
    REQUIRE(unknown.error);
    CHECK(unknown.error->code == rpc::method_not_found);
    CHECK(text.values == std::vector{1});
    CHECK(text.why == rpc::errc::bad_result);
}

TEST_CASE("no more values are made than the window, and those that have been read, allow")
{
    counting there;
    two_peers peers{both_protocols(), {}, there.service, speaking_oizys};
    auto stream = peers.a.open_stream<std::string>("endless", std::tuple{}, {.window = 4});
    settle(peers.io);
    CHECK(there.made == 5); // the fifth waits
    reader_of<std::string> r{std::move(stream), 3};
    settle(peers.io);
    CHECK(r.values.size() == 3);
    CHECK(there.made == 7); // two were granted again
    CHECK(r.ends == 0);
}

TEST_CASE("a stream that is dropped or stopped stops at the other end, and what waits there is let go")
{
    counting there;
    two_peers peers{both_protocols(), {}, there.service, speaking_oizys};
    auto stream = peers.a.open_stream<std::string>("endless");
    settle(peers.io);
    CHECK(!there.watched.expired());
    auto const made = there.made;
    SECTION("dropped") { stream = {}; }
    SECTION("stopped")
    {
        stream.stop();
        reader_of<std::string> r{std::move(stream)};
        settle(peers.io);
        CHECK(r.why == rpc::errc::cancelled);
        CHECK(r.values.empty());
    }
    SECTION("dropped while a value is awaited")
    {
        auto r = std::make_unique<reader_of<std::string>>(std::move(stream), 1000);
        int ends = 0;
        r->stream.async_next([&](error_code ec, auto const&) {
            CHECK(ec == asio::error::already_started);
            ++ends;
        });
        settle(peers.io);
        CHECK(ends == 1);
        r->stream = {};
        settle(peers.io);
    }
    SECTION("the connection ends") { peers.a.close(); }
    settle(peers.io);
    CHECK(there.watched.expired());
    CHECK(there.made <= made + 1100);
    CHECK(peers.a.pending_calls() == 0);
}

TEST_CASE("a stream ends with the error that its method throws, behind its values")
{
    counting there;
    auto const how = GENERATE(rpc::extensions::oizys, rpc::extensions::none);
    two_peers peers{both_protocols(), {}, there.service, {.extensions = how}};
    reader_of<int> r{peers.a.open_stream<int>("falter", std::tuple{3})};
    settle(peers.io);
    CHECK(r.values == (how == rpc::extensions::oizys ? numbers(3) : numbers(0)));
    REQUIRE(r.error);
    CHECK(r.error->code == 17);
    CHECK(r.error->message == "enough");
}

TEST_CASE("a coroutine writes, and waits for room")
{
    rpc::service service;
    std::optional<two_peers> peers;
    int written = 0;
    bool over = false;
    service.method("ticks", [&](rpc::stream_writer<int> out, int n) {
        asio::co_spawn(
            peers->io,
            [&over, &written, n, o = std::move(out)]() mutable -> asio::awaitable<void> {
                for (int i = 0; i < n; ++i, ++written)
                    co_await o.async_write(i, asio::use_awaitable);
                std::move(o).finish();
                over = true;
            },
            asio::detached);
    });
    peers.emplace(both_protocols(), rpc::service{}, service, speaking_oizys);
    auto stream = peers->a.open_stream<int>("ticks", std::tuple{10}, {.window = 3});
    settle(peers->io);
    CHECK(written == 3);
    std::vector<int> read;
    asio::co_spawn(
        peers->io,
        [&]() -> asio::awaitable<void> {
            while (std::optional<int> const n = co_await stream.async_next(asio::use_awaitable))
                read.push_back(*n);
        },
        [&](std::exception_ptr e) { CHECK(!e); });
    settle(peers->io);
    CHECK(read == numbers(10));
    CHECK(over);
}

TEST_CASE(
    "writers are told when nobody reads any more, one at a time, and a finish waits for what waits for room")
{
    counting there;
    two_peers peers{both_protocols(), {}, there.service, speaking_oizys};
    std::vector<error_code> done;
    auto const note = [&](error_code ec) { done.push_back(ec); };
    auto stream = peers.a.open_stream<int>("open", std::tuple{}, {.window = 1});
    settle(peers.io);
    REQUIRE(there.writers.size() == 1);
    auto& out = there.writers.front();
    out.async_write(0, note);
    CHECK(done.empty());
    settle(peers.io);
    CHECK(done == std::vector{error_code{}});
    out.async_write(1, note);
    settle(peers.io);
    CHECK(done.size() == 1); // there is no room
    out.async_write(2, note);
    settle(peers.io);
    CHECK(done == std::vector<error_code>{{}, asio::error::already_started});
    SECTION("the reader stops")
    {
        stream = {};
        settle(peers.io);
        CHECK(there.cancelled == 1);
        CHECK(done.back() == rpc::errc::cancelled);
        out.async_write(3, note);
        settle(peers.io);
        CHECK(done.size() == 4);
        CHECK(done.back() == rpc::errc::cancelled);
    }
    SECTION("the connection ends")
    {
        peers.a.close();
        settle(peers.io);
        CHECK(done.back() == rpc::errc::cancelled);
    }
    SECTION("the serving peer is dropped")
    {
        peers.b = {};
        settle(peers.io);
        CHECK(done.back() == rpc::errc::cancelled);
        out.async_write(3, note);
        CHECK(done.size() == 4);
    }
    SECTION("it is finished, and read")
    {
        std::move(out).finish();
        there.writers.clear();
        settle(peers.io);
        reader_of<int> r{std::move(stream)};
        settle(peers.io);
        CHECK(r.values == std::vector{0, 1});
        CHECK((r.ends == 1 && !r.why && !r.error));
        CHECK(done.back() == error_code{});
    }
    SECTION("it ends with an error, and what waits is dropped")
    {
        std::move(out).error({18, "no"});
        settle(peers.io);
        CHECK(done.back() == rpc::errc::cancelled);
        reader_of<int> r{std::move(stream)};
        settle(peers.io);
        CHECK(r.values == std::vector{0});
        CHECK((r.error && r.error->code == 18));
    }
    SECTION("it is dropped")
    {
        there.writers.clear();
        reader_of<int> r{std::move(stream)};
        settle(peers.io);
        CHECK((r.error && r.error->code == rpc::internal_error));
        CHECK(done.back() == rpc::errc::cancelled);
    }
    CHECK(done.size() >= 3);
}

TEST_CASE("a thread writes")
{
    counting there;
    two_peers peers{both_protocols(), {}, there.service, speaking_oizys};
    reader_of<int> r{peers.a.open_stream<int>("open")};
    settle(peers.io);
    std::thread{[&] {
        auto out = std::move(there.writers.front());
        out.async_write(1, [](error_code ec) { CHECK(!ec); });
        std::move(out).finish();
    }}.join();
    settle(peers.io);
    CHECK(r.values == std::vector{1});
    CHECK(r.ends == 1);
}

TEST_CASE("handlers on another executor send streams as well, and their functions run on the peer's")
{
    asio::thread_pool pool{2};
    rpc::execution const elsewhere{pool.get_executor()};
    rpc::service service;
    std::thread::id made_on;
    service.method("count", rpc::on(elsewhere, [&](int n) {
                       return rpc::stream<int>{[&, i = 0, n]() mutable {
                           made_on = std::this_thread::get_id();
                           return i < n ? std::optional{i++} : std::nullopt;
                       }};
                   }));
    service.method("write", rpc::on(elsewhere, [](rpc::stream_writer<int> out, int n) {
                       out.async_write(n, [](error_code) {});
                       std::move(out).finish();
                   }));
    two_peers peers{both_protocols(), {}, service, speaking_oizys};
    auto const work = asio::make_work_guard(peers.io);
    reader_of<int> counted{peers.a.open_stream<int>("count", std::tuple{40})};
    reader_of<int> written{peers.a.open_stream<int>("write", std::tuple{7})};
    CHECK(run_until(peers.io, [&] { return counted.ends == 1 && written.ends == 1; }));
    CHECK(counted.values == numbers(40));
    CHECK(written.values == std::vector{7});
    CHECK(made_on == std::this_thread::get_id());
    pool.join();
}

TEST_CASE("a call that is cancelled while it waits for its turn on another executor is not carried out")
{
    asio::thread_pool pool{1};
    rpc::execution const elsewhere{pool.get_executor(), {.max_running = 1}};
    rpc::service service;
    std::atomic<int> begun = 0;
    std::optional<rpc::reply<int>> kept;
    service.method("work", rpc::on(elsewhere, [&](rpc::reply<int> r) {
                       kept.emplace(std::move(r));
                       ++begun;
                   }));
    two_peers peers{both_protocols(), {}, service, speaking_oizys};
    auto const work = asio::make_work_guard(peers.io);
    asio::cancellation_signal signal;
    call_result<int> first, second;
    peers.a.async_call<int>("work", std::tuple{}, first.handler());
    CHECK(run_until(peers.io, [&] { return begun == 1; }));
    peers.a.async_call<int>("work", std::tuple{},
                            asio::bind_cancellation_slot(signal.slot(), second.handler()));
    settle(peers.io);
    signal.emit(asio::cancellation_type::terminal);
    settle(peers.io);
    CHECK(second.failed_with(rpc::errc::cancelled));
    std::move (*std::exchange(kept, std::nullopt))(1);
    CHECK(run_until(peers.io, [&] { return first.count == 1; }));
    settle(peers.io);
    pool.join();
    CHECK(begun == 1);
}

TEST_CASE("waiting for a value is cancelled by itself, and no value is lost")
{
    counting there;
    two_peers peers{both_protocols(), {}, there.service, speaking_oizys};
    auto stream = peers.a.open_stream<int>("open");
    settle(peers.io);
    asio::cancellation_signal signal;
    std::vector<error_code> ends;
    stream.async_next(asio::bind_cancellation_slot(
        signal.slot(), [&](error_code ec, rpc::outcome<std::optional<int>> const&) { ends.push_back(ec); }));
    signal.emit(asio::cancellation_type::total);
    CHECK(ends.empty());
    there.writers.front().async_write(5, [](error_code) {});
    settle(peers.io);
    CHECK(ends == std::vector<error_code>{rpc::errc::cancelled});
    CHECK(there.cancelled == 0);
    reader_of<int> r{std::move(stream)};
    std::move(there.writers.front()).finish();
    settle(peers.io);
    CHECK(r.values == std::vector{5});
}

TEST_CASE("as JSON-RPC a stream is a request with credit, items, credit, and an answer")
{
    counting there;
    conversation with{there.service};
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"count","params":[3],"id":"s","oizys":{"credit":2}})") ==
          texts{R"({"jsonrpc":"2.0","method":"oizys.item","params":["s",0]})",
                R"({"jsonrpc":"2.0","method":"oizys.item","params":["s",1]})"});
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"oizys.credit","params":["s",1]})") ==
          texts{R"({"jsonrpc":"2.0","method":"oizys.item","params":["s",2]})",
                R"({"jsonrpc":"2.0","result":null,"id":"s"})"});
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"oizys.credit","params":["s",1]})").empty());
}

TEST_CASE(
    "credit of a wrong form, for nobody, or beyond what is believed does nothing or no more than it may")
{
    counting there;
    conversation with{there.service, {.max_stream_window = 3}};
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"endless","id":1,"oizys":{"credit":4294967295}})").size() ==
          3);
    check(with, {
                    {R"({"jsonrpc":"2.0","method":"oizys.credit","params":[2,1]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.credit","params":["1",1]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.credit","params":[1]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.credit","params":[1,-1]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.credit","params":[1,"1"]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.credit","params":[1,0]})", nullptr},
                    {R"({"jsonrpc":"2.0","method":"oizys.credit","params":{"id":1}})", nullptr},
                });
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"oizys.credit","params":[1,18446744073709551615]})").size() ==
          3);
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[1]})").size() == 1);
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"oizys.credit","params":[1,1]})").empty());
}

TEST_CASE("an end that sends more values than it may is told to stop, and the call ends with too_many_items")
{
    conversation with{rpc::service{}, speaking_oizys};
    auto const item = R"({"jsonrpc":"2.0","method":"oizys.item","params":[0,1]})";
    auto stream = with.peer.open_stream<int>("x", std::tuple{}, {.window = 2});
    CHECK(with.listen() ==
          texts{R"({"jsonrpc":"2.0","id":0,"method":"x","params":[],"oizys":{"credit":2}})"});
    check(with, {{item, nullptr},
                 {item, nullptr},
                 {item, R"({"jsonrpc":"2.0","method":"oizys.cancel","params":[0]})"},
                 {item, nullptr},
                 {R"({"jsonrpc":"2.0","result":null,"id":0})", nullptr}});
    reader_of<int> r{std::move(stream)};
    settle(with.io);
    CHECK(r.values.empty());
    CHECK(r.why == rpc::errc::too_many_items);
    CHECK(with.peer.is_open());
}

TEST_CASE("items for calls that are no streams, are over or never were mean nothing")
{
    conversation with{rpc::service{}, speaking_oizys};
    call_result<int> call;
    with.peer.async_call<int>("x", std::tuple{}, call.handler());
    reader_of<int> r{with.peer.open_stream<int>("x")};
    with.listen();
    check(with, {{R"({"jsonrpc":"2.0","method":"oizys.item","params":[0,1]})", nullptr},
                 {R"({"jsonrpc":"2.0","method":"oizys.item","params":[7,1]})", nullptr},
                 {R"({"jsonrpc":"2.0","method":"oizys.progress","params":[1,1]})", nullptr},
                 {R"({"jsonrpc":"2.0","method":"oizys.item","params":[1,5]})", nullptr},
                 {R"({"jsonrpc":"2.0","result":null,"id":1})", nullptr},
                 {R"({"jsonrpc":"2.0","method":"oizys.item","params":[1,6]})", nullptr},
                 {R"({"jsonrpc":"2.0","result":null,"id":1})", nullptr},
                 {R"({"jsonrpc":"2.0","result":9,"id":0})", nullptr}});
    CHECK(r.values == std::vector{5});
    CHECK(r.ends == 1);
    CHECK(call.answered_with(9));
}

TEST_CASE("streams are bounded in number, and those that end make room")
{
    counting there;
    auto options = speaking_oizys;
    options.max_streams = 2;
    two_peers peers{both_protocols(), {}, there.service, options};
    auto first = peers.a.open_stream<int>("open");
    auto second = peers.a.open_stream<int>("open");
    reader_of<int> third{peers.a.open_stream<int>("open")};
    settle(peers.io);
    CHECK((third.error && third.error->code == rpc::too_many_calls));
    CHECK(there.writers.size() == 2);
    there.writers.clear();
    settle(peers.io);
    reader_of<int> fourth{peers.a.open_stream<int>("count", std::tuple{3})};
    settle(peers.io);
    CHECK(fourth.values == numbers(3));
}

TEST_CASE("values for a caller that does not know streams are bounded by one message")
{
    counting there;
    two_peers peers{both_protocols(), {}, there.service, {}, {.second = {.max_message = 1000}}};
    call_result<value> ended;
    peers.a.async_call("endless", std::tuple{}, ended.handler());
    settle(peers.io);
    CHECK(ended.answered_with_error(rpc::result_too_large));
    CHECK(there.made < 1000);
    CHECK(there.watched.expired());
}

TEST_CASE("a value that has no form or is too long ends its stream with an error that says so")
{
    rpc::service service;
    service.method("nan", [] {
        return rpc::stream<double>{[] { return std::optional{std::numeric_limits<double>::quiet_NaN()}; }};
    });
    service.method("long", [] {
        return rpc::stream<std::string>{[] { return std::optional{std::string(2000, 'x')}; }};
    });
    auto const how = GENERATE(rpc::extensions::oizys, rpc::extensions::none);
    two_peers peers{rpc::protocol::json, {}, service, {.extensions = how}, {.second = {.max_message = 1000}}};
    reader_of<double> nan{peers.a.open_stream<double>("nan")};
    reader_of<std::string> too_long{peers.a.open_stream<std::string>("long")};
    settle(peers.io);
    CHECK((nan.error && nan.error->code == rpc::result_not_representable));
    CHECK((too_long.error && too_long.error->code == rpc::result_too_large));
}

TEST_CASE("a stream for a notification is sent to nobody")
{
    counting there;
    conversation with{there.service};
    check(with, {{R"({"jsonrpc":"2.0","method":"endless","oizys":{"credit":5}})", nullptr},
                 {R"({"jsonrpc":"2.0","method":"count","params":[3]})", nullptr}});
    CHECK(there.made == 2);
    CHECK(there.watched.expired());
}

TEST_CASE("large values of a stream do not pile up in front of an end that does not read")
{
    rpc::service service;
    service.method("large", [] {
        return rpc::stream<std::string>{[] { return std::optional{std::string(600000, 'x')}; }};
    });
    conversation with{service, {}, {.capacity = 10000}};
    with.other->pause_reading();
    error_code ec;
    with.other->send(R"({"jsonrpc":"2.0","method":"large","id":1,"oizys":{"credit":1000}})", ec);
    settle(with.io);
    CHECK(with.peer.session().queued_bytes() > 1000000);
    CHECK(with.peer.session().queued_bytes() < 2000000);
    CHECK(with.peer.is_open());
    with.other->close();
    settle(with.io);
}

TEST_CASE("a stream that was opened on a closed connection ends with not_sent")
{
    two_peers peers{rpc::protocol::json, {}, {}, speaking_oizys};
    peers.a.close();
    reader_of<int> r{peers.a.open_stream<int>("x")};
    CHECK(r.ends == 0);
    settle(peers.io);
    CHECK(r.why == rpc::errc::not_sent);
}

TEST_CASE("peers, streams and their io_context may be destroyed in any order")
{
    counting there;
    auto peers = std::make_unique<two_peers>(both_protocols(), rpc::service{}, there.service, speaking_oizys);
    auto stream = peers->a.open_stream<std::string>("endless", std::tuple{}, {.window = 2});
    settle(peers->io);
    CHECK(!there.watched.expired());
    SECTION("all at once") { peers.reset(); }
    SECTION("the serving one first")
    {
        peers->b = {};
        peers.reset();
    }
    SECTION("the stream first")
    {
        stream = {};
        peers.reset();
    }
    CHECK(there.watched.expired());
}
