// SPDX-License-Identifier: BSL-1.0
//
// Where received bytes wait until they are whole messages. No I/O: it offers room, is told how much
// of it was filled, and shows what is there.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace oizys::wire
{

/// A buffer that starts small, doubles when a read fills it, and shrinks again when little arrives.
///
/// A frame whose payload is large is received into a string of its own, which can be given away
/// without a copy. Behind everything that `data()` shows, `padding` bytes may be read (their values
/// mean nothing): readers of JSON look ahead.
class receive_buffer
{
public:
    static constexpr std::size_t padding = 64;       ///< bytes readable behind the data
    static constexpr std::size_t initial_size = 256; ///< bytes, padding included
    static constexpr std::size_t largest_size =
        65536;                                       ///< bytes; payloads that need more get their own storage
    static constexpr std::size_t read_step = 262144; ///< bytes of a large payload that are made ready at once

    /// Room for the next read, never empty.
    std::span<char> prepare();
    /// `n` bytes of the room were filled.
    void commit(std::size_t n) noexcept;

    /// The bytes that were received and not consumed.
    std::string_view data() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
    /// Drops `n` bytes from the front; views of them stay readable until the next `prepare`.
    void consume(std::size_t n) noexcept { begin_ += n; }
    bool empty() const noexcept { return begin_ == end_; }

    /// The frame at the front takes `size` bytes (at least; `exact`: and no more, its payload beginning at
    /// `payload_offset`): makes room for it.
    void expect(std::size_t size, bool exact, std::size_t payload_offset);

    /// A payload is being received into its own storage.
    bool receives_large() const noexcept { return large_size_ != 0; }
    /// ... and is complete.
    bool large_complete() const noexcept { return large_size_ != 0 && large_filled_ == large_size_; }
    std::size_t large_size() const noexcept { return large_size_; } ///< bytes, of all of it
    /// Gives the complete payload away.
    std::string take_large() noexcept;

    std::size_t capacity() const noexcept { return capacity_; }

private:
    void grow(std::size_t data_size);
    void reallocate(std::size_t capacity);

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0; ///< without the padding
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t small_reads_ = 0; ///< in a row, each far smaller than the buffer
    std::string large_;           ///< as much of it as was made ready for reading
    std::size_t large_size_ = 0;
    std::size_t large_filled_ = 0;
    bool filled_ = false; ///< the last read filled all the room
};

} // namespace oizys::wire
