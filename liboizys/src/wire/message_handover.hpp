// SPDX-License-Identifier: BSL-1.0
//
// The messages of a stream that keeps them apart itself, on their way to a session of framing::message: each with its
// length in front, as far as there is room, and a long one as it comes. No I/O.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace oizys::wire
{

class message_handover
{
public:
    static constexpr std::size_t first_part =
        512; ///< bytes of room for the beginning: what an idle session waits with
    static constexpr std::size_t next_part =
        65536; ///< for what follows; and no more memory than this is kept

    /// Room for bytes of the message that is being received, valid until the next call. `commit` is told of them.
    std::span<char> prepare();
    void commit(std::size_t n) noexcept { end_ += n; }
    /// Bytes that were received and not handed out.
    std::size_t received() const noexcept { return end_ - begin_; }

    /// The message that is being received has so many bytes, and can be handed out. Zero: it is over.
    void begin(std::size_t size) noexcept;
    /// A message is being handed out.
    bool has_begun() const noexcept { return size_ != 0; }

    /// Hands out what was received of it; returns how many bytes of `room` were filled.
    std::size_t hand_out(std::span<char> room);
    /// All that was received is handed out, and more of the message, `n` bytes, was put behind it.
    void passed(std::size_t n) noexcept;

private:
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t size_ = 0;       ///< of the message that is handed out
    std::size_t handed_out_ = 0; ///< bytes of it and of its length
};

} // namespace oizys::wire
