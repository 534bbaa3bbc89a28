// SPDX-License-Identifier: BSL-1.0
//
// Proves that whichever read, write or wait fails, first of all or last, nothing hangs: each session ends
// once, the loop runs out of work, every handler is released, and what was delivered is a prefix of what
// was sent. Each conversation is run again and again, until no failure was left to inject.
#include "ends.hpp"

#include <functional>

namespace
{

using namespace oizys::test;
using namespace std::chrono_literals;

// One run of a conversation between `first` and `second`.
struct talk
{
    std::shared_ptr<oizys::session> first;
    std::shared_ptr<oizys::session> second;
    texts to_first;
    texts to_second;
    std::shared_ptr<int> token = std::make_shared<int>(); ///< held by every handler
};

using conversation = std::function<void(talk&)>;

bool is_prefix(texts const& part, texts const& whole)
{
    return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

void listen(oizys::session& s, texts& to, std::shared_ptr<int> const& token,
            std::function<void(std::string const&)> then)
{
    s.set_onmessage([&to, token, then = std::move(then)](std::string const& message) {
        to.push_back(message);
        then(message);
    });
}

void send(oizys::session& s, std::string const& message)
{
    error_code ec; // ignored: after the injected failure, a session may be closed
    s.send(std::string_view{message}, ec);
}

// Fails each operation in turn; returns how many there were.
std::size_t fail_each_step(oizys::memory_pair_options options, conversation const& play)
{
    talk whole;
    for (bool injecting = false;; injecting = true)
    {
        // First without a failure: what must be delivered.
        if (injecting)
            options.fail_after =
                options.fail_after == std::numeric_limits<std::size_t>::max() ? 0 : options.fail_after + 1;
        INFO("operation " << options.fail_after << " fails");
        asio::io_context io;
        talk t;
        auto pair = oizys::memory_pair(io.get_executor(), options);
        t.first = std::move(pair.first);
        t.second = std::move(pair.second);
        std::vector<error_code> first_closed;
        std::vector<error_code> second_closed;
        t.first->set_onclose([&, token = t.token](error_code why) { first_closed.push_back(why); });
        t.second->set_onclose([&, token = t.token](error_code why) { second_closed.push_back(why); });
        play(t);
        io.run_for(20s);

        REQUIRE(io.stopped());
        REQUIRE(first_closed.size() == 1);
        REQUIRE(second_closed.size() == 1);
        REQUIRE(!t.first->is_open());
        REQUIRE(!t.second->is_open());
        REQUIRE(t.token.use_count() == 1);
        std::weak_ptr<oizys::session> const weak_first = t.first;
        std::weak_ptr<oizys::session> const weak_second = t.second;
        t.first.reset();
        t.second.reset();
        io.restart();
        io.run_for(20s);
        REQUIRE(weak_first.expired());
        REQUIRE(weak_second.expired());
        if (!injecting)
        {
            CHECK(!pair.state->failed);
            whole = std::move(t);
            continue;
        }
        REQUIRE(is_prefix(t.to_first, whole.to_first));
        REQUIRE(is_prefix(t.to_second, whole.to_second));
        if (!pair.state->failed)
        {
            CHECK(options.fail_after == pair.state->operations);
            CHECK(t.to_first == whole.to_first);
            CHECK(t.to_second == whole.to_second);
            return options.fail_after;
        }
        // One end met the failure itself.
        REQUIRE((first_closed.front().failed() || second_closed.front().failed()));
    }
}

} // namespace

TEST_CASE("an echo survives the failure of each step")
{
    auto const steps = fail_each_step({}, [](talk& t) {
        listen(*t.second, t.to_second, t.token,
               [&t](std::string const& message) { send(*t.second, message); });
        listen(*t.first, t.to_first, t.token, [&t](std::string const& message) {
            if (message.size() == 3)
                return t.first->close();
            send(*t.first, message + "!");
        });
        send(*t.first, "1");
    });
    CHECK(steps > 8);
}

TEST_CASE("an echo through a narrow pipe survives the failure of each step")
{
    auto const steps = fail_each_step({.capacity = 5, .max_transfer = 2}, [](talk& t) {
        listen(*t.second, t.to_second, t.token,
               [&t](std::string const& message) { send(*t.second, message); });
        listen(*t.first, t.to_first, t.token, [&t](std::string const& message) {
            if (message == "last")
                t.first->close();
        });
        for (auto const* const text : {"Hello", "a longer one", "last"})
            send(*t.first, text);
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
        listen(*t.first, t.to_first, t.token, [&t](std::string const&) {
            if (t.to_first.size() == 3)
                t.first->close();
        });
        send(*t.first, std::string(200000, 'x'));
        error_code ec; // ignored: as above
        t.first->send_owned(std::string(100000, 'y'), ec);
        t.first->begin_message() += std::string(70000, 'z');
        t.first->end_message(ec);
    });
    CHECK(steps > 40);
}

TEST_CASE("a close that flushes a queue survives the failure of each step")
{
    auto const steps = fail_each_step({.capacity = 100, .max_transfer = 60}, [](talk& t) {
        listen(*t.second, t.to_second, t.token, [](auto const&) {});
        listen(*t.first, t.to_first, t.token, [](auto const&) {});
        for (int i = 0; i < 10; ++i)
            send(*t.first, std::string(50, static_cast<char>('0' + i)));
        t.first->close();
    });
    CHECK(steps > 15);
}

TEST_CASE("both ends closing at once survives the failure of each step")
{
    fail_each_step({.capacity = 20, .max_transfer = 10}, [](talk& t) {
        listen(*t.second, t.to_second, t.token, [](auto const&) {});
        listen(*t.first, t.to_first, t.token, [](auto const&) {});
        send(*t.first, "goodbye");
        t.first->close();
        t.second->abort();
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
        listen(*t.first, t.to_first, t.token, [&t](std::string const&) {
            if (t.to_first.size() == 5)
                t.first->close();
        });
        for (int i = 0; i < 5; ++i)
            send(*t.first, std::string(30, static_cast<char>('0' + i)));
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
                listen(*t.first, t.to_first, t.token, [&t](std::string const&) { t.first->close(); });
                send(*t.first, "[1,2]");
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
