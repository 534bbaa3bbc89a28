// SPDX-License-Identifier: BSL-1.0
//
// Compares the table of pending calls with the plainest thing that could do its work, a map, over random
// steps: the same calls wait, the same deadline is next, and the same calls end at the same times.
#include "core/pending_calls.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using oizys::rpc::call_end;
using oizys::rpc::call_handler;
using oizys::rpc::detail::pending_calls;
using time_point = pending_calls::clock::time_point;

struct model_call
{
    int number;
    std::optional<time_point> deadline;
};

class comparison
{
public:
    comparison(unsigned seed, std::size_t max_pending, int timeouts)
        : random_{seed}, table_{max_pending}, max_pending_{max_pending}, timeouts_{timeouts}
    {
    }

    void step()
    {
        switch (draw(0, 9))
        {
        case 0:
        case 1:
        case 2:
        case 3: return add();
        case 4:
        case 5:
        case 6: return answer();
        case 7: return answer_late();
        case 8: return pass_time();
        default: return compare();
        }
    }

    void finish()
    {
        while (auto on_end = table_.extract_any())
            forget(number_of(on_end));
        REQUIRE(model_.empty());
        compare();
    }

    std::size_t most_pending() const { return most_pending_; }

private:
    int draw(int least, int most) { return std::uniform_int_distribution<int>{least, most}(random_); }

    int number_of(call_handler& on_end)
    {
        last_ = -1;
        on_end({});
        return last_;
    }

    void add()
    {
        int const number = next_number_++;
        call_handler on_end = [this, number](call_end const&) { last_ = number; };
        auto const timeout = std::chrono::milliseconds{draw(0, timeouts_)};
        auto const id = table_.add(on_end, now_, timeout);
        REQUIRE(id.has_value() == (model_.size() < max_pending_));
        REQUIRE(static_cast<bool>(on_end) == !id);
        if (!id)
            return;
        auto const deadline = timeout == 0ms ? std::nullopt : std::optional{now_ + timeout};
        REQUIRE(model_.try_emplace(*id, model_call{number, deadline}).second); // unique among those that wait
        most_pending_ = std::max(most_pending_, model_.size());
    }

    void answer()
    {
        if (model_.empty())
            return;
        auto const at = std::next(model_.begin(), draw(0, static_cast<int>(model_.size()) - 1));
        auto on_end = table_.extract(at->first);
        REQUIRE(on_end);
        REQUIRE(number_of(on_end) == at->second.number);
        gone_.push_back(at->first);
        model_.erase(at);
    }

    void answer_late()
    {
        if (gone_.empty())
            return;
        auto const id = gone_[static_cast<std::size_t>(draw(0, static_cast<int>(gone_.size()) - 1))];
        if (!model_.contains(id)) // generations come round in the end
            REQUIRE(!table_.extract(id));
    }

    void pass_time()
    {
        now_ += std::chrono::milliseconds{draw(0, 20)};
        auto last = time_point::min();
        std::uint32_t id = 0;
        while (auto on_end = table_.extract_expired(now_, id))
        {
            auto const deadline = forget(number_of(on_end));
            REQUIRE(deadline);
            REQUIRE(gone_.back() == id);
            REQUIRE(*deadline <= now_);
            REQUIRE(*deadline >= last);
            last = *deadline;
        }
        for (auto const& [waits, call] : model_)
            REQUIRE((!call.deadline || *call.deadline > now_));
    }

    void compare()
    {
        REQUIRE(table_.size() == model_.size());
        std::optional<time_point> next;
        for (auto const& [id, call] : model_)
            if (call.deadline && (!next || *call.deadline < *next))
                next = call.deadline;
        REQUIRE(table_.next_deadline() == next);
    }

    std::optional<time_point> forget(int number)
    {
        auto const at =
            std::ranges::find_if(model_, [&](auto const& entry) { return entry.second.number == number; });
        REQUIRE(at != model_.end());
        auto const deadline = at->second.deadline;
        gone_.push_back(at->first);
        model_.erase(at);
        return deadline;
    }

    std::mt19937 random_;
    pending_calls table_;
    std::map<std::uint32_t, model_call> model_;
    std::vector<std::uint32_t> gone_;
    std::size_t max_pending_;
    std::size_t most_pending_ = 0;
    time_point now_{};
    int timeouts_; ///< 0, 1, 2, ... so many milliseconds
    int next_number_ = 0;
    int last_ = -1;
};

} // namespace

TEST_CASE("the table of pending calls does what a map would do")
{
    auto const max_pending = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{200});
    auto const timeouts = GENERATE(0, 3, 31, 32, 500);
    for (unsigned seed = 0; seed < 4; ++seed)
    {
        INFO("max_pending " << max_pending << ", timeouts 0 to " << timeouts << ", seed " << seed);
        comparison both{seed, max_pending, timeouts};
        for (int i = 0; i < 4000; ++i)
            both.step();
        both.finish();
        CHECK(both.most_pending() > 0);
    }
}
