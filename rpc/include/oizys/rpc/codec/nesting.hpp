// SPDX-License-Identifier: BSL-1.0
//
// Which of the open containers are objects: one bit a level, innermost level in bit 0. The first 64 levels
// take no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace oizys::rpc::detail
{

class nesting
{
public:
    std::size_t depth() const noexcept { return depth_; }
    /// Whether the innermost open container is an object.
    bool in_object() const noexcept { return (bits_ & 1) != 0; }

    void push(bool object)
    {
        if (depth_ != 0 && depth_ % 64 == 0)
            outer_.push_back(bits_);
        bits_ = bits_ << 1 | static_cast<std::uint64_t>(object);
        ++depth_;
    }

    void pop() noexcept
    {
        --depth_;
        bits_ >>= 1;
        if (depth_ != 0 && depth_ % 64 == 0)
        {
            bits_ = outer_.back();
            outer_.pop_back();
        }
    }

    void clear() noexcept
    {
        bits_ = 0;
        depth_ = 0;
        outer_.clear();
    }

private:
    std::uint64_t bits_ = 0;
    std::size_t depth_ = 0;
    std::vector<std::uint64_t> outer_;
};

} // namespace oizys::rpc::detail
