// SPDX-License-Identifier: BSL-1.0
//
// Blocks that double in size.
#include "codec/scratch.hpp"

#include <algorithm>
#include <utility>

namespace oizys::rpc::detail
{

char* scratch::reserve(std::size_t size)
{
    if (blocks_.empty() || size_ - used_ < size)
    {
        constexpr std::size_t smallest = 256;
        std::size_t const wanted = std::max({size, 2 * size_, smallest});
        blocks_.push_back(std::unique_ptr<char[]>{new char[wanted]}); // not initialised
        size_ = wanted;
        used_ = 0;
    }
    return blocks_.back().get() + used_;
}

void scratch::release() noexcept
{
    std::swap(blocks_.front(), blocks_.back());
    blocks_.resize(1);
    used_ = 0;
}

} // namespace oizys::rpc::detail
