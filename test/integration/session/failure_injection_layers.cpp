// SPDX-License-Identifier: BSL-1.0
//
// Proves the same as failure_injection.cpp of what lies between a pipe and its sessions: TLS, WebSockets, both, and
// the negotiated mode. Every operation fails in turn: those of the handshake, of the messages, and of the goodbye.
#include "talks.hpp"

namespace
{

using namespace oizys::test;
using oizys::framing;
using oizys::memory_pair_options;
using oizys::session_options;

// No time but the operations ends anything: what hangs is seen.
session_options patient(framing kind, bool negotiates = false)
{
    session_options options;
    options.framing = kind;
    options.handshake_timeout = {};
    options.write_timeout = {};
    options.negotiation.enabled = negotiates;
    options.negotiation.ping_interval = {};
    options.negotiation.compress = true;
    return options;
}

struct stack
{
    char const* name;
    session_options options;
    layers between;
};

stack const stacks[] = {
    {"tls", patient(framing::header24),
     [](stream_pair below, pair_plan const&) { return encrypted(std::move(below)); }},
    {"ws", patient(framing::message),
     [](stream_pair below, pair_plan const& plan) { return websockets(std::move(below), plan); }},
    {"wss", patient(framing::message),
     [](stream_pair below, pair_plan const& plan) { return websockets(encrypted(std::move(below)), plan); }},
    {"negotiated", patient(framing::header24, true),
     [](stream_pair below, pair_plan const&) { return below; }},
    {"negotiated over tls", patient(framing::header24, true),
     [](stream_pair below, pair_plan const&) { return encrypted(std::move(below)); }},
};

memory_pair_options pipe_of(session_options const& options, std::size_t capacity, std::size_t max_transfer)
{
    return {.first = options, .second = options, .capacity = capacity, .max_transfer = max_transfer};
}

void echo(talk& t)
{
    listen(*t.second, t.to_second, t.token, [&t](std::string const& message) { send(*t.second, message); });
}

} // namespace

TEST_CASE("an echo survives the failure of each step, whatever the session lies on")
{
    for (auto const& [name, options, between] : stacks)
    {
        INFO(name);
        auto const play = [](talk& t) {
            echo(t);
            t.begin = [&t] {
                listen(*t.first, t.to_first, t.token, [&t](std::string const& message) {
                    if (message.size() == 3)
                        return t.first->close();
                    send(*t.first, message + "!");
                });
                send(*t.first, "1");
            };
        };
        CHECK(fail_each_step(pipe_of(options, 65536, 65536), play, between) > 15);
        CHECK(fail_each_step(pipe_of(options, 100, 30), play, between) > 15);
    }
}

TEST_CASE("long messages survive the failure of each step, whatever the session lies on")
{
    std::mt19937 random{1};
    auto const noise = random_text(random, 300000); // compresses to no less
    for (auto const& [name, options, between] : stacks)
    {
        INFO(name);
        auto const steps = fail_each_step(
            pipe_of(options, 100000, 60000),
            [&noise](talk& t) {
                echo(t);
                t.begin = [&t, &noise] {
                    listen(*t.first, t.to_first, t.token, [&t](std::string const&) {
                        if (t.to_first.size() == 3)
                            t.first->close();
                    });
                    send(*t.first, noise);
                    error_code ec; // ignored: as in send()
                    t.first->send_owned(std::string(100000, 'y'), ec);
                    t.first->begin_message() += std::string(70000, 'z');
                    t.first->end_message(ec);
                };
            },
            between);
        CHECK(steps > 30);
    }
}

TEST_CASE("a close that flushes a queue survives the failure of each step, whatever the session lies on")
{
    for (auto const& [name, options, between] : stacks)
    {
        INFO(name);
        auto const steps = fail_each_step(
            pipe_of(options, 300, 200),
            [](talk& t) {
                listen(*t.second, t.to_second, t.token, [](auto const&) {});
                t.begin = [&t] {
                    listen(*t.first, t.to_first, t.token, [](auto const&) {});
                    for (int i = 0; i < 10; ++i)
                        send(*t.first, std::string(50, static_cast<char>('0' + i)));
                    t.first->close();
                };
            },
            between);
        CHECK(steps > 15);
    }
}

TEST_CASE("both ends closing at once survives the failure of each step, whatever the session lies on")
{
    for (auto const& [name, options, between] : stacks)
    {
        INFO(name);
        fail_each_step(
            pipe_of(options, 200, 100),
            [](talk& t) {
                listen(*t.second, t.to_second, t.token, [](auto const&) {});
                t.begin = [&t] {
                    listen(*t.first, t.to_first, t.token, [](auto const&) {});
                    send(*t.first, "goodbye");
                    t.first->close();
                    t.second->abort();
                };
            },
            between);
    }
}
