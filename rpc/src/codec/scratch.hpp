// SPDX-License-Identifier: BSL-1.0
//
// Memory for decoded strings that lasts until the next message; it never moves.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace oizys::rpc::detail
{

class scratch
{
public:
    /// Room for `size` bytes, of which the caller keeps what it needs.
    char* reserve(std::size_t size);
    /// Keeps the first `size` bytes of what reserve() gave.
    void keep(std::size_t size) noexcept { used_ += size; }

    /// Gives everything back; the largest block stays for the next message.
    void clear() noexcept
    {
        if (!blocks_.empty())
            release();
    }
    std::size_t capacity() const noexcept { return size_; }

private:
    void release() noexcept;

    std::vector<std::unique_ptr<char[]>> blocks_; ///< each one at least as large as the one before
    std::size_t size_ = 0;                        ///< of the last block
    std::size_t used_ = 0;                        ///< of the last block
};

} // namespace oizys::rpc::detail
