// SPDX-License-Identifier: BSL-1.0
//
// A conversation between two sessions over a pipe in memory, again and again: each read, write and wait of the
// pipe fails in turn, until no failure was left to inject.
#pragma once

#include "memory_stream.hpp"
#include "stream_session.hpp"
#include "transports.hpp"

#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace oizys::test
{

/// One run of a conversation between `first`, which connects, and `second`.
struct talk
{
    std::shared_ptr<oizys::session> first;
    std::shared_ptr<oizys::session> second;
    texts to_first;
    texts to_second;
    std::function<void()> begin;                          ///< called when `first` is open
    std::shared_ptr<int> token = std::make_shared<int>(); ///< held by every handler
};

/// Sets the handlers of messages and `begin`.
using conversation = std::function<void(talk&)>;

/// What lies between the pipe and the sessions.
using layers = std::function<stream_pair(stream_pair, pair_plan const&)>;

inline bool is_prefix(texts const& part, texts const& whole)
{
    return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

inline void listen(oizys::session& s, texts& to, std::shared_ptr<int> const& token,
                   std::function<void(std::string const&)> then)
{
    s.set_onmessage([&to, token, then = std::move(then)](std::string const& message) {
        to.push_back(message);
        then(message);
    });
}

inline void send(oizys::session& s, std::string const& message)
{
    error_code ec; // ignored: after the injected failure, a session may be closed
    s.send(std::string_view{message}, ec);
}

/// Fails each operation in turn; returns how many there were.
inline std::size_t fail_each_step(
    memory_pair_options options, conversation const& play,
    layers const& between = [](stream_pair below, pair_plan const&) { return below; })
{
    using namespace std::chrono_literals;
    constexpr auto never = std::numeric_limits<std::size_t>::max();
    talk whole;
    for (options.fail_after = never;;
         options.fail_after = options.fail_after == never ? 0 : options.fail_after + 1)
    {
        // First without a failure: what must be delivered.
        bool const injecting = options.fail_after != never;
        INFO("operation " << options.fail_after << " fails");
        asio::io_context io;
        talk t;
        auto const state = std::make_shared<memory_pair_state>();
        auto pipe = detail::memory_stream::make_pair(io.get_executor(),
                                                     {.capacity = options.capacity,
                                                      .max_transfer = options.max_transfer,
                                                      .fail_after = options.fail_after},
                                                     state);
        auto ends = between({std::move(pipe.first), std::move(pipe.second)},
                            {io.get_executor(), io.get_executor(), options.first, options.second});
        t.first = detail::make_handle(std::move(ends.a), options.first);
        t.second = detail::make_handle(std::move(ends.b), options.second);
        std::vector<error_code> first_closed;
        std::vector<error_code> second_closed;
        std::vector<error_code> opened;
        t.first->set_onclose([&, token = t.token](error_code why) { first_closed.push_back(why); });
        t.second->set_onclose([&, token = t.token](error_code why) { second_closed.push_back(why); });
        play(t);
        detail::open_session(*t.first, [&, token = t.token](error_code ec) {
            opened.push_back(ec);
            if (!ec)
                t.begin();
        });
        io.run_for(20s);

        REQUIRE(io.stopped());
        REQUIRE(opened.size() == 1);
        REQUIRE(first_closed.size() == 1);
        REQUIRE(second_closed.size() == 1);
        REQUIRE(!t.first->is_open());
        REQUIRE(!t.second->is_open());
        t.begin = {};
        REQUIRE(t.token.use_count() == 1);
        std::weak_ptr<oizys::session> const weak_first = t.first;
        std::weak_ptr<oizys::session> const weak_second = t.second;
        t.first.reset();
        t.second.reset();
        io.restart();
        io.run_for(20s);
        REQUIRE(io.stopped());
        REQUIRE(weak_first.expired());
        REQUIRE(weak_second.expired());
        REQUIRE(state.use_count() == 1); // both ends of the pipe are gone
        if (!injecting)
        {
            CHECK(!state->failed);
            REQUIRE(!opened.front());
            whole = std::move(t);
            continue;
        }
        REQUIRE(is_prefix(t.to_first, whole.to_first));
        REQUIRE(is_prefix(t.to_second, whole.to_second));
        if (!state->failed)
        {
            CHECK((t.to_first == whole.to_first));
            CHECK((t.to_second == whole.to_second));
            return options.fail_after;
        }
        // One end met the failure itself, unless all was said and both were leaving.
        bool const lost_nothing = t.to_first == whole.to_first && t.to_second == whole.to_second;
        REQUIRE((first_closed.front().failed() || second_closed.front().failed() || lost_nothing));
    }
}

} // namespace oizys::test
