// SPDX-License-Identifier: BSL-1.0
//
// Small helpers of the codecs: flags, nesting, scratch memory.
#include "codec/flags.hpp"
#include "codec/scratch.hpp"

#include <oizys/rpc/codec/nesting.hpp>

#include <catch2/catch.hpp>

#include <cstring>
#include <set>
#include <vector>

using namespace oizys::rpc::detail;

TEST_CASE("flags are independent of each other, beyond one word too", "[codec]")
{
    for (std::size_t const count : {0u, 1u, 64u, 65u, 128u, 129u, 300u})
    {
        flags f{count};
        std::set<std::size_t> set;
        for (std::size_t i = 0; i < count; i += 7)
        {
            f.set(i);
            set.insert(i);
        }
        for (std::size_t i = 0; i < count; ++i)
            if (f.test(i) != set.contains(i))
                FAIL(i << " of " << count);
    }
}

TEST_CASE("nesting remembers every level", "[codec]")
{
    nesting open;
    std::vector<bool> expected;
    auto const agree = [&] {
        return open.depth() == expected.size() && (expected.empty() || open.in_object() == expected.back());
    };
    for (int round = 0; round < 2; ++round)
    {
        for (std::size_t i = 0; i < 300; ++i)
        {
            expected.push_back(i % 3 == 0 || i % 64 == 1);
            open.push(expected.back());
            if (!agree())
                FAIL("going in, level " << i);
        }
        while (!expected.empty())
        {
            expected.pop_back();
            open.pop();
            if (!agree())
                FAIL("going out, level " << expected.size());
        }
    }
    open.push(true);
    open.clear();
    CHECK(open.depth() == 0);
    CHECK(!open.in_object());
}

TEST_CASE("scratch memory does not move, and its largest block is used again", "[codec]")
{
    scratch memory;
    std::vector<char*> places;
    for (std::size_t size = 1; size < 2000; size += 13)
    {
        char* const p = memory.reserve(size);
        std::memset(p, static_cast<int>(size % 100), size);
        memory.keep(size);
        places.push_back(p);
    }
    std::size_t size = 1;
    for (char const* p : places)
    {
        for (std::size_t i = 0; i < size; ++i)
            if (p[i] != static_cast<char>(size % 100))
                FAIL(size);
        size += 13;
    }
    std::size_t const capacity = memory.capacity();
    memory.clear();
    memory.reserve(capacity);
    CHECK(memory.capacity() == capacity);
}
