// SPDX-License-Identifier: BSL-1.0
//
// Proves that percentiles are right to 1 in 32, whatever was added, and how they are drawn.
#include "histogram.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace oizys::cli;
using namespace std::chrono_literals;

TEST_CASE("percentiles are those of the sorted list, to 1 in 32")
{
    std::mt19937_64 random{7};
    std::lognormal_distribution<double> spread{10, 2};
    histogram all;
    std::vector<std::int64_t> list;
    for (int i = 0; i < 10000; ++i)
    {
        list.push_back(static_cast<std::int64_t>(spread(random)));
        all.add(std::chrono::nanoseconds{list.back()});
    }
    std::sort(list.begin(), list.end());
    for (double const part : {0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0})
    {
        auto const rank = static_cast<std::size_t>(std::ceil(part * 10000));
        auto const exact = static_cast<double>(list[rank == 0 ? 0 : rank - 1]);
        auto const found = static_cast<double>(all.percentile(part).count());
        INFO(part);
        CHECK(found >= exact);
        CHECK(found <= exact * (1 + 1.0 / 32) + 1);
    }
    CHECK(all.count() == 10000);
    CHECK(all.min().count() == list.front());
    CHECK(all.max().count() == list.back());
}

TEST_CASE("small and extreme durations are kept")
{
    histogram all;
    CHECK(all.percentile(0.5) == 0ns);
    CHECK(all.mean() == 0ns);
    CHECK(all.rows().empty());
    for (auto const d : {0ns, 1ns, 31ns, 32ns, 63ns, 64ns, std::chrono::nanoseconds::max(), -5ns})
        all.add(d);
    CHECK(all.count() == 8);
    CHECK(all.min() == 0ns);
    CHECK(all.percentile(0.5) == 31ns);
    CHECK(all.percentile(1) == std::chrono::nanoseconds::max());
}

TEST_CASE("rows are steps of 1, 2, 5, also those in between that are empty")
{
    histogram all;
    for (auto const d : {10us, 10us, 15us, 90us})
        all.add(d);
    auto const rows = all.rows();
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].up_to == 10us);
    CHECK(rows[0].count == 2);
    CHECK(rows[1].up_to == 20us);
    CHECK(rows[2].up_to == 50us);
    CHECK(rows[2].count == 0);
    CHECK(rows[3].up_to == 100us);
    CHECK(draw(all, 4) == "    10 us |####          2  50.00 %\n"
                          "    20 us |##            1  25.00 %\n"
                          "    50 us |              0   0.00 %\n"
                          "   100 us |##            1  25.00 %\n");
}

TEST_CASE("durations have three digits and a unit")
{
    CHECK(duration_text(850ns) == "850 ns");
    CHECK(duration_text(12345ns) == "12.3 us");
    CHECK(duration_text(4560us) == "4.56 ms");
    CHECK(duration_text(1230ms) == "1.23 s");
}
