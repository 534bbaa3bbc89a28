// SPDX-License-Identifier: BSL-1.0
//
// Proves the table of pending calls case by case: an id matches one call and only once, a full table refuses
// and keeps nothing, and time, which is an argument here, takes calls out in the order of their deadlines.
#include "core/pending_calls.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <set>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using oizys::rpc::call_end;
using oizys::rpc::call_handler;
using oizys::rpc::detail::pending_calls;

pending_calls::clock::time_point at(std::chrono::milliseconds t)
{
    return pending_calls::clock::time_point{t};
}

/// A table whose calls are numbers, which are noted when a call is taken out.
struct numbered
{
    explicit numbered(std::size_t max_pending = 1000) : table{max_pending} {}

    std::optional<std::uint32_t> add(int number, std::chrono::milliseconds now = 0ms,
                                     std::chrono::milliseconds timeout = 0ms)
    {
        call_handler on_end = [this, number](call_end const&) { ended.push_back(number); };
        return table.add(on_end, at(now), timeout);
    }

    /// The number of the call that was taken out, or -1.
    int number(call_handler on_end)
    {
        if (!on_end)
            return -1;
        on_end({});
        return ended.back();
    }

    int extract(std::uint32_t id) { return number(table.extract(id)); }

    /// The numbers of all calls whose time is up, in the order in which they are taken out.
    std::vector<int> expire(std::chrono::milliseconds now)
    {
        std::vector<int> numbers;
        std::uint32_t id = 0;
        while (auto on_end = table.extract_expired(at(now), id))
            numbers.push_back(number(std::move(on_end)));
        return numbers;
    }

    pending_calls table;
    std::vector<int> ended;
};

} // namespace

TEST_CASE("an id takes out the call that it was given for, in any order")
{
    numbered calls;
    auto const first = calls.add(1);
    auto const second = calls.add(2);
    auto const third = calls.add(3);
    CHECK(calls.table.size() == 3);
    CHECK(calls.extract(*second) == 2);
    CHECK(calls.extract(*third) == 3);
    CHECK(calls.extract(*first) == 1);
    CHECK(calls.table.size() == 0);
}

TEST_CASE("a second answer matches nothing")
{
    numbered calls;
    auto const id = calls.add(1);
    CHECK(calls.extract(*id) == 1);
    CHECK(calls.extract(*id) == -1);
}

TEST_CASE("a late answer does not match the call that has taken the place of its own")
{
    numbered calls;
    auto const late = calls.add(1);
    CHECK(calls.extract(*late) == 1);
    auto const next = calls.add(2);
    CHECK(*next != *late);
    CHECK(calls.extract(*late) == -1);
    CHECK(calls.extract(*next) == 2);
}

TEST_CASE("an id that was never given matches nothing")
{
    numbered calls;
    CHECK(calls.extract(0) == -1);
    auto const id = calls.add(1);
    for (std::uint32_t const other : {*id + 1, *id + 0x10000u, *id ^ 0x80000000u, 0xffffffffu})
        CHECK(calls.extract(other) == -1);
    CHECK(calls.extract(*id) == 1);
}

TEST_CASE("ids of one place in the table differ for as many uses as they can count")
{
    numbered calls;
    std::set<std::uint32_t> ids;
    for (int i = 0; i < 65536; ++i)
    {
        auto const id = calls.add(i);
        if (!ids.insert(*id).second)
            FAIL("the id of use " << i << " was given before");
        if (calls.extract(*id) != i)
            FAIL("use " << i << " was not matched");
    }
}

TEST_CASE("a full table refuses, and leaves the handler where it is")
{
    numbered calls{2};
    auto const first = calls.add(1);
    calls.add(2);
    call_handler refused = [](call_end const&) {};
    CHECK(!calls.table.add(refused, at(0ms), 10ms));
    CHECK(static_cast<bool>(refused));
    CHECK(calls.table.size() == 2);
    CHECK(!calls.table.next_deadline());

    CHECK(calls.extract(*first) == 1);
    CHECK(calls.table.add(refused, at(0ms), 10ms));
    CHECK(!refused);
}

TEST_CASE("no table holds more calls than an index can count, and all their ids differ")
{
    numbered calls{1u << 20};
    std::set<std::uint32_t> ids;
    for (std::size_t i = 0; i < pending_calls::most; ++i)
        ids.insert(*calls.add(0));
    CHECK(ids.size() == pending_calls::most);
    CHECK(!calls.add(0));
}

TEST_CASE("a table for no calls at all refuses the first")
{
    numbered calls{0};
    CHECK(!calls.add(1));
    CHECK(!calls.table.extract_any());
    std::uint32_t id = 0;
    CHECK(!calls.table.extract_expired(at(1h), id));
}

TEST_CASE("a call ends at its deadline and not before")
{
    numbered calls;
    calls.add(1, 100ms, 50ms);
    CHECK(calls.table.next_deadline() == at(150ms));
    CHECK(calls.expire(149ms).empty());
    CHECK(calls.expire(150ms) == std::vector{1});
    CHECK(!calls.table.next_deadline());
}

TEST_CASE("a timeout of zero never ends")
{
    numbered calls;
    auto const id = calls.add(1);
    CHECK(!calls.table.next_deadline());
    CHECK(calls.expire(24h).empty());
    CHECK(calls.extract(*id) == 1);
}

TEST_CASE("calls with different timeouts end in the order of their deadlines")
{
    numbered calls;
    calls.add(1, 0ms, 30ms);
    calls.add(2, 0ms, 10ms);
    calls.add(3, 5ms, 20ms);
    calls.add(4, 5ms, 10ms);
    CHECK(calls.table.next_deadline() == at(10ms));
    CHECK(calls.expire(1s) == std::vector{2, 4, 3, 1});
}

TEST_CASE("more different timeouts than there are queues end in the order of their deadlines")
{
    numbered calls;
    std::vector<int> expected;
    for (int i = 0; i < 100; ++i)
        calls.add(i, 0ms, std::chrono::milliseconds{1000 - i});
    for (int i = 100; i-- > 0;)
        expected.push_back(i);
    CHECK(calls.expire(2s) == expected);
    CHECK(calls.table.size() == 0);
}

TEST_CASE("an answered call leaves the queue of its timeout, wherever it stood")
{
    for (int const answered : {1, 2, 3})
    {
        numbered calls;
        std::vector<int> expected;
        std::uint32_t id = 0;
        for (int i = 1; i <= 3; ++i)
        {
            auto const added = calls.add(i, std::chrono::milliseconds{i}, 10ms);
            if (i == answered)
                id = *added;
            else
                expected.push_back(i);
        }
        CHECK(calls.extract(id) == answered);
        CHECK(calls.expire(1s) == expected);
    }
}

TEST_CASE("all calls can be taken out, with deadlines and without, while others are added")
{
    numbered calls;
    for (int i = 0; i < 10; ++i)
        calls.add(i, 0ms, std::chrono::milliseconds{i % 3});
    int taken = 0;
    while (auto on_end = calls.table.extract_any())
    {
        on_end({});
        if (++taken == 5)
            calls.add(10, 0ms, 7ms);
    }
    CHECK(taken == 11);
    CHECK(std::set<int>(calls.ended.begin(), calls.ended.end()).size() == 11);
    CHECK(calls.table.size() == 0);
    CHECK(!calls.table.next_deadline());
}

TEST_CASE("a handler that was taken out may add the next call")
{
    pending_calls table{1};
    std::optional<std::uint32_t> second;
    call_handler first = [&](call_end const&) {
        call_handler next = [](call_end const&) {};
        second = table.add(next, at(0ms), 0ms);
    };
    auto const id = table.add(first, at(0ms), 5ms);
    auto on_end = table.extract(*id);
    on_end({});
    REQUIRE(second);
    CHECK(table.extract(*second));
}
