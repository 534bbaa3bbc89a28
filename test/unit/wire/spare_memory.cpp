// SPDX-License-Identifier: BSL-1.0
//
// Proves what is kept of strings that are not needed, how much at most, and for whom. Each case has a thread of its own,
// so that it begins with nothing.
#include "wire/spare_memory.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <utility>

namespace
{

using oizys::wire::spare_memory;

void in_a_thread(std::function<void()> const& what) { std::thread{what}.join(); }

std::string with_room(std::size_t size)
{
    std::string s;
    s.reserve(size);
    return s;
}

} // namespace

TEST_CASE("the memory of a large string is used again")
{
    in_a_thread([] {
        auto s = with_room(100000);
        auto const* const memory = s.data();
        spare_memory::give(std::move(s));
        CHECK(spare_memory::kept() >= 100000);
        auto const again = spare_memory::take(90000);
        CHECK(again.data() == memory);
        CHECK(again.empty());
        CHECK(spare_memory::kept() == 0);
    });
}

TEST_CASE("who takes memory gets as much as it asks for, and of what is kept the smallest that suffices")
{
    in_a_thread([] {
        for (std::size_t const size : {300000u, 100000u, 200000u})
            spare_memory::give(with_room(size));
        auto const fits = spare_memory::take(150000);
        CHECK(fits.capacity() >= 200000);
        CHECK(fits.capacity() < 300000);
        CHECK(spare_memory::take(400000).capacity() >= 400000);
        CHECK(spare_memory::kept() < 500000);
        CHECK(spare_memory::kept() >= 400000);
        CHECK(spare_memory::take(10).capacity() < spare_memory::smallest);
        CHECK(spare_memory::kept() >= 400000); // not wasted on a small one
    });
}

TEST_CASE("neither small strings are kept nor those that are larger than all that may be")
{
    in_a_thread([] {
        spare_memory::give({});
        spare_memory::give(with_room(spare_memory::smallest - 1));
        spare_memory::give(with_room(spare_memory::most_bytes + 1));
        CHECK(spare_memory::kept() == 0);
        spare_memory::give(with_room(spare_memory::smallest));
        CHECK(spare_memory::kept() == spare_memory::smallest);
    });
}

TEST_CASE("no more is kept than most_bytes, nor more than most_strings; the oldest goes first")
{
    in_a_thread([] {
        constexpr auto third = spare_memory::most_bytes / 3;
        for (std::size_t i = 0; i < 4; ++i)
        {
            spare_memory::give(with_room(third + i));
            CHECK(spare_memory::kept() <= spare_memory::most_bytes);
        }
        CHECK(spare_memory::kept() >= 2 * third);
        CHECK(spare_memory::take(third).capacity() == third + 2);
        CHECK(spare_memory::take(third).capacity() == third + 3);
        CHECK(spare_memory::kept() == 0);

        for (std::size_t i = 0; i < spare_memory::most_strings + 5; ++i)
            spare_memory::give(with_room(spare_memory::smallest));
        CHECK(spare_memory::kept() == spare_memory::most_strings * spare_memory::smallest);
    });
}

TEST_CASE("making room keeps what is there")
{
    in_a_thread([] {
        std::string s(spare_memory::smallest, 's');
        spare_memory::reserve(s, 10);
        CHECK(s.capacity() < 200000);
        spare_memory::give(with_room(200000));
        spare_memory::reserve(s, 190000);
        CHECK(s == std::string(spare_memory::smallest, 's'));
        CHECK(s.capacity() >= 200000);
        CHECK(spare_memory::kept() >= spare_memory::smallest); // what it lay in before
        CHECK(spare_memory::kept() < 200000);
    });
}

TEST_CASE("each thread keeps its own")
{
    in_a_thread([] {
        spare_memory::give(with_room(100000));
        in_a_thread([] { CHECK(spare_memory::kept() == 0); });
        CHECK(spare_memory::kept() != 0);
    });
}

TEST_CASE("sessions that end after their thread's variables do no harm")
{
    struct late
    {
        std::size_t* size = nullptr;
        ~late()
        {
            spare_memory::give(with_room(100000));
            *size = spare_memory::take(200000).capacity() + spare_memory::kept();
        }
    };
    std::size_t size = 0;
    in_a_thread([&] {
        thread_local late last; // made first, destroyed last
        last.size = &size;
        spare_memory::give(with_room(100000));
    });
    CHECK(size >= 200000);
    CHECK(size < 300000);
}
