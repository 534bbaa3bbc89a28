// SPDX-License-Identifier: BSL-1.0
//
// What two ends that have negotiated do beyond plain frames: compression, messages in parts, descriptors,
// shared memory, ping and pong. It makes frames of messages and messages of frames; reading, writing and
// the time are the session's.
//
// docs/protocol.md, "The negotiated mode".
#pragma once

#include <oizys/negotiation.hpp>
#include <oizys/unique_fd.hpp>

#include "descriptor_queue.hpp"
#include "shared_payload.hpp"
#include "wire/hello.hpp"
#include "wire/send_queue.hpp"

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::detail
{

/// A message out of one or more frames, where it lies.
struct received_message
{
    std::string_view view;                ///< in the frame, in `own`, or in `shared`
    std::string own;                      ///< joined or decompressed
    std::optional<shared_payload> shared; ///< mapped
    std::vector<unique_fd> descriptors;
};

class negotiated_link
{
public:
    using clock = std::chrono::steady_clock;

    /// In shared memory, that may be under way at once: the kernel lets a user have only so many descriptors under
    /// way in all (RLIMIT_NOFILE), whoever does not read them.
    static constexpr std::size_t most_shared_messages = 16;
    /// Of one message; the kernel's own limit is 253.
    static constexpr std::size_t most_descriptors = 250;

    /// What a frame was.
    enum class arrival : std::uint8_t
    {
        nothing, ///< for the session to do
        message,
        ping, ///< a pong is to be sent
        pong, ///< for on_pong
    };

    /// `compresses` is what `options.compress` says, or what fits the transport.
    negotiated_link(wire::agreement const& agreed, negotiation_options const& options,
                    std::size_t max_message, bool compresses);

    // --- sending

    /// The longest message, in bytes, that the other end takes.
    std::size_t max_message_sent() const noexcept;
    bool passes_descriptors() const noexcept { return agreed_.theirs.descriptors; }
    /// Of one message, that both ends allow.
    std::size_t max_descriptors() const noexcept { return max_descriptors_sent_; }
    /// Whether a message of this size may leave in one ordinary frame, so that it can be encoded in place.
    bool is_plain(std::size_t size) const noexcept { return size < unusual_from_; }

    /// Whether a message of this size would travel in shared memory.
    bool may_share(std::size_t size) const noexcept { return size >= shared_from_; }
    /// Shared memory that was sent lives until the other end has received it, and no limit of the socket's knows
    /// how much that is. `all_read`: it has received all that has left `out`. Beyond `most` bytes, or
    /// `most_shared_messages`, that may be under way, messages travel as ordinary ones.
    void bound_shared(std::size_t most, bool all_read, wire::send_queue const& out) noexcept
    {
        most_shared_ = most;
        if (!all_read)
            return;
        shared_under_way_ = out.attached_bytes();
        shared_messages_ = out.attached_messages();
    }

    /// Makes frames of the message. What does not fit into one waits here for `next_part`. `own`: where the message
    /// lies, if that may be taken.
    void send(std::string_view message, std::vector<unique_fd> descriptors, wire::send_queue& out,
              std::string* own = nullptr);
    void ping(clock::time_point now, wire::send_queue& out) const;
    static void pong(std::string_view payload, wire::send_queue& out);

    /// The next part of the oldest message that waits; false where none does.
    bool next_part(wire::send_queue& out);
    std::size_t waiting_messages() const noexcept { return long_.size(); }
    std::size_t waiting_bytes() const noexcept { return waiting_bytes_; }
    std::size_t waiting_descriptors() const noexcept { return waiting_descriptors_; }

    /// Forgets what waits.
    void clear() noexcept
    {
        long_.clear();
        waiting_bytes_ = waiting_descriptors_ = 0;
    }

    // --- receiving

    /// Takes a frame. `view` of the message is valid as long as `payload` and `message` are.
    /// Errors, all final: `errc::bad_frame`, `message_too_large`, `bad_payload`, `bad_descriptors`.
    arrival on_frame(std::uint8_t type_byte, std::string_view payload, descriptor_queue& descriptors,
                     received_message& message, boost::system::error_code& ec);

    /// Bytes of a message whose last part has not come yet.
    std::size_t joined_bytes() const noexcept { return joined_.size(); }

    void on_pong(std::string_view payload, clock::time_point now) noexcept;

    /// Between the last ping and its pong; nothing before the first.
    std::optional<std::chrono::nanoseconds> round_trip() const noexcept { return round_trip_; }
    wire::agreement const& agreed() const noexcept { return agreed_; }

private:
    struct long_message
    {
        std::string bytes;
        std::size_t sent = 0;
        std::uint8_t flags = 0;
        std::vector<unique_fd> descriptors;
    };

    void send_frame(std::uint8_t type, std::uint8_t flags, std::string_view payload,
                    std::vector<unique_fd> descriptors, wire::send_queue& out, std::size_t shared = 0) const;
    bool knows(std::uint8_t type_byte) const noexcept;
    void on_part(std::string_view payload, boost::system::error_code& ec);
    void on_message(std::uint8_t type_byte, std::string_view payload, descriptor_queue& descriptors,
                    received_message& message, boost::system::error_code& ec);
    void open_shared(std::string_view payload, received_message& message,
                     boost::system::error_code& ec) const;

    wire::agreement agreed_;
    std::size_t max_message_;
    std::size_t max_descriptors_;
    std::size_t max_descriptors_sent_;
    std::size_t part_size_;
    std::size_t compress_from_; ///< as the next two: more than any message has where it does not happen
    std::size_t shared_from_;
    std::size_t unusual_from_;
    int compression_level_;
    std::deque<long_message> long_;
    std::size_t waiting_bytes_ = 0;
    std::size_t waiting_descriptors_ = 0;
    std::size_t shared_under_way_ = 0; ///< bytes, queued or sent and maybe not received
    std::size_t shared_messages_ = 0;  ///< of these
    std::size_t most_shared_ = static_cast<std::size_t>(-1);
    std::string joined_; ///< the parts so far
    std::size_t last_joined_ =
        0; ///< bytes that the last message in parts took: the next one is likely to, too
    std::optional<std::chrono::nanoseconds> round_trip_;
};

} // namespace oizys::detail
