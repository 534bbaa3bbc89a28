// SPDX-License-Identifier: BSL-1.0
//
// How two ends enter the negotiated mode: the hello of WAMP RawSocket, and between two oizys ends an offer
// behind it. Pure: bytes in, bytes and a result out.
//
// WAMP, "RawSocket Transport"; docs/protocol.md, "The negotiated mode".
#pragma once

#include <oizys/error.hpp>
#include <oizys/negotiation.hpp>

#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace oizys::wire
{

inline constexpr std::size_t hello_size = 4; ///< bytes
inline constexpr char hello_magic = 0x7f;    ///< the first of them

/// Why a hello is answered with a refusal. The values are those on the wire.
enum class refusal : std::uint8_t
{
    serializer_unsupported = 1,
    length_unacceptable = 2,
    reserved_bits_used = 3,
    too_many_connections = 4,
};

/// What a hello says. `length` is L: frames of up to 2^(9+L) bytes are received.
struct hello
{
    std::uint8_t length;
    std::uint8_t serializer;

    friend bool operator==(hello const&, hello const&) = default;
};

std::array<char, hello_size> encode_hello(hello h) noexcept;
std::array<char, hello_size> encode_refusal(refusal why) noexcept;

/// The longest payload, in bytes, of a frame that an end with this L receives: 2^24 does not fit into the header.
std::size_t frame_limit(std::uint8_t length) noexcept;
/// The largest L that promises no more than `max_frame` bytes, and at least the smallest there is.
std::uint8_t length_for(std::size_t max_frame) noexcept;

/// What an oizys end can receive.
struct offer
{
    bool zstd = false;
    bool parts = false;
    bool descriptors = false;
    bool shared_memory = false;
    std::uint64_t max_message = 0;     ///< bytes
    std::uint8_t max_descriptors = 16; ///< of one message

    friend bool operator==(offer const&, offer const&) = default;
};

/// The offer as a frame, header included.
std::string encode_offer(offer const& o);
/// The offer in the payload of such a frame. Bits and bytes that are not known are ignored.
std::optional<offer> decode_offer(std::string_view payload) noexcept;

/// What both ends have agreed on, seen from one of them.
struct agreement
{
    oizys::serializer serializer = serializer::oizys;
    std::size_t max_frame_sent = 0;     ///< bytes of payload
    std::size_t max_frame_received = 0; ///< bytes of payload
    offer theirs;                       ///< nothing but the frame limit where the other end is not oizys
};

/// One end of the exchange.
class hello_exchange
{
public:
    enum class role : std::uint8_t
    {
        connecting,
        accepting,
    };

    hello_exchange(role r, negotiation_options const& options, offer const& ours);

    /// Takes from the front of `input`; returns how many bytes of it were used. Call again with more, or with the
    /// rest, until `done`.
    /// Errors, all final: `errc::hello_malformed`, or as the other end refused.
    std::size_t feed(std::string_view input, boost::system::error_code& ec);

    /// What is to be sent now; each byte is given once. There may be some after an error: the refusal.
    std::string take_output() { return std::exchange(output_, {}); }

    bool done() const noexcept { return state_ == state::done; }
    /// Once it is done.
    agreement const& result() const noexcept { return result_; }

private:
    enum class state : std::uint8_t
    {
        hello,
        offer,
        done,
    };

    std::size_t on_hello(std::string_view input, boost::system::error_code& ec);
    std::size_t on_offer(std::string_view input, boost::system::error_code& ec);
    std::optional<refusal> judge(std::string_view input) const;
    void agreed(hello theirs);

    role role_;
    state state_ = state::hello;
    serializer_set accepted_;
    offer ours_;
    agreement result_;
    std::string output_;
};

} // namespace oizys::wire
