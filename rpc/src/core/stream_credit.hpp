// SPDX-License-Identifier: BSL-1.0
//
// How many values a stream may send ahead of who reads them.
#pragma once

#include <algorithm>
#include <cstdint>

namespace oizys::rpc::detail
{

class stream_credit
{
public:
    /// `most`: more than that is never believed, whatever the other end grants.
    stream_credit(std::uint32_t first, std::uint32_t most) noexcept
        : left_{std::min(first, most)}, most_{most}
    {
    }

    /// Whether one value may be sent now; then it is counted as sent.
    bool take() noexcept
    {
        if (left_ == 0)
            return false;
        --left_;
        return true;
    }

    /// The reader has room for `more` values.
    void grant(std::uint64_t more) noexcept
    {
        left_ += static_cast<std::uint32_t>(std::min<std::uint64_t>(more, most_ - left_));
    }

    std::uint32_t left() const noexcept { return left_; }

private:
    std::uint32_t left_;
    std::uint32_t most_;
};

} // namespace oizys::rpc::detail
