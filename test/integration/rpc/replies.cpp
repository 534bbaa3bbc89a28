// SPDX-License-Identifier: BSL-1.0
//
// Proves answers that are given later: from any thread, once, or never; after the connection, the peer and the
// event loop are gone; and exactly one answer per request whatever the handler does with its reply.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <optional>
#include <thread>

using namespace oizys;
using namespace oizys::test;

namespace
{

/// Keeps the last reply to "later".
struct keeper
{
    keeper()
    {
        service.method("later", [this](rpc::reply<int> r) { kept.emplace(std::move(r)); });
    }

    rpc::service service = plain_service();
    std::optional<rpc::reply<int>> kept;
};

std::string const later = R"({"jsonrpc":"2.0","method":"later","id":1})";
std::string const answer_5 = R"({"jsonrpc":"2.0","result":5,"id":1})";
std::string const no_answer =
    R"({"jsonrpc":"2.0","error":{"code":-32603,"message":"the handler did not answer"},"id":1})";

} // namespace

TEST_CASE("a reply answers when it is called, and other calls go on meanwhile")
{
    keeper k;
    conversation with{k.service};
    CHECK(with.ask(later).empty());
    auto const other = R"({"jsonrpc":"2.0","result":null,"id":2})";
    CHECK(with.ask_one(R"({"jsonrpc":"2.0","method":"nothing","id":2})") == other);
    std::move (*k.kept)(5);
    CHECK(with.listen() == texts{answer_5});
}

TEST_CASE("a reply may answer within its handler")
{
    rpc::service service;
    service.method("now", [](rpc::reply<int> r, int n) { std::move(r)(n); });
    service.method("void", [](rpc::call_context&, rpc::reply<void> r) { std::move(r)(); });
    conversation with{service};
    check(with,
          {{R"({"jsonrpc":"2.0","method":"now","params":[5],"id":1})", answer_5.c_str()},
           {R"({"jsonrpc":"2.0","method":"void","id":2})", R"({"jsonrpc":"2.0","result":null,"id":2})"}});
}

TEST_CASE("a reply may answer with an error")
{
    keeper k;
    conversation with{k.service};
    CHECK(with.ask(later).empty());
    std::move(*k.kept).error({9, "nine", array{9}});
    auto const error = R"({"jsonrpc":"2.0","error":{"code":9,"message":"nine","data":[9]},"id":1})";
    CHECK(with.listen() == texts{error});
}

TEST_CASE("a reply that is destroyed unanswered answers with an error")
{
    keeper k;
    conversation with{k.service};
    CHECK(with.ask(later).empty());
    k.kept.reset();
    CHECK(with.listen() == texts{no_answer});

    rpc::service dropping;
    dropping.method("later", [](rpc::reply<int>) {});
    conversation at_once{dropping};
    CHECK(at_once.ask(later) == texts{no_answer});
}

TEST_CASE("a reply that is assigned to answers with an error first")
{
    keeper k;
    conversation with{k.service};
    CHECK(with.ask(later).empty());
    auto first = std::move(*k.kept);
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"later","id":2})").empty());
    first = std::move(*k.kept);
    CHECK(with.listen() == texts{no_answer});
    std::move(first)(5);
    auto const second = R"({"jsonrpc":"2.0","result":5,"id":2})";
    CHECK(with.listen() == texts{second});
}

TEST_CASE("what a handler throws is the answer, also when it had a reply")
{
    std::optional<rpc::reply<int>> kept;
    rpc::service service;
    service.method("refuse", [](rpc::reply<int>) { throw rpc::error{17, "no"}; });
    service.method("fail", [](rpc::reply<int>) { throw std::runtime_error{"x"}; });
    service.method("keep and fail", [&](rpc::reply<int> r) {
        kept.emplace(std::move(r));
        throw 1;
    });
    service.method("answer and fail", [&](rpc::reply<int> r) {
        std::move(r)(5);
        throw std::runtime_error{"x"};
    });
    conversation with{service};
    check(with,
          {
              {R"({"jsonrpc":"2.0","method":"refuse","id":1})",
               R"({"jsonrpc":"2.0","error":{"code":17,"message":"no"},"id":1})"},
              {R"({"jsonrpc":"2.0","method":"fail","id":1})",
               R"({"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"},"id":1})"},
              {R"({"jsonrpc":"2.0","method":"keep and fail","id":1})",
               R"({"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"},"id":1})"},
              {R"({"jsonrpc":"2.0","method":"answer and fail","id":1})", answer_5.c_str()},
              {R"([{"jsonrpc":"2.0","method":"refuse","id":1},{"jsonrpc":"2.0","method":"fail","id":2}])",
               R"([{"jsonrpc":"2.0","error":{"code":17,"message":"no"},"id":1},)"
               R"({"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"},"id":2}])"},
          });
    std::move (*kept)(5);
    CHECK(with.listen().empty());
}

TEST_CASE("a reply to a notification answers nobody, whether it is used or dropped")
{
    keeper k;
    conversation with{k.service};
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"later"})").empty());
    std::move (*k.kept)(5);
    CHECK(with.listen().empty());
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"later"})").empty());
    k.kept.reset();
    CHECK(with.listen().empty());
}

TEST_CASE("a result that has no form in the protocol is an error, given later as well")
{
    std::optional<rpc::reply<double>> kept;
    rpc::service service;
    service.method("later", [&](rpc::reply<double> r) { kept.emplace(std::move(r)); });
    conversation with{service};
    CHECK(with.ask(later).empty());
    std::move (*kept)(std::numeric_limits<double>::quiet_NaN());
    auto const error =
        R"({"jsonrpc":"2.0","error":{"code":-32002,"message":"the result has no form in this protocol"},"id":1})";
    CHECK(with.listen() == texts{error});
}

TEST_CASE("an answer after the connection has ended does nothing")
{
    keeper k;
    conversation with{k.service};
    SECTION("closed by the other end")
    {
        CHECK(with.ask(later).empty());
        with.other->close();
        settle(with.io);
        CHECK(with.closes.size() == 1);
    }
    SECTION("closed by this end")
    {
        CHECK(with.ask(later).empty());
        with.peer.close();
    }
    SECTION("dropped")
    {
        CHECK(with.ask(later).empty());
        with.peer = {};
    }
    std::move (*k.kept)(5);
    CHECK(with.listen().empty());
}

TEST_CASE("the context of a call that is answered later is valid until it is answered")
{
    struct later_call
    {
        rpc::call_context& context;
        rpc::reply<std::string> done;
    };
    std::vector<later_call> kept;
    rpc::service service;
    service.method("tell", [&](rpc::call_context& call, rpc::reply<std::string> done) {
        kept.push_back({call, std::move(done)});
    });
    conversation with{service};
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"tell","id":1})").empty());
    CHECK(with.ask(R"({"jsonrpc":"2.0","method":"tell"})").empty()); // the first message is overwritten
    REQUIRE(kept.size() == 2);
    auto& call = kept[0].context;
    CHECK(!call.is_notification());
    CHECK(kept[1].context.is_notification());
    CHECK(call.caller() == with.peer);
    CHECK(call.credentials().uid == with.peer.credentials().uid);
    std::move(kept[0].done)(std::string{call.method()});
    CHECK(with.listen() == texts{R"({"jsonrpc":"2.0","result":"tell","id":1})"});

    with.peer = {};
    settle(with.io);
    CHECK(!kept[1].context.caller());
    CHECK(kept[1].context.method() == "tell");
}

namespace
{

/// Keeps all replies to "later", on a connection with little room for them.
struct small_keeper
{
    rpc::service service = [this] {
        auto s = plain_service();
        s.method("later", [this](rpc::reply<int> r) { kept.push_back(std::move(r)); });
        return s;
    }();
    std::vector<rpc::reply<int>> kept;
    conversation with{service, {.protocol = rpc::protocol::json, .max_unanswered_bytes = 3 * 1024}};

    static std::string call(std::string const& id)
    {
        return R"({"jsonrpc":"2.0","method":"later","id":)" + id + '}';
    }
    static std::string refused(std::string const& id)
    {
        return R"({"jsonrpc":"2.0","error":{"code":-32003,"message":"too many calls wait for their answers"},"id":)" +
               id + '}';
    }
};

} // namespace

TEST_CASE("calls that are answered later are kept up to max_unanswered_bytes, and refused beyond")
{
    small_keeper k;
    CHECK(k.with.ask(k.call("1")).empty());
    CHECK(k.with.ask(k.call("2")).empty());
    CHECK(k.with.ask(k.call("3")) == texts{k.refused("3")});
    CHECK(k.with.ask(R"({"jsonrpc":"2.0","method":"later"})").empty());
    CHECK(k.kept.size() == 2);
    auto const other = R"({"jsonrpc":"2.0","result":null,"id":4})";
    CHECK(k.with.ask(R"({"jsonrpc":"2.0","method":"nothing","id":4})") == texts{other});

    SECTION("an answer makes room")
    {
        std::move(k.kept.back())(5);
        CHECK(k.with.listen().size() == 1);
        CHECK(k.with.ask(k.call("5")).empty());
        CHECK(k.with.ask(k.call("6")) == texts{k.refused("6")});
    }
    SECTION("and so does a reply that is dropped")
    {
        k.kept.clear();
        CHECK(k.with.listen().size() == 2);
        CHECK(k.with.ask(R"({"jsonrpc":"2.0","method":"later"})").empty());
        CHECK(k.with.ask(k.call("5")).empty());
        CHECK(k.with.ask(k.call("6")) == texts{k.refused("6")});
    }
    SECTION("ids take room, too")
    {
        k.kept.pop_back();
        CHECK(k.with.listen().size() == 1);
        std::string const id(1500, '7');
        CHECK(k.with.ask(k.call(id)) == texts{k.refused(id)});
    }
}

TEST_CASE("answers that wait for the rest of their batch are kept up to max_unanswered_bytes")
{
    small_keeper k;
    auto const echo = [](std::size_t size) {
        return R"({"jsonrpc":"2.0","method":"echo","params":[")" + std::string(size, 'x') + R"("],"id":2})";
    };
    CHECK(k.with.ask('[' + k.call("1") + ',' + echo(1500) + ',' + echo(1500) + ']').empty());
    REQUIRE(k.kept.size() == 1);
    CHECK(k.with.ask(k.call("3")) == texts{k.refused("3")});
    std::move(k.kept.back())(5);
    auto const answers = k.with.listen();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].find(std::string(1500, 'x')) < answers[0].find(k.refused("2")));
    CHECK(answers[0].ends_with(k.refused("2") + ',' + answer_5 + ']'));

    // What has been sent is not kept any more.
    k.kept.clear();
    CHECK(k.with.ask_one('[' + echo(2500) + ']').size() > 2500);
    CHECK(k.with.ask(k.call("1")).empty());
    CHECK(k.with.ask(k.call("2")).empty());
}

TEST_CASE("a reply may outlive its peer and the event loop, used or not")
{
    bool const used = GENERATE(true, false);
    keeper k;
    {
        conversation with{k.service};
        CHECK(with.ask(later).empty());
    }
    if (used)
        std::move (*k.kept)(5);
    k.kept.reset();
}

TEST_CASE("replies are given, refused and dropped by other threads", "[concurrent]")
{
    auto const protocol = both_protocols();
    std::vector<std::thread> threads;
    rpc::service service;
    service.method("later", [&](rpc::reply<int> r, int n) {
        threads.emplace_back([r = std::move(r), n]() mutable {
            if (n % 3 == 0)
                std::move(r)(n);
            else if (n % 3 == 1)
                std::move(r).error({n, "refused"});
        });
    });
    two_peers peers{protocol, service, service};
    constexpr int calls = 60;
    std::vector<call_result<int>> results(calls);
    for (int i = 0; i < calls; ++i)
        peers.a.async_call<int>("later", std::tuple{i}, results[static_cast<std::size_t>(i)].handler());
    CHECK(run_until(
        peers.io, [&] { return std::ranges::all_of(results, [](auto const& r) { return r.count == 1; }); }));
    for (auto& t : threads)
        t.join();
    settle(peers.io);
    for (int i = 0; i < calls; ++i)
    {
        auto const& r = results[static_cast<std::size_t>(i)];
        INFO(i);
        if (i % 3 == 0)
            CHECK(r.answered_with(i));
        else
            CHECK(r.answered_with_error(i % 3 == 1 ? i : -32603));
    }
}

TEST_CASE("replies are given by other threads while their connection is dropped", "[concurrent]")
{
    std::vector<std::thread> threads;
    rpc::service service;
    std::optional<two_peers> peers;
    service.method("later", [&](rpc::reply<int> r, int n) {
        threads.emplace_back([r = std::move(r), n]() mutable { std::move(r)(n); });
        if (n == 20)
            peers->b = {};
    });
    peers.emplace(rpc::protocol::json, service, service);
    std::vector<call_result<int>> results(40);
    for (int i = 0; i < 40; ++i)
        peers->a.async_call<int>("later", std::tuple{i}, results[static_cast<std::size_t>(i)].handler());
    CHECK(run_until(
        peers->io, [&] { return std::ranges::all_of(results, [](auto const& r) { return r.count == 1; }); }));
    for (auto& t : threads)
        t.join();
    settle(peers->io);
    for (auto const& r : results)
        CHECK(r.count == 1);
}
