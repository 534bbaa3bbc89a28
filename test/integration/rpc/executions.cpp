// SPDX-License-Identifier: BSL-1.0
//
// Proves handlers that run on another executor: where each part of a call happens, the bounds, connections that end
// meanwhile, methods that are replaced meanwhile, and pools that stop.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/execution.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <future>
#include <thread>

using namespace oizys;
using namespace oizys::test;

namespace
{

/// Handlers wait here until the test lets them go on.
class gate
{
public:
    ~gate() { open(); }
    void open()
    {
        if (!std::exchange(open_, true))
            promise_.set_value();
    }
    void wait()
    {
        ++waiting;
        future_.wait();
    }

    std::atomic<int> waiting = 0;

private:
    std::promise<void> promise_;
    std::shared_future<void> future_ = promise_.get_future().share();
    bool open_ = false;
};

/// run_until for what happens on other threads, which does not wake `io`.
template <class Predicate>
bool watch_until(asio::io_context& io, Predicate predicate)
{
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!predicate() && std::chrono::steady_clock::now() < end)
        run_until(io, predicate, std::chrono::milliseconds{1});
    return predicate();
}

bool all_ended(std::vector<call_result<int>> const& results)
{
    return std::ranges::all_of(results, [](auto const& r) { return r.count == 1; });
}

} // namespace

TEST_CASE("a handler runs where it was told to, and its connection serves others meanwhile", "[concurrent]")
{
    gate g;
    asio::thread_pool pool{1};
    rpc::execution blocking{pool.get_executor()};
    rpc::service service = plain_service();
    std::atomic<bool> elsewhere = false;
    service.method(
        "slow", {"text", "times"},
        rpc::on(blocking, [&, main = std::this_thread::get_id()](std::string const& text, int times) {
            elsewhere = std::this_thread::get_id() != main;
            g.wait();
            std::string all;
            for (int i = 0; i < times; ++i)
                all += text;
            return all;
        }));
    two_peers peers{both_protocols(), {}, service};
    call_result<std::string> slow;
    call_result<int> fast, wrong;
    peers.a.async_call<std::string>("slow", std::tuple{"ab", 3}, slow.handler());
    peers.a.async_call<int>("add", std::tuple{2, 3}, fast.handler());
    peers.a.async_call<int>("slow", std::tuple{"ab"}, wrong.handler());
    CHECK(watch_until(peers.io, [&] { return fast.count == 1 && wrong.count == 1; }));
    CHECK(slow.count == 0);
    CHECK(wrong.answered_with_error(rpc::invalid_params));
    g.open();
    CHECK(watch_until(peers.io, [&] { return slow.count == 1; }));
    CHECK(slow.answered_with("ababab"));
    CHECK(elsewhere);
}

TEST_CASE("a handler elsewhere is given its context, and may answer, fail and throw in every way",
          "[concurrent]")
{
    asio::thread_pool pool{2};
    rpc::execution const blocking{pool.get_executor()};
    std::atomic<int> notified = 0;
    rpc::service service;
    service.map_error<int>([](int code) { return rpc::error_object{code, "mapped"}; });
    service.method("context", rpc::on(blocking, [](rpc::call_context& call, int) {
                       return static_cast<int>(call.method().size()) + (call.is_notification() ? 100 : 0);
                   }));
    service.method("void", rpc::on(blocking, [&] { ++notified; }));
    service.method("code", rpc::on(blocking, [] { return make_error_code(boost::system::errc::io_error); }));
    service.method("error", rpc::on(blocking, []() -> int { throw rpc::error{17, "no"}; }));
    service.method("mapped", rpc::on(blocking, []() -> int { throw 18; }));
    service.method("exception", rpc::on(blocking, []() -> int { throw std::runtime_error{"secret"}; }));
    service.method("nan", rpc::on(blocking, [] { return std::numeric_limits<double>::quiet_NaN(); }));
    service.method("reply", rpc::on(blocking, [](rpc::call_context& call, rpc::reply<int> r) {
                       std::move(r)(static_cast<int>(call.method().size()));
                   }));
    service.method("dropped", rpc::on(blocking, [](rpc::reply<int>) {}));
    service.method("thrown", rpc::on(blocking, [](rpc::reply<int>) { throw rpc::error{19, "x"}; }));
    service.method("answered and thrown", rpc::on(blocking, [](rpc::reply<int> r) {
                       std::move(r)(5);
                       throw rpc::error{19, "x"};
                   }));
    auto const protocol = both_protocols();
    two_peers peers{protocol, {}, service};
    auto const call = [&](char const* method, auto const& arguments) {
        call_result<int> result;
        peers.a.async_call<int>(method, arguments, result.handler());
        CHECK(watch_until(peers.io, [&] { return result.count == 1; }));
        return result;
    };
    std::tuple<> const none;
    CHECK(call("context", std::tuple{1}).answered_with(7));
    CHECK(call("code", none).answered_with_error(rpc::operation_failed));
    CHECK(call("error", none).answered_with_error(17));
    CHECK(call("mapped", none).answered_with_error(18));
    CHECK(call("exception", none).answered_with_error(rpc::internal_error));
    if (protocol == rpc::protocol::json)
        CHECK(call("nan", none).answered_with_error(rpc::result_not_representable));
    CHECK(call("reply", none).answered_with(5));
    CHECK(call("dropped", none).answered_with_error(rpc::internal_error));
    CHECK(call("thrown", none).answered_with_error(19));
    CHECK(call("answered and thrown", none).answered_with(5));
    CHECK(!peers.a.notify("void"));
    CHECK(!peers.a.notify("error"));
    CHECK(!peers.a.notify("dropped"));
    CHECK(watch_until(peers.io, [&] { return notified == 1; }));
}

TEST_CASE("so many handlers run at once, so many calls wait, and no more", "[concurrent]")
{
    gate g;
    asio::thread_pool pool{4};
    rpc::execution const few{pool.get_executor(), {.max_running = 2, .max_waiting = 3}};
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    rpc::service service;
    auto const work = [&](int n) {
        most = std::max<int>(most, ++running);
        g.wait();
        --running;
        return n;
    };
    service.method("work", rpc::on(few, work));
    service.method("work too", rpc::on(few, work));
    two_peers peers{both_protocols(), {}, service};
    std::vector<call_result<int>> results(8);
    for (int i = 0; i < 8; ++i)
        peers.a.async_call<int>(i % 2 == 0 ? "work" : "work too", std::tuple{i},
                                results[static_cast<std::size_t>(i)].handler());
    CHECK(watch_until(peers.io, [&] { return results[7].count == 1 && g.waiting == 2; }));
    CHECK(few.running() == 2);
    CHECK(few.waiting() == 3);
    for (std::size_t i = 5; i < 8; ++i)
        CHECK(results[i].answered_with_error(rpc::too_many_calls));
    g.open();
    CHECK(watch_until(peers.io, [&] { return all_ended(results); }));
    for (int i = 0; i < 5; ++i)
        CHECK(results[static_cast<std::size_t>(i)].answered_with(i));
    CHECK(most <= 2);
    CHECK(watch_until(peers.io, [&] { return few.running() == 0; }));
}

TEST_CASE("a call that is answered later has its place until then")
{
    rpc::execution const few{{.max_running = 1, .max_waiting = 1}};
    std::vector<rpc::reply<int>> kept;
    rpc::service service;
    service.method("later", rpc::on(few, [&](rpc::reply<int> r) { kept.push_back(std::move(r)); }));
    two_peers peers{both_protocols(), {}, service};
    std::vector<call_result<int>> results(3);
    for (auto& result : results)
        peers.a.async_call<int>("later", std::tuple{}, result.handler());
    settle(peers.io);
    REQUIRE(kept.size() == 1);
    CHECK(results[2].answered_with_error(rpc::too_many_calls));
    std::move(kept[0])(1);
    settle(peers.io);
    REQUIRE(kept.size() == 2);
    CHECK(results[0].answered_with(1));
    kept.clear(); // dropped, which makes room as well
    settle(peers.io);
    CHECK(results[1].answered_with_error(rpc::internal_error));
    CHECK(few.running() == 0);
}

TEST_CASE("a reply that keeps a place may outlive its connection, those that wait for it, and the event loop")
{
    rpc::execution const few{{.max_running = 1}};
    std::optional<rpc::reply<int>> kept;
    int served = 0;
    rpc::service service;
    service.method("later", rpc::on(few, [&](rpc::reply<int> r) {
                       ++served;
                       kept.emplace(std::move(r));
                   }));
    {
        two_peers peers{both_protocols(), {}, service};
        peers.a.async_call<int>("later", std::tuple{}, [](error_code, rpc::outcome<int> const&) {});
        peers.a.async_call<int>("later", std::tuple{}, [](error_code, rpc::outcome<int> const&) {});
        CHECK(!peers.a.notify("later"));
        settle(peers.io);
        CHECK(few.waiting() == 2);
    }
    std::move (*kept)(5);
    CHECK(few.waiting() == 0);
    CHECK(few.running() == 0);
    CHECK(served == 1);
}

TEST_CASE("arguments that wait are charged to their connection")
{
    rpc::execution const few{{.max_running = 1}};
    std::optional<rpc::reply<int>> kept;
    rpc::service service;
    service.method("later",
                   rpc::on(few, [&](rpc::reply<int> r, std::string const&) { kept.emplace(std::move(r)); }));
    two_peers peers{both_protocols(), {}, service, {.max_unanswered_bytes = 20000}};
    std::vector<call_result<int>> results(4);
    for (auto& result : results)
        peers.a.async_call<int>("later", std::tuple{std::string(5000, 'x')}, result.handler());
    settle(peers.io);
    CHECK(results[2].count == 0);
    CHECK(results[3].answered_with_error(rpc::too_many_calls));
}

TEST_CASE("a connection that ends takes with it the calls that wait, but not notifications", "[concurrent]")
{
    gate g;
    asio::thread_pool pool{1};
    rpc::execution const one{pool.get_executor(), {.max_running = 1}};
    std::atomic<int> served = 0;
    rpc::service service;
    service.method("work", rpc::on(one, [&](int) {
                       g.wait();
                       return ++served;
                   }));
    std::optional<two_peers> peers{std::in_place, both_protocols(), rpc::service{}, service};
    call_result<int> first, second;
    peers->a.async_call<int>("work", std::tuple{1}, first.handler());
    peers->a.async_call<int>("work", std::tuple{2}, second.handler());
    CHECK(!peers->a.notify("work", std::tuple{3}));
    CHECK(watch_until(peers->io, [&] { return g.waiting == 1 && one.waiting() == 2; }));
    peers->b = {};
    CHECK(watch_until(peers->io, [&] { return first.count == 1 && second.count == 1; }));
    CHECK(first.failed_with(rpc::errc::connection_lost));
    g.open();
    pool.join();
    CHECK(served == 2);
    CHECK(one.running() == 0);
}

TEST_CASE("a method that is replaced while it runs elsewhere answers, and is destroyed then", "[concurrent]")
{
    gate g;
    asio::thread_pool pool{1};
    rpc::execution const blocking{pool.get_executor()};
    auto alive = std::make_shared<int>(7);
    std::weak_ptr<int> const watched = alive;
    rpc::service service;
    service.method("f", rpc::on(blocking, [&g, alive] {
                       g.wait();
                       return *alive;
                   }));
    alive.reset();
    two_peers peers{both_protocols(), {}, service};
    call_result<int> old, next, gone;
    peers.a.async_call<int>("f", std::tuple{}, old.handler());
    CHECK(watch_until(peers.io, [&] { return g.waiting == 1; }));
    service.replace("f", [] { return 8; });
    peers.a.async_call<int>("f", std::tuple{}, next.handler());
    CHECK(watch_until(peers.io, [&] { return next.count == 1; }));
    CHECK(next.answered_with(8));
    service.remove("f");
    peers.a.async_call<int>("f", std::tuple{}, gone.handler());
    CHECK(watch_until(peers.io, [&] { return gone.count == 1; }));
    CHECK(!watched.expired());
    g.open();
    CHECK(watch_until(peers.io, [&] { return old.count == 1; }));
    CHECK(old.answered_with(7));
    pool.join();
    CHECK(watched.expired());
}

TEST_CASE("calls that a pool leaves undone when it goes are answered with an error", "[concurrent]")
{
    gate g;
    rpc::service service;
    auto pool = std::make_unique<asio::thread_pool>(1);
    rpc::execution const two_at_once{pool->get_executor(), {.max_running = 2}};
    service.method("work", rpc::on(two_at_once, [&](int n) {
                       g.wait();
                       return n;
                   }));
    two_peers peers{both_protocols(), {}, service};
    std::vector<call_result<int>> results(6);
    for (auto& result : results)
        peers.a.async_call<int>("work", std::tuple{1}, result.handler());
    CHECK(watch_until(peers.io, [&] { return g.waiting == 1 && two_at_once.waiting() == 4; }));
    pool->stop();
    g.open();
    service.remove("work");
    pool.reset();
    CHECK(watch_until(peers.io, [&] { return all_ended(results); }));
    CHECK(results[0].answered_with(1));
    for (std::size_t i = 1; i < results.size(); ++i)
        CHECK(results[i].answered_with_error(rpc::internal_error));
}

TEST_CASE("calls elsewhere are reported when they have been answered", "[concurrent]")
{
    asio::thread_pool pool{3};
    rpc::execution const blocking{pool.get_executor(), {.max_running = 3}};
    rpc::service service;
    int reported = 0;
    int failed = 0;
    service.method("work", rpc::on(blocking, [](int n) {
                       if (n % 2 == 0)
                           throw rpc::error{2, "even"};
                       return n;
                   }));
    service.after([&](rpc::call_context const& call, rpc::call_report const& report) {
        CHECK(call.caller());
        ++reported;
        if (report.error)
            ++failed;
    });
    two_peers peers{both_protocols(), {}, service};
    std::vector<call_result<int>> results(40);
    for (int i = 0; i < 40; ++i)
        peers.a.async_call<int>("work", std::tuple{i}, results[static_cast<std::size_t>(i)].handler());
    CHECK(watch_until(peers.io, [&] { return reported == 40 && all_ended(results); }));
    CHECK(failed == 20);
}
