// SPDX-License-Identifier: BSL-1.0
//
// Fails each read, write and wait of a conversation in turn: whichever it is, every call of both ends completes
// exactly once, every reply can still be used, both ends are told, and nothing is left over.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

using namespace oizys;
using namespace oizys::test;

namespace
{

/// Counts the objects that a conversation makes and that must be gone at its end.
struct counted
{
    explicit counted(int& alive) : alive_{&alive} { ++*alive_; }
    counted(counted&& other) noexcept : alive_{other.alive_} { ++*alive_; }
    counted(counted const&) = delete;
    counted& operator=(counted const&) = delete;
    ~counted() { --*alive_; }

    int* alive_;
};

/// What one run of a conversation is checked for.
struct run
{
    run(rpc::protocol protocol, std::size_t fail_after) : fail_after_{fail_after}
    {
        auto service = plain_service();
        service.method("later", [this](rpc::reply<int> r, int n) { waiting.emplace_back(n, std::move(r)); });
        service.method("nested", [this](rpc::call_context& call, rpc::reply<int> r, int n) {
            ++started;
            call.caller().async_call<int>(
                n == 0 ? "add" : "nested", n == 0 ? array{1, 1} : array{n - 1},
                [this, r = std::move(r), guard = counted{alive}](error_code ec, rpc::outcome<int> o) mutable {
                    ++ended;
                    if (ec)
                        return; // the reply is dropped, which is an answer, too
                    if (o.has_value())
                        std::move(r)(*o + 1);
                    else
                        std::move(r).error(o.error());
                });
        });
        service.method("long", [](std::size_t n) { return std::string(n, 'x'); });
        peers.emplace(protocol, service, service, rpc::peer_options{.call_timeout = {}},
                      memory_pair_options{.capacity = 200, .max_transfer = 64, .fail_after = fail_after});
        peers->a.set_onclose([this](error_code why) { closes.push_back(why); });
        peers->b.set_onclose([this](error_code why) { closes.push_back(why); });
    }

    template <class R, class Arguments>
    void call(rpc::peer& by, std::string_view method, Arguments const& arguments, R expected)
    {
        ++started;
        by.async_call<R>(
            method, arguments, [this, guard = counted{alive}, expected](error_code ec, rpc::outcome<R> o) {
                ++ended;
                if (!ec && o.has_value())
                    right = right && *o == expected;
                else
                    all_answered = false;
                right = right && (!ec || ec == rpc::errc::connection_lost || ec == rpc::errc::not_sent);
            });
    }

    void answer_all()
    {
        settle(peers->io);
        while (!waiting.empty())
        {
            auto [n, r] = std::move(waiting.back());
            waiting.pop_back();
            std::move(r)(n);
            settle(peers->io);
        }
    }

    /// Returns whether a failure was injected.
    bool check()
    {
        answer_all();
        INFO("failing after " << fail_after_ << " operations");
        bool const failed = peers->state->failed;
        CHECK(right);
        if (failed)
        {
            CHECK(closes.size() == 2);
            CHECK(!peers->a.is_open());
            CHECK(!peers->b.is_open());
        }
        else
        {
            CHECK(all_answered);
            CHECK(closes.empty());
        }
        CHECK(ended == started);
        CHECK(alive == 0);
        CHECK(peers->a.pending_calls() == 0);
        CHECK(peers->b.pending_calls() == 0);
        peers.reset();
        CHECK(ended == started);
        return failed;
    }

    std::size_t fail_after_;
    int started = 0;
    int ended = 0;
    int alive = 0;
    bool right = true;
    bool all_answered = true;
    std::vector<error_code> closes;
    std::vector<std::pair<int, rpc::reply<int>>> waiting;
    std::optional<two_peers> peers;
};

/// Runs a conversation with the failure ever later, until it is not met any more. Returns how often it was.
template <class Conversation>
std::size_t fail_each_step(Conversation const& conversation)
{
    auto const protocol = both_protocols();
    for (std::size_t n = 0;; ++n)
    {
        run r{protocol, n};
        conversation(r);
        if (!r.check())
            return n;
        REQUIRE(n < 10000);
    }
}

} // namespace

TEST_CASE("a call completes once whichever step fails")
{
    CHECK(fail_each_step([](run& r) {
              r.call(r.peers->a, "add", std::tuple{2, 3}, 5);
              r.call(r.peers->b, "add", std::tuple{3, 3}, 6);
          }) >= 6);
}

TEST_CASE("deferred calls of both ends complete once whichever step fails")
{
    CHECK(fail_each_step([](run& r) {
              for (int i = 0; i < 5; ++i)
              {
                  r.call(r.peers->a, "later", std::tuple{i}, i);
                  r.call(r.peers->b, "later", std::tuple{i}, i);
              }
          }) >= 20);
}

TEST_CASE("nested calls complete once whichever step fails")
{
    CHECK(fail_each_step([](run& r) {
              r.call(r.peers->a, "nested", std::tuple{5}, 8);
              r.call(r.peers->b, "nested", std::tuple{2}, 5);
          }) >= 20);
}

TEST_CASE("long calls, in many pieces and with waiting for room, complete once whichever step fails")
{
    CHECK(fail_each_step([](run& r) {
              r.call(r.peers->a, "long", std::tuple{1000}, std::string(1000, 'x'));
              r.call(r.peers->a, "echo", std::tuple{std::string(1000, 'y')}, std::string(1000, 'y'));
              r.call(r.peers->b, "echo", std::tuple{std::string(500, 'z')}, std::string(500, 'z'));
          }) >= 50);
}

TEST_CASE("a batch is answered whole or not at all, whichever step fails")
{
    auto const batch = R"([{"jsonrpc":"2.0","method":"add","params":[1,2],"id":1},)"
                       R"({"jsonrpc":"2.0","method":"later","params":[7],"id":2},)"
                       R"({"jsonrpc":"2.0","method":"later","params":[8],"id":3},)"
                       R"({"jsonrpc":"2.0","method":"nope","id":4}])";
    auto const answer = R"([{"jsonrpc":"2.0","result":3,"id":1},)"
                        R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":4},)"
                        R"({"jsonrpc":"2.0","result":8,"id":3},{"jsonrpc":"2.0","result":7,"id":2}])";
    for (std::size_t n = 0;; ++n)
    {
        INFO("failing after " << n << " operations");
        std::vector<std::pair<int, rpc::reply<int>>> waiting;
        auto service = plain_service();
        service.method("later",
                       [&](rpc::reply<int> r, int number) { waiting.emplace_back(number, std::move(r)); });
        conversation with{service, {.protocol = rpc::protocol::json}, {.capacity = 100, .fail_after = n}};
        error_code ec;
        with.other->send(batch, ec);
        settle(with.io);
        while (!waiting.empty())
        {
            auto [number, r] = std::move(waiting.back());
            waiting.pop_back();
            std::move(r)(number);
            settle(with.io);
        }
        auto const heard = with.listen();
        if (with.closes.empty())
        {
            CHECK(heard == texts{answer});
            CHECK(n > 5);
            break;
        }
        CHECK(with.closes.size() == 1);
        CHECK(with.other_closes.size() == 1);
        CHECK((heard.empty() || heard == texts{answer}));
    }
}
