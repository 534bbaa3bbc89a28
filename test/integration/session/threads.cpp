// SPDX-License-Identifier: BSL-1.0
//
// Proves what the contract promises about threads: sessions of different executors are independent, each
// runs in its own thread, and messages pass between them by posting to the executor of the other.
#include "ends.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <future>
#include <thread>

namespace
{

using namespace oizys::test;
using namespace std::chrono_literals;

// A loop in a thread of its own.
class loop
{
public:
    loop() : work_{io_.get_executor()}, thread_{[this] { io_.run(); }} {}
    loop(loop const&) = delete;
    loop& operator=(loop const&) = delete;
    ~loop()
    {
        work_.reset();
        thread_.join();
    }

    asio::io_context& io() { return io_; }

    // Runs `f` in the loop's thread and waits for its result.
    template <class F>
    auto call(F f)
    {
        std::packaged_task<decltype(f())()> task{std::move(f)};
        auto result = task.get_future();
        asio::post(io_, std::move(task));
        REQUIRE(result.wait_for(30s) == std::future_status::ready);
        return result.get();
    }

private:
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

// A session on each of two loops, connected by a socket pair.
session_pair connect(loop& first, loop& second)
{
    asio::local::stream_protocol::socket a{first.io()};
    asio::local::stream_protocol::socket b{second.io()};
    asio::local::connect_pair(a, b);
    return {session_of(std::move(a)), session_of(std::move(b))};
}

} // namespace

TEST_CASE("sessions in different threads talk through their sockets", "[concurrent]")
{
    constexpr std::size_t connections = 8;
    constexpr std::size_t rounds = 300;
    loop servers[2];
    loop clients[2];
    std::atomic<std::size_t> done{0};
    std::promise<void> all_done;
    std::vector<session_pair> pairs;
    std::vector<std::size_t> answers(connections, 0);
    for (std::size_t i = 0; i < connections; ++i)
        pairs.push_back(connect(clients[i % 2], servers[i / 2 % 2]));
    for (std::size_t i = 0; i < connections; ++i)
    {
        auto& [client, server] = pairs[i];
        servers[i / 2 % 2].call([&s = server] {
            s->set_onmessage([s = s.get()](std::string const& message) { s->send(message); });
        });
        clients[i % 2].call([&, i, &s = client] {
            s->set_onmessage([&, i, s = s.get()](std::string const&) {
                if (++answers[i] < rounds)
                    s->send(std::string(answers[i] * 7 % 3000 + 1, 'x'));
                else if (++done == connections)
                    all_done.set_value();
            });
            s->send("start");
        });
    }
    CHECK(all_done.get_future().wait_for(60s) == std::future_status::ready);
    CHECK(done == connections);
    for (std::size_t i = 0; i < connections; ++i)
    {
        clients[i % 2].call([s = std::move(pairs[i].a)]() mutable { s.reset(); });
        servers[i / 2 % 2].call([s = std::move(pairs[i].b)]() mutable { s.reset(); });
    }
}

TEST_CASE("messages are passed on from one thread's session to another's", "[concurrent]")
{
    // sender -> relay_in (thread 1) -> post -> relay_out (thread 2) -> receiver, with a check of order.
    constexpr std::size_t count = 3000;
    loop first;
    loop second;
    auto in = connect(first, second);  // a: sender, in the first thread; b: relay_in, in the second
    auto out = connect(first, second); // a: relay_out, in the first thread; b: receiver, in the second
    std::promise<bool> in_order;
    std::size_t received = 0;
    bool ordered = true;

    second.call([&] {
        out.b->set_onmessage([&](std::string const& message) {
            ordered = ordered && message == std::to_string(received);
            if (++received == count)
                in_order.set_value(ordered);
        });
        in.b->set_onmessage([&](std::string const& message) {
            asio::post(out.a->get_executor(), [s = out.a.get(), message] { s->send(message); });
        });
    });
    first.call([&] {
        for (std::size_t i = 0; i < count; ++i)
            in.a->send(std::to_string(i));
    });
    auto result = in_order.get_future();
    REQUIRE(result.wait_for(60s) == std::future_status::ready);
    CHECK(result.get());

    first.call([&] {
        in.a.reset();
        out.a.reset();
    });
    second.call([&] {
        in.b.reset();
        out.b.reset();
    });
}

TEST_CASE("each thread closes its sessions while the others' go on", "[concurrent]")
{
    std::vector<std::thread> threads;
    std::atomic<std::size_t> closed{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&closed] {
            asio::io_context io{1};
            for (int i = 0; i < 50; ++i)
            {
                auto const pair = over_sockets::make(io);
                std::size_t mine = 0;
                pair.b->set_onmessage([&](std::string const& message) {
                    pair.b->send(message);
                    pair.b->close();
                });
                pair.a->set_onmessage([](std::string const&) {});
                pair.a->set_onclose([&](error_code) { ++mine; });
                pair.b->set_onclose([&](error_code) { ++mine; });
                pair.a->send("close");
                run_until(io, [&] { return mine == 2; });
                closed += mine;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(closed == 400);
}
