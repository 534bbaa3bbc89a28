// SPDX-License-Identifier: BSL-1.0
//
// Proves that calls which are not answered yet are found by their ids as they came, whatever ids the other end
// chooses, and that a cancellation tells all who asked, once.
#include "core/served_calls.hpp"
#include "core/cancellation.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using oizys::rpc::detail::cancellation;
using table = oizys::rpc::detail::served_calls<std::shared_ptr<int>>;

TEST_CASE("a call is found by the bytes of its id, and by no others")
{
    table calls;
    auto const first = calls.add("1", std::make_shared<int>(10));
    calls.add("\"1\"", std::make_shared<int>(11));
    calls.add(std::string_view{"\0", 1}, std::make_shared<int>(12));
    CHECK(*calls.find("1") == 10);
    CHECK(*calls.find("\"1\"") == 11);
    CHECK(*calls.find(std::string_view{"\0", 1}) == 12);
    CHECK(!calls.find("1.0"));
    CHECK(!calls.find(""));
    calls.remove(first);
    CHECK(!calls.find("1"));
    CHECK(calls.size() == 2);
}

TEST_CASE("of calls with the same id the first is found, until it is answered")
{
    table calls;
    std::array const places{calls.add("7", std::make_shared<int>(0)),
                            calls.add("7", std::make_shared<int>(1)),
                            calls.add("7", std::make_shared<int>(2))};
    CHECK(*calls.find("7") == 0);
    calls.remove(places[0]);
    CHECK(*calls.find("7") == 1);
    calls.remove(places[2]);
    CHECK(*calls.find("7") == 1);
    calls.remove(places[1]);
    CHECK(!calls.find("7"));
    CHECK(!calls.any());
}

TEST_CASE("a call lives in the table until it is removed")
{
    table calls;
    std::weak_ptr<int> watched;
    {
        auto const call = std::make_shared<int>(1);
        watched = call;
        calls.add("1", call);
    }
    CHECK(*calls.any() == 1);
    CHECK(!watched.expired());
    calls.remove(calls.add("2", nullptr));
    CHECK(!watched.expired());
}

TEST_CASE("a cancellation tells all who asked, once, and says from then on that it was")
{
    cancellation c;
    int told = 0;
    cancellation::handler add_one = [&] { ++told; };
    cancellation::handler add_ten = [&] { told += 10; };
    CHECK(c.add(add_one) != 0);
    CHECK(c.add(add_ten) != 0);
    CHECK(!c.cancelled());
    c.cancel();
    CHECK(c.cancelled());
    CHECK(told == 11);
    c.cancel();
    CHECK(told == 11);
    cancellation::handler late = [&] { told += 100; };
    CHECK(c.add(late) == 0);
    CHECK(told == 11);
    REQUIRE(late); // it is still the caller's
    late();
    CHECK(told == 111);
}

TEST_CASE("who is removed is not told")
{
    cancellation c;
    std::vector<int> told;
    std::vector<std::uint64_t> numbers;
    for (int i = 0; i < 3; ++i)
    {
        cancellation::handler h = [&told, i] { told.push_back(i); };
        numbers.push_back(c.add(h));
    }
    c.remove(numbers[0]);
    c.remove(numbers[0]);
    c.remove(12345);
    c.cancel();
    std::sort(told.begin(), told.end());
    CHECK(told == std::vector{1, 2});
    c.remove(numbers[1]);
}

TEST_CASE("what is over tells nobody, and lets go of who asked")
{
    cancellation c;
    auto const kept = std::make_shared<int>();
    cancellation::handler h = [kept] { FAIL("told"); };
    CHECK(c.add(h) != 0);
    CHECK(kept.use_count() == 2);
    c.end();
    CHECK(kept.use_count() == 1);
    cancellation::handler late = [kept] { FAIL("told"); };
    CHECK(c.add(late) != 0);
    c.cancel();
    CHECK(!c.cancelled());
}

TEST_CASE("a handler that throws keeps nobody from being told")
{
    cancellation c;
    int told = 0;
    for (int i = 0; i < 3; ++i)
    {
        cancellation::handler h = [&told, i] {
            ++told;
            throw std::runtime_error{std::to_string(i)};
        };
        c.add(h);
    }
    CHECK_THROWS_WITH(c.cancel(), "0");
    CHECK(told == 3);
}

TEST_CASE("a handler may cancel, remove and add again")
{
    cancellation c;
    int told = 0;
    cancellation::handler more = [&] { told += 10; };
    cancellation::handler h = [&] {
        ++told;
        c.cancel();
        c.remove(1);
        CHECK(c.add(more) == 0);
    };
    c.add(h);
    c.cancel();
    CHECK(told == 1);
}

TEST_CASE("threads that ask while another one cancels are told or turned away, each of them")
{
    for (int round = 0; round < 200; ++round)
    {
        cancellation c;
        std::atomic<int> told = 0, turned_away = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 2; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 20; ++n)
                {
                    cancellation::handler h = [&] { ++told; };
                    turned_away += c.add(h) == 0;
                }
            });
        threads.emplace_back([&] { c.cancel(); });
        for (auto& t : threads)
            t.join();
        CHECK(told + turned_away == 40);
    }
}
