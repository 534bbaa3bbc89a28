// SPDX-License-Identifier: BSL-1.0
//
// Proves the accounts of streams: a sender never sends more than it was granted, and a reader never has more than
// its window, whatever the other end says.
#include "core/incoming_items.hpp"
#include "core/stream_credit.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <random>

using oizys::rpc::detail::incoming_items;
using oizys::rpc::detail::stream_credit;

namespace
{

std::uint32_t take_all(stream_credit& credit)
{
    std::uint32_t taken = 0;
    while (credit.take())
        ++taken;
    return taken;
}

} // namespace

TEST_CASE("as many values are sent as were granted, and no more")
{
    stream_credit credit{3, 100};
    CHECK(take_all(credit) == 3);
    CHECK(!credit.take());
    credit.grant(0);
    CHECK(!credit.take());
    credit.grant(2);
    CHECK(take_all(credit) == 2);
}

TEST_CASE("what is granted beyond the limit is not believed, and overflows nothing")
{
    stream_credit credit{std::numeric_limits<std::uint32_t>::max(), 10};
    CHECK(credit.left() == 10);
    credit.grant(std::numeric_limits<std::uint64_t>::max());
    CHECK(credit.left() == 10);
    CHECK(credit.take());
    credit.grant(std::numeric_limits<std::uint64_t>::max());
    CHECK(credit.left() == 10);
    stream_credit widest{std::numeric_limits<std::uint32_t>::max(),
                         std::numeric_limits<std::uint32_t>::max()};
    CHECK(widest.take());
    widest.grant(std::numeric_limits<std::uint64_t>::max());
    CHECK(widest.left() == std::numeric_limits<std::uint32_t>::max());
}

TEST_CASE("values are given in the order in which they came, and not without one")
{
    incoming_items items{4};
    for (auto const* text : {"a", "b", "c"})
    {
        REQUIRE(items.expect());
        items.keep(text);
    }
    CHECK(items.waiting() == 3);
    CHECK(items.take() == "a");
    CHECK(items.take() == "b");
    CHECK(items.take() == "c");
    CHECK(!items.take());
}

TEST_CASE("more values than the window allows are not expected until enough have been read")
{
    incoming_items items{4};
    for (int i = 0; i < 4; ++i)
        CHECK(items.expect());
    CHECK(!items.expect());
    CHECK(items.on_read() == 0);
    CHECK(!items.expect());
    CHECK(items.on_read() == 2);
    CHECK(items.expect());
    CHECK(items.expect());
    CHECK(!items.expect());
}

TEST_CASE("a window of one, or of nothing, lets one value come at a time")
{
    incoming_items items{GENERATE(0u, 1u)};
    CHECK(items.window() == 1);
    for (int i = 0; i < 3; ++i)
    {
        CHECK(items.expect());
        CHECK(!items.expect());
        CHECK(items.on_read() == 1);
    }
}

TEST_CASE("a sender and a reader that keep to their accounts always get on, and the window is never exceeded")
{
    auto const seed = GENERATE(range(0u, 20u));
    std::mt19937 random{seed};
    auto const window = std::uniform_int_distribution<std::uint32_t>{1, 40}(random);
    stream_credit credit{window, 1024};
    incoming_items items{window};
    std::size_t sent = 0, read = 0, on_the_way = 0;
    std::uint64_t granted = 0; // on the way back
    while (read < 2000)
    {
        switch (random() % 4)
        {
        case 0:
            if (credit.take())
                ++sent, ++on_the_way;
            break;
        case 1:
            if (on_the_way != 0)
            {
                --on_the_way;
                REQUIRE(items.expect());
                items.keep("x");
            }
            break;
        case 2:
            if (items.take())
            {
                ++read;
                granted += items.on_read();
            }
            break;
        default: credit.grant(std::exchange(granted, 0)); break;
        }
        REQUIRE(items.waiting() + on_the_way + credit.left() + granted <= window);
    }
    CHECK(sent >= read);
}
