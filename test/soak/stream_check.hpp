// SPDX-License-Identifier: BSL-1.0
//
// What must hold for the messages of one direction: none changed, none twice, none out of order, and none lost
// where it is known how many there were.
#pragma once

#include "message.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace oizys::soak
{

/// How many messages each lane had.
struct lane_totals
{
    std::uint64_t small = 0;
    std::uint64_t large = 0;

    friend bool operator==(lane_totals const&, lane_totals const&) = default;
};

/// Checks the messages of one direction as they arrive.
class stream_check
{
public:
    /// Takes a message apart; in `wrong` it says what is wrong with it, else it is untouched.
    std::optional<parsed_message> on_message(std::string_view message, std::string& wrong);

    lane_totals received() const noexcept { return {next_small_, next_large_ + early_.size()}; }
    dress as() const noexcept { return as_; }

    /// The totals have come, and everything they speak of.
    bool complete() const noexcept { return totals_ && *totals_ == received(); }
    bool has_totals() const noexcept { return totals_.has_value(); }
    std::string describe() const;

private:
    bool is_tiny(std::string_view message) const noexcept;
    std::string check_number(message_label const& label);

    bool known_ = false; ///< what the first message says
    dress as_ = dress::bytes;
    std::uint64_t stream_ = 0;
    std::uint64_t next_small_ = 0;
    std::uint64_t next_large_ = 0; ///< all before have come
    std::set<std::uint64_t> early_;
    std::optional<lane_totals> totals_;
};

std::string encode(lane_totals const& totals);

} // namespace oizys::soak
