// SPDX-License-Identifier: BSL-1.0
//
// The negotiated mode of header24: both ends agree, with the hello of WAMP RawSocket, on how long frames may
// be and on what they hold; between two oizys ends also on compression, parts, descriptors and shared
// memory. docs/protocol.md, "The negotiated mode".
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace oizys
{

/// What the messages of a negotiated connection are. The first three are those of WAMP; what they say is for
/// the layers above. The last one is ours: any bytes, and the extensions below.
enum class serializer : std::uint8_t
{
    json = 1,
    msgpack = 2,
    cbor = 3,
    oizys = 15,
};

/// Some of them: `serializer::json | serializer::msgpack`.
class serializer_set
{
public:
    constexpr serializer_set(serializer one) noexcept // NOLINT(google-explicit-constructor)
        : bits_{static_cast<std::uint16_t>(1u << static_cast<unsigned>(one))}
    {
    }

    constexpr bool contains(serializer one) const noexcept
    {
        return (bits_ & serializer_set{one}.bits_) != 0;
    }

    friend constexpr serializer_set operator|(serializer_set a, serializer_set b) noexcept
    {
        a.bits_ = static_cast<std::uint16_t>(a.bits_ | b.bits_);
        return a;
    }

private:
    std::uint16_t bits_;
};

constexpr serializer_set operator|(serializer a, serializer b) noexcept
{
    return serializer_set{a} | serializer_set{b};
}

/// Options of the negotiated mode.
struct negotiation_options
{
    /// Connecting: the mode is asked for; where the other end refuses, the connection fails. Accepting with
    /// `framing::detect`: the mode is entered when the other end asks for it.
    bool enabled = false;
    serializer asked = serializer::oizys;        ///< for, when connecting
    serializer_set accepted = serializer::oizys; ///< when accepting

    /// Nothing received for so long: the other end is asked for a sign of life. Zero: never.
    std::chrono::milliseconds ping_interval{30000};
    /// No sign of life so long after that: the session ends with `timed_out`.
    std::chrono::milliseconds ping_timeout{10000};

    /// Bytes of messages that are received and kept while the session is paused or has no handler: what stands behind
    /// them, such as a ping, is read. Beyond, it reads nothing. Zero: nothing is read meanwhile.
    std::size_t max_held_bytes = 65536;

    // What follows holds where both ends are oizys.

    /// Whether messages are sent compressed; unset: over tcp and tls, and not over what stays on this machine.
    std::optional<bool> compress{};
    std::size_t compress_from = 4096; ///< bytes; shorter messages are sent as they are
    int compression_level = 1;        ///< as zstd counts them

    /// Bytes; a longer message travels in parts of this length, and shorter ones may overtake it. At least 4096.
    std::size_t part_size = 262144;

    /// Bytes; messages from here on travel in shared memory where descriptors can be passed. Zero: never.
    std::size_t shared_from = 262144;

    std::size_t max_descriptors = 16; ///< that one message may bring; at most 250
    /// Received, and their messages not complete yet; also those that wait to be sent. At least max_descriptors.
    std::size_t max_queued_descriptors = 64;
};

} // namespace oizys
