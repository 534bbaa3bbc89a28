// SPDX-License-Identifier: BSL-1.0
//
// Proves that sessions are counted in total and by user, and that each place is given back exactly once.
#include "session_quota.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <random>
#include <utility>
#include <vector>

using oizys::detail::session_quota;
using oizys::detail::session_slot;

TEST_CASE("a quota is full when as many sessions are open as there may be")
{
    auto const quota = std::make_shared<session_quota>(2, 0);
    CHECK(!quota->full());
    auto first = quota->take(1000);
    CHECK(!quota->full());
    auto second = quota->take(std::nullopt);
    CHECK(quota->full());
    CHECK(quota->open() == 2);
    first.release();
    CHECK(!quota->full());
    first.release(); // again: there is nothing to give back
    CHECK(quota->open() == 1);
}

TEST_CASE("each user has a part of its own, and who is unknown has none")
{
    auto const quota = std::make_shared<session_quota>(0, 2);
    std::vector<session_slot> slots;
    for (int i = 0; i < 2; ++i)
    {
        CHECK(!quota->full_for(1000));
        slots.push_back(quota->take(1000));
    }
    CHECK(quota->full_for(1000));
    CHECK(!quota->full_for(1001));
    for (int i = 0; i < 5; ++i)
        slots.push_back(quota->take(std::nullopt));
    CHECK(!quota->full_for(std::nullopt));
    CHECK(!quota->full());
    slots.erase(slots.begin());
    CHECK(!quota->full_for(1000));
    CHECK(quota->open() == 6);
}

TEST_CASE("zero is no limit")
{
    auto const quota = std::make_shared<session_quota>(0, 0);
    std::vector<session_slot> slots;
    for (int i = 0; i < 1000; ++i)
        slots.push_back(quota->take(1000));
    CHECK(!quota->full());
    CHECK(!quota->full_for(1000));
    CHECK(quota->open() == 1000);
}

TEST_CASE("a place that is moved is given back once")
{
    auto const quota = std::make_shared<session_quota>(0, 1);
    {
        auto first = quota->take(1000);
        auto second = std::move(first);
        session_slot third;
        third = std::move(second);
        CHECK(quota->open() == 1);
        third = quota->take(1001); // gives the first one back
        CHECK(quota->open() == 1);
        CHECK(!quota->full_for(1000));
        CHECK(quota->full_for(1001));
    }
    CHECK(quota->open() == 0);
    CHECK(!quota->full_for(1001));
}

TEST_CASE("room is announced once, when a session ends")
{
    auto const quota = std::make_shared<session_quota>(1, 0);
    auto first = quota->take(1000);
    int told = 0;
    quota->set_on_room([&] {
        ++told;
        CHECK(!quota->full()); // there is room already
    });
    CHECK(told == 0);
    first.release();
    CHECK(told == 1);
    first = quota->take(1000);
    first.release();
    CHECK(told == 1);
}

TEST_CASE("a session may outlive the listener that counted it")
{
    auto quota = std::make_shared<session_quota>(1, 1);
    std::weak_ptr<session_quota> const alive = quota;
    auto slot = quota->take(1000);
    quota.reset();
    CHECK(!alive.expired());
    slot.release();
    CHECK(alive.expired());
}

TEST_CASE("the counts are right after any sequence of takes and releases")
{
    std::mt19937 random{7};
    auto const quota = std::make_shared<session_quota>(40, 15);
    std::vector<std::pair<std::optional<uid_t>, session_slot>> slots;
    for (int step = 0; step < 5000; ++step)
    {
        auto const dice = random();
        std::optional<uid_t> uid;
        if (dice % 5 != 4)
            uid = dice % 5;
        auto const of_uid = [&] {
            return std::ranges::count_if(slots, [&](auto const& s) { return s.first == uid; });
        };
        REQUIRE(quota->open() == slots.size());
        REQUIRE(quota->full() == (slots.size() == 40));
        REQUIRE(quota->full_for(uid) == (uid && of_uid() == 15));
        if (dice / 8 % 16 < 9 && !quota->full() && !quota->full_for(uid))
            slots.emplace_back(uid, quota->take(uid));
        else if (!slots.empty())
        {
            std::swap(slots[dice / 128 % slots.size()], slots.back());
            slots.pop_back();
        }
    }
}
