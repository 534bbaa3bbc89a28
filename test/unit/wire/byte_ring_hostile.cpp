// SPDX-License-Identifier: BSL-1.0
//
// Proves each half of the ring against another end that writes anything into the shared memory between any
// two steps: the half goes on or ends with an error that is final, touches nothing beside its ring, and
// agrees with a model that knows which indices can be true.
#include "ring_memory.hpp"

#include <oizys/error.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <string>

namespace
{

using boost::system::error_code;
using oizys::errc;
using oizys::test::ring_memory;
using oizys::wire::ring_consumer;
using oizys::wire::ring_producer;

constexpr std::size_t capacity = 16;

std::uint64_t hostile_index(std::mt19937& random, std::uint64_t near)
{
    constexpr std::uint64_t far[] = {0, 1, ~0ull, 1ull << 63, 1ull << 32, ~0ull - capacity};
    if (random() % 4 == 0)
        return far[random() % std::size(far)];
    return near + random() % (2 * capacity + 4) - capacity - 2;
}

} // namespace

TEST_CASE("a consumer believes an index up to a full ring ahead, and no other")
{
    for (std::uint64_t const offset : {0u, 1u, 15u, 16u, 17u, 1000u})
    {
        ring_memory memory{capacity};
        ring_consumer in{memory.view()};
        memory.control.produced = offset;
        char room[100];
        error_code ec;
        auto const n = in.take(room, ec);
        CHECK(n == (offset <= capacity ? offset : 0));
        CHECK(ec == (offset <= capacity ? error_code{} : errc::bad_shared_memory));
    }
}

TEST_CASE("a consumer does not believe a producer that takes bytes back")
{
    ring_memory memory{capacity};
    ring_consumer in{memory.view()};
    memory.control.produced = 10;
    char room[4];
    error_code ec;
    CHECK(in.take(room, ec) == 4);
    memory.control.produced = 9;
    CHECK(in.take(room, ec) == 0);
    CHECK(ec == errc::bad_shared_memory);
}

TEST_CASE("a producer believes an index between the last one and what it has put, and no other")
{
    for (std::uint64_t const index : {3u, 4u, 10u, 11u, 1000u})
    {
        ring_memory memory{capacity};
        ring_producer out{memory.view()};
        error_code ec;
        CHECK(out.put("0123456789", ec) == 10);
        memory.control.consumed = 4;
        CHECK(out.put("a", ec) == 1);
        memory.control.consumed = index;
        bool const possible = index >= 4 && index <= 11;
        CHECK(out.put("b", ec) == (possible ? 1 : 0));
        CHECK(ec == (possible ? error_code{} : errc::bad_shared_memory));
    }
}

TEST_CASE("an error of a ring is final, though the index is put right again")
{
    ring_memory memory{capacity};
    ring_consumer in{memory.view()};
    ring_producer out{memory.view()};
    memory.control.produced = 17;
    memory.control.consumed = 1;
    char room[4];
    error_code ec;
    for (int i = 0; i < 2; ++i)
    {
        CHECK(in.take(room, ec) == 0);
        CHECK(ec == errc::bad_shared_memory);
        CHECK(in.readable()); // `take` tells
        CHECK(!in.sleep());
        CHECK(out.put("x", ec) == 0);
        CHECK(ec == errc::bad_shared_memory);
        CHECK(!out.sleep());
        memory.control.produced = memory.control.consumed = 0;
    }
}

TEST_CASE("a consumer follows its model through random steps of a hostile producer")
{
    std::mt19937 random{1};
    for (int round = 0; round < 20000; ++round)
    {
        ring_memory memory{capacity};
        ring_consumer in{memory.view()};
        std::uint64_t consumed = 0;
        std::uint64_t seen = 0;
        for (int step = 0; step < 20; ++step)
        {
            auto const index =
                random() % 2 == 0 ? consumed + random() % (capacity + 1) : hostile_index(random, consumed);
            memory.control.produced = index;
            memory.control.producer_sleeps = static_cast<std::uint32_t>(random() % 3);
            bool const possible = index - consumed <= capacity && index - consumed >= seen - consumed;
            bool const asleep = random() % 3 == 0 && in.sleep();
            REQUIRE((!asleep || (possible && index == consumed)));
            char room[40];
            auto const most = random() % sizeof room;
            error_code ec;
            auto const n = in.take({room, most}, ec);
            REQUIRE(ec == (possible ? error_code{} : errc::bad_shared_memory));
            REQUIRE(n == (possible ? std::min<std::uint64_t>(most, index - consumed) : 0));
            consumed += n;
            seen = index;
            static_cast<void>(in.must_wake());
            if (ec)
                break;
            REQUIRE(memory.control.consumed == consumed);
        }
        REQUIRE(memory.margins_untouched());
    }
}

TEST_CASE("a producer follows its model through random steps of a hostile consumer")
{
    std::mt19937 random{2};
    for (int round = 0; round < 20000; ++round)
    {
        ring_memory memory{capacity};
        ring_producer out{memory.view()};
        std::uint64_t placed = 0;
        std::uint64_t seen = 0;
        for (int step = 0; step < 20; ++step)
        {
            auto const index = random() % 2 == 0 ? placed : hostile_index(random, placed);
            memory.control.consumed = index;
            memory.control.consumer_sleeps = static_cast<std::uint32_t>(random() % 3);
            bool const possible = index - seen <= placed - seen;
            std::string const text(random() % 40, 'x');
            error_code ec;
            auto const n = out.put(text, ec);
            REQUIRE(ec == (possible ? error_code{} : errc::bad_shared_memory));
            REQUIRE(n == (possible ? std::min<std::uint64_t>(text.size(), capacity - (placed - index)) : 0));
            if (ec)
                break;
            placed += n;
            seen = index;
            static_cast<void>(out.publish());
            REQUIRE(memory.control.produced == placed);
            REQUIRE(out.sleep() == (capacity - (placed - index) < capacity / 2));
        }
        REQUIRE(memory.margins_untouched());
    }
}
