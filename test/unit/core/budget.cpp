// SPDX-License-Identifier: BSL-1.0
//
// Proves that a budget is never exceeded by what asks first, and gets back exactly what was taken.
#include "core/budget.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <memory>
#include <utility>

using oizys::rpc::detail::budget;
using oizys::rpc::detail::charge;

TEST_CASE("a charge takes what the budget has left, and no more")
{
    auto const all = std::make_shared<budget>(10);
    charge first{all};
    charge second{all};
    CHECK(first.try_add(4));
    CHECK(second.try_add(6));
    CHECK_FALSE(first.try_add(1));
    CHECK(first.try_add(0));
    CHECK(all->used() == 10);
}

TEST_CASE("a charge is given back once, by who has it last")
{
    auto const all = std::make_shared<budget>(10);
    {
        charge outer{all};
        {
            charge inner{all};
            CHECK(inner.try_add(3));
            charge const moved{std::move(inner)};
            CHECK(all->used() == 3);
        }
        CHECK(all->used() == 0);
        CHECK(outer.try_add(10));
    }
    CHECK(all->used() == 0);
}

TEST_CASE("what cannot be refused may exceed the budget, and is refused to others until it is given back")
{
    auto const all = std::make_shared<budget>(10);
    charge other{all};
    {
        charge forced{all};
        forced.add(11);
        CHECK(all->used() == 11);
        CHECK_FALSE(other.try_add(0));
        CHECK_FALSE(other.try_add(std::numeric_limits<std::size_t>::max()));
    }
    CHECK_FALSE(other.try_add(11));
    CHECK(other.try_add(10));
}

TEST_CASE("a charge may outlive who else holds the budget")
{
    auto all = std::make_shared<budget>(10);
    charge last{all};
    CHECK(last.try_add(10));
    all.reset();
    CHECK_FALSE(last.try_add(1));
}
