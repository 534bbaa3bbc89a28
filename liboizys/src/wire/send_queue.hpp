// SPDX-License-Identifier: BSL-1.0
//
// The messages that wait to be written, framed and gathered. No I/O: it shows what to write and is
// told how much was written.
#pragma once

#include <oizys/unique_fd.hpp>
#include <oizys/wire/framing.hpp>
#include <oizys/wire/header24.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::wire
{

/// Small messages are encoded one behind the other into one piece; large ones that are given away
/// become pieces of their own, without a copy.
class send_queue
{
public:
    static constexpr std::size_t owned_from = 16384; ///< bytes; a moved payload below this is copied
    static constexpr std::size_t piece_size = 65536; ///< bytes; a piece that is longer takes no more messages
    static constexpr std::size_t kept_capacity = 16384; ///< bytes kept for reuse when the queue is empty

    /// Room for the longest header: `Content-Length: `, 20 digits and two line ends.
    using header_room = std::array<char, 40>;

    explicit send_queue(oizys::framing kind) noexcept : kind_{kind} {}

    void push(std::string_view message)
    {
        if (kind_ != oizys::framing::header24 || !tail_takes_more())
            return push_anyhow(message);
        auto const header = encode_header24({.type = 0, .size = static_cast<std::uint32_t>(message.size())});
        auto& piece = pieces_.back();
        piece.append(header.data(), header.size());
        piece.append(message);
        count(header.size() + message.size());
    }
    void push_owned(std::string message);
    /// What precedes a payload of `size` bytes on the wire, and what follows it; for writing past the queue.
    std::string_view header_for(std::size_t size, header_room& room) const noexcept;
    std::string_view trailer() const noexcept;
    /// Queues a message of which `written` bytes, header included, were written past the queue, which was empty.
    void push_rest(std::string_view message, std::size_t written);

    /// Queues a frame of the negotiated mode, its payload in two pieces. The descriptors travel with its first byte;
    /// `attached` is how many bytes of memory they stand for.
    void push_frame(std::uint8_t type, std::string_view prefix, std::string_view payload,
                    std::vector<unique_fd> descriptors, std::size_t attached = 0);
    /// Queues bytes that are no message.
    void push_raw(std::string_view bytes);

    /// Opens a message: its payload is appended to the string, then `commit` or `cancel` is called.
    std::string& open();
    std::size_t open_size() const noexcept { return open_payload().size(); }
    std::string_view open_payload() const noexcept;
    void commit();
    void cancel() noexcept;

    /// The bytes to write next, in at most `room.size()` pieces; returns how many there are. They end where
    /// further descriptors are to travel along.
    std::size_t gather(std::span<std::string_view> room) const noexcept;
    /// The descriptors that travel with the first of these bytes. They are kept until it is consumed.
    std::span<unique_fd const> front_descriptors() const noexcept
    {
        return attached_ && attached_->front().at == written_ ? std::span{attached_->front().descriptors}
                                                              : std::span<unique_fd const>{};
    }
    /// The first `n` bytes of what `gather` shows were written.
    void consume(std::size_t n)
    {
        // Nearly always all of it is one ordinary piece, which stays for the next messages.
        bool const ordinary = n == bytes_ && pieces_.size() == 1 && !tail_is_owned_ && !attached_ &&
                              pieces_.front().capacity() <= 2 * kept_capacity &&
                              ends_.capacity() <= kept_capacity / sizeof(std::size_t);
        if (!ordinary)
            return consume_anyhow(n);
        pieces_.front().clear();
        ends_.clear();
        bytes_ = pushed_ = written_ = offset_ = first_end_ = 0;
    }

    /// Bytes that the framing adds to a message of `size` bytes.
    std::size_t overhead(std::size_t size) const noexcept;
    /// Whether the other end can tell where this message ends.
    bool can_delimit(std::string_view message) const noexcept
    {
        return kind_ != oizys::framing::newline ||
               (message.find('\n') == message.npos && !message.ends_with('\r'));
    }
    /// The longest payload, in bytes, whose length the framing can tell.
    std::size_t max_payload() const noexcept;

    std::size_t bytes() const noexcept { return bytes_; }
    /// Of memory that travels by descriptor, and is not among `bytes`.
    std::size_t attached_bytes() const noexcept { return attached_bytes_; }
    /// Descriptors that wait, and how many messages wait in memory of their own.
    std::size_t descriptors() const noexcept { return descriptors_; }
    std::size_t attached_messages() const noexcept { return attached_messages_; }
    /// Messages that are not yet written whole.
    std::size_t messages() const noexcept { return ends_.size() - first_end_; }
    bool empty() const noexcept { return bytes_ == 0; }
    oizys::framing framing() const noexcept { return kind_; }

    void set_framing(oizys::framing kind) noexcept { kind_ = kind; }
    void clear() noexcept;

private:
    struct attachment
    {
        std::size_t at; ///< in bytes since the queue was last empty
        std::vector<unique_fd> descriptors;
        std::size_t bytes = 0; ///< of memory
    };

    bool has_header24() const noexcept
    {
        return kind_ == oizys::framing::header24 || kind_ == oizys::framing::negotiated;
    }
    bool tail_takes_more() const noexcept
    {
        return pieces_.size() != first_piece_ && !tail_is_owned_ && pieces_.back().size() < piece_size;
    }
    void push_anyhow(std::string_view message);
    void consume_anyhow(std::size_t n);
    std::string& tail();
    void begin_frame(std::string& to, std::size_t payload_size) const;
    std::size_t open_header_size() const noexcept;
    void count(std::size_t frame_size)
    {
        pushed_ += frame_size;
        bytes_ += frame_size;
        ends_.push_back(pushed_);
    }
    void forget_written();
    std::size_t writable_at_once() const noexcept;
    void detach_written() noexcept;

    std::vector<std::string> pieces_;
    std::size_t first_piece_ = 0;
    std::size_t offset_ = 0;        ///< bytes of the first piece that were written
    std::vector<std::size_t> ends_; ///< where each message ends, in bytes since the queue was last empty
    std::size_t first_end_ = 0;
    std::size_t pushed_ = 0;  ///< bytes since the queue was last empty
    std::size_t written_ = 0; ///< of these
    std::size_t bytes_ = 0;
    std::size_t attached_bytes_ = 0;
    std::size_t attached_messages_ = 0;
    std::size_t descriptors_ = 0;
    std::unique_ptr<std::deque<attachment>> attached_; ///< never empty
    std::size_t open_at_ = 0;                          ///< where the open message's frame begins in its piece
    bool tail_is_owned_ = false;
    oizys::framing kind_;
};

} // namespace oizys::wire
