// SPDX-License-Identifier: BSL-1.0
//
// What the tests of calls share: two peers in memory, a peer that talks with a bare session (so that a
// conversation is a list of messages), and a witness of how a call ended.
#pragma once

#include "support/run_until.hpp"

#include <oizys/error.hpp>
#include <oizys/memory_pair.hpp>
#include <oizys/rpc/codec/json.hpp>
#include <oizys/rpc/codec/msgpack.hpp>
#include <oizys/rpc/error.hpp>
#include <oizys/rpc/peer.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace oizys::test
{

namespace asio = boost::asio;
using boost::system::error_code;
using rpc::array;
using rpc::object;
using rpc::value;
using texts = std::vector<std::string>;

/// Runs everything that can run now.
inline void settle(asio::io_context& io)
{
    io.restart();
    io.poll();
}

/// How a call ended, and how often.
template <class R>
struct call_result
{
    int count = 0;
    error_code ec{};
    rpc::outcome<R> answer{};

    /// A completion handler. The result must outlive it.
    auto handler()
    {
        return [this](error_code e, rpc::outcome<R> o) {
            ++count;
            ec = e;
            answer = std::move(o);
        };
    }

    bool failed_with(error_code why) const { return count == 1 && ec == why; }
    bool answered_with(R const& expected) const
    {
        return count == 1 && !ec && answer.has_value() && *answer == expected;
    }
    bool answered_with_error(std::int64_t code) const
    {
        return count == 1 && !ec && !answer.has_value() && answer.error().code == code;
    }
};

/// The methods that most tests call.
inline rpc::service plain_service()
{
    rpc::service service;
    service.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
    service.method("echo", [](value v) { return v; });
    service.method("nothing", [] {});
    service.method("fail", [](std::string const& why) -> int { throw std::runtime_error{why}; });
    service.method("refuse", []() -> int { throw rpc::error{17, "no", array{1, "x"}}; });
    return service;
}

/// A peer, and at the other end of its connection a session that sends and receives whole messages.
struct conversation
{
    explicit conversation(rpc::service const& served,
                          rpc::peer_options const& options = {.protocol = rpc::protocol::json},
                          memory_pair_options const& pipe = {})
    {
        auto pair = memory_pair(io.get_executor(), pipe);
        other = std::move(pair.first);
        other->set_onmessage([this](std::string const& message) { heard.push_back(message); });
        other->set_onclose([this](error_code why) { other_closes.push_back(why); });
        peer = rpc::peer{std::move(pair.second), served, options};
        peer.set_onclose([this](error_code why) { closes.push_back(why); });
    }

    /// Sends a message and returns what came back once everything has run that can.
    texts ask(std::string_view message)
    {
        error_code ec;
        other->send(message, ec);
        REQUIRE(!ec);
        settle(io);
        return std::exchange(heard, {});
    }

    /// The single message that came back.
    std::string ask_one(std::string_view message)
    {
        auto const answers = ask(message);
        return answers.size() == 1 ? answers.front() : std::to_string(answers.size()) + " answers";
    }

    /// What was said since the last time.
    texts listen()
    {
        settle(io);
        return std::exchange(heard, {});
    }

    bool closed_with(error_code why) const { return closes == std::vector{why}; }

    asio::io_context io{1};
    std::shared_ptr<session> other;
    rpc::peer peer;
    texts heard;
    std::vector<error_code> closes;
    std::vector<error_code> other_closes;
};

/// A conversation over MessagePack-RPC, in values.
struct packed_conversation : conversation
{
    explicit packed_conversation(rpc::service const& served, rpc::peer_options options = {},
                                 memory_pair_options const& pipe = {})
        : conversation{served, (options.protocol = rpc::protocol::msgpack, options), pipe}
    {
    }

    std::vector<value> ask(value const& message)
    {
        return unpack(conversation::ask(rpc::to_msgpack(message)));
    }
    std::vector<value> listen() { return unpack(conversation::listen()); }

    static std::vector<value> unpack(texts const& messages)
    {
        std::vector<value> values;
        for (auto const& message : messages)
            values.push_back(rpc::from_msgpack<value>(message).value());
        return values;
    }
};

/// One line of a conversation: what is sent, and what comes back; nothing if that is null.
struct said
{
    char const* sent;
    char const* received;
};

inline void check(conversation& with, std::initializer_list<said> lines)
{
    for (auto const& [sent, received] : lines)
    {
        INFO(sent);
        CHECK(with.ask(sent) == (received != nullptr ? texts{received} : texts{}));
    }
}

/// Two peers that are connected in memory.
struct two_peers
{
    explicit two_peers(rpc::protocol protocol = rpc::protocol::json,
                       rpc::service const& first = plain_service(),
                       rpc::service const& second = plain_service(), rpc::peer_options options = {},
                       memory_pair_options const& pipe = {})
    {
        options.protocol = protocol;
        auto pair = memory_pair(io.get_executor(), pipe);
        a = rpc::peer{std::move(pair.first), first, options};
        b = rpc::peer{std::move(pair.second), second, options};
        state = std::move(pair.state);
    }

    asio::io_context io{1};
    rpc::peer a;
    rpc::peer b;
    std::shared_ptr<memory_pair_state const> state;
};

/// Both protocols, for GENERATE.
inline auto both_protocols() { return GENERATE(rpc::protocol::json, rpc::protocol::msgpack); }

} // namespace oizys::test
