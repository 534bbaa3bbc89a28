// SPDX-License-Identifier: BSL-1.0
//
// Proves that messages are handed out with their length in front, whatever the room and however they come.
#include "wire/message_handover.hpp"

#include "wire/message_header.hpp"
#include "wire/message_splitter.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace
{

using oizys::wire::message_handover;
using texts = std::vector<std::string>;

void receive(message_handover& handover, std::string_view bytes)
{
    while (!bytes.empty())
    {
        auto const room = handover.prepare();
        auto const n = bytes.copy(room.data(), room.size());
        handover.commit(n);
        bytes.remove_prefix(n);
    }
}

std::string hand_out(message_handover& handover, std::size_t room)
{
    std::string out(room, '\0');
    out.resize(handover.hand_out(out));
    return out;
}

texts messages_in(std::string_view bytes)
{
    texts found;
    oizys::wire::message_splitter splitter{1 << 20};
    while (!bytes.empty())
        if (auto const step = splitter.next(bytes); step.found)
            found.emplace_back(step.message);
    CHECK(splitter.between_messages());
    return found;
}

} // namespace

TEST_CASE("a message is handed out with its length in front, in as many pieces as the room wants")
{
    for (std::size_t room = 1; room < 40; ++room)
    {
        INFO(room);
        message_handover handover;
        std::string out;
        for (std::string const message : {"a message of 23 letters", "x"})
        {
            receive(handover, message);
            CHECK(handover.received() == message.size());
            CHECK(!handover.has_begun());
            CHECK(hand_out(handover, room).empty()); // its size is not known
            handover.begin(handover.received());
            while (handover.has_begun())
                out += hand_out(handover, room);
            CHECK(handover.received() == 0);
        }
        CHECK(messages_in(out) == texts{"a message of 23 letters", "x"});
    }
}

TEST_CASE("a message whose size is known is handed out as it comes, also past the buffer")
{
    std::string const message(200000, 'm');
    message_handover handover;
    receive(handover, message.substr(0, 100));
    handover.begin(message.size());
    auto out = hand_out(handover, 1000);
    CHECK(out.size() == 108);
    CHECK(hand_out(handover, 1000).empty());
    std::size_t given = 100;
    for (bool past = false; given < message.size(); past = !past)
    {
        auto const part = message.substr(given, 70000);
        given += part.size();
        if (past)
        {
            out += part;
            handover.passed(part.size());
            continue;
        }
        for (std::string_view rest = part; !rest.empty();)
        {
            auto const now = rest.substr(0, message_handover::next_part);
            receive(handover, now);
            while (handover.received() != 0)
                out += hand_out(handover, 50000);
            rest.remove_prefix(now.size());
        }
    }
    CHECK(!handover.has_begun());
    CHECK(messages_in(out) == texts{message});
}

TEST_CASE("a message in many fragments is gathered")
{
    std::string message;
    message_handover handover;
    for (int i = 0; i < 1000; ++i)
    {
        std::string const fragment(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
        receive(handover, fragment);
        message += fragment;
    }
    CHECK(handover.received() == message.size());
    handover.begin(message.size());
    CHECK(messages_in(hand_out(handover, message.size() + 8)) == texts{message});
}

TEST_CASE("an empty message is over at once")
{
    message_handover handover;
    handover.prepare();
    handover.commit(0);
    handover.begin(0);
    CHECK(!handover.has_begun());
    receive(handover, "next");
    handover.begin(4);
    CHECK(messages_in(hand_out(handover, 100)) == texts{"next"});
}

TEST_CASE("the beginning of a message gets little room, and what follows more")
{
    message_handover handover;
    CHECK(handover.prepare().size() == message_handover::first_part);
    handover.commit(10);
    CHECK(handover.prepare().size() == message_handover::next_part);
    handover.begin(1000000);
    hand_out(handover, 100);
    CHECK(handover.prepare().size() == message_handover::next_part);
}
