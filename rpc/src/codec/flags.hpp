// SPDX-License-Identifier: BSL-1.0
//
// A few flags whose number is known at run time; up to 64 of them take no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace oizys::rpc::detail
{

class flags
{
public:
    explicit flags(std::size_t count) : more_(count > 64 ? (count - 1) / 64 : 0) {}

    void set(std::size_t i) noexcept { word(i) |= std::uint64_t{1} << i % 64; }
    bool test(std::size_t i) noexcept { return (word(i) >> i % 64 & 1) != 0; }

private:
    std::uint64_t& word(std::size_t i) noexcept { return i < 64 ? first_ : more_[i / 64 - 1]; }

    std::uint64_t first_ = 0;
    std::vector<std::uint64_t> more_;
};

} // namespace oizys::rpc::detail
