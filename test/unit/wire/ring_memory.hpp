// SPDX-License-Identifier: BSL-1.0
//
// Memory for a ring, with a pattern on either side that must stay as it is.
#pragma once

#include "wire/byte_ring.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace oizys::test
{

class ring_memory
{
public:
    explicit ring_memory(std::size_t capacity) : bytes_(capacity + 2 * margin, untouched) {}

    wire::ring_view view() { return {&control, {bytes_.data() + margin, bytes_.size() - 2 * margin}}; }

    bool margins_untouched() const
    {
        auto const is_untouched = [](char c) { return c == untouched; };
        return std::all_of(bytes_.begin(), bytes_.begin() + margin, is_untouched) &&
               std::all_of(bytes_.end() - margin, bytes_.end(), is_untouched);
    }

    wire::ring_control control;

private:
    static constexpr std::ptrdiff_t margin = 64;
    static constexpr char untouched = '\x5a';
    std::vector<char> bytes_;
};

} // namespace oizys::test
