// SPDX-License-Identifier: BSL-1.0
//
// Proves that whichever read, write or wait fails, first of all or last, nothing hangs: each session ends
// once, the loop runs out of work, every handler is released, and what was delivered is a prefix of what
// was sent. Each conversation is run again and again, until no failure was left to inject.
#include "talks.hpp"

namespace
{

using namespace oizys::test;
using namespace std::chrono_literals;

} // namespace

TEST_CASE("an echo survives the failure of each step")
{
    auto const steps = fail_each_step({}, [](talk& t) {
        listen(*t.second, t.to_second, t.token,
               [&t](std::string const& message) { send(*t.second, message); });
        t.begin = [&t] {
            listen(*t.first, t.to_first, t.token, [&t](std::string const& message) {
                if (message.size() == 3)
                    return t.first->close();
                send(*t.first, message + "!");
            });
            send(*t.first, "1");
        };
    });
    CHECK(steps > 8);
}

TEST_CASE("an echo through a narrow pipe survives the failure of each step")
{
    auto const steps = fail_each_step({.capacity = 5, .max_transfer = 2}, [](talk& t) {
        listen(*t.second, t.to_second, t.token,
               [&t](std::string const& message) { send(*t.second, message); });
        t.begin = [&t] {
            listen(*t.first, t.to_first, t.token, [&t](std::string const& message) {
                if (message == "last")
                    t.first->close();
            });
            for (auto const* const text : {"Hello", "a longer one", "last"})
                send(*t.first, text);
        };
    });
    CHECK(steps > 60);
}

TEST_CASE("large messages survive the failure of each step")
{
    auto const steps = fail_each_step({.capacity = 40000, .max_transfer = 30000}, [](talk& t) {
        listen(*t.second, t.to_second, t.token, [&t](std::string const& message) {
            error_code ec; // ignored: as above
            t.second->send_owned(message, ec);
        });
        t.begin = [&t] {
            listen(*t.first, t.to_first, t.token, [&t](std::string const&) {
                if (t.to_first.size() == 3)
                    t.first->close();
            });
            send(*t.first, std::string(200000, 'x'));
            error_code ec; // ignored: as above
            t.first->send_owned(std::string(100000, 'y'), ec);
            t.first->begin_message() += std::string(70000, 'z');
            t.first->end_message(ec);
        };
    });
    CHECK(steps > 40);
}

TEST_CASE("a close that flushes a queue survives the failure of each step")
{
    auto const steps = fail_each_step({.capacity = 100, .max_transfer = 60}, [](talk& t) {
        listen(*t.second, t.to_second, t.token, [](auto const&) {});
        t.begin = [&t] {
            listen(*t.first, t.to_first, t.token, [](auto const&) {});
            for (int i = 0; i < 10; ++i)
                send(*t.first, std::string(50, static_cast<char>('0' + i)));
            t.first->close();
        };
    });
    CHECK(steps > 15);
}

TEST_CASE("both ends closing at once survives the failure of each step")
{
    fail_each_step({.capacity = 20, .max_transfer = 10}, [](talk& t) {
        listen(*t.second, t.to_second, t.token, [](auto const&) {});
        t.begin = [&t] {
            listen(*t.first, t.to_first, t.token, [](auto const&) {});
            send(*t.first, "goodbye");
            t.first->close();
            t.second->abort();
        };
    });
}

TEST_CASE("a conversation with pauses survives the failure of each step")
{
    auto const steps = fail_each_step({.capacity = 50, .max_transfer = 20}, [](talk& t) {
        listen(*t.second, t.to_second, t.token, [&t](std::string const& message) {
            t.second->pause_reading();
            send(*t.second, message);
        });
        t.second->set_ondrain([&t, token = t.token] { t.second->resume_reading(); });
        t.begin = [&t] {
            listen(*t.first, t.to_first, t.token, [&t](std::string const&) {
                if (t.to_first.size() == 5)
                    t.first->close();
            });
            for (int i = 0; i < 5; ++i)
                send(*t.first, std::string(30, static_cast<char>('0' + i)));
        };
    });
    CHECK(steps > 20);
}

TEST_CASE("detection survives the failure of each step")
{
    oizys::session_options const detecting{.framing = oizys::framing::detect, .handshake_timeout = 5s};
    for (auto const kind : {oizys::framing::header24, oizys::framing::json_text})
        fail_each_step(
            {.first = {.framing = kind}, .second = detecting, .capacity = 4, .max_transfer = 1}, [](talk& t) {
                listen(*t.second, t.to_second, t.token,
                       [&t](std::string const& message) { send(*t.second, message); });
                t.begin = [&t] {
                    listen(*t.first, t.to_first, t.token, [&t](std::string const&) { t.first->close(); });
                    send(*t.first, "[1,2]");
                };
            });
}

TEST_CASE("a failing write ends a session whose peer does not read")
{
    asio::io_context io;
    auto const pair = oizys::memory_pair(io.get_executor(), {.fail_after = 1});
    witness first;
    first.watch(*pair.first); // its read is operation 0
    pair.first->send("lost");
    REQUIRE(run_until(
        io, [&] { return first.closed(); }, 5s));
    CHECK(pair.state->failed);
    CHECK(first.closed_with(asio::error::connection_reset));
}
