// SPDX-License-Identifier: BSL-1.0
//
// What travels: each message says whose it is, which one it is, and what its content hashes to.
#pragma once

#include "random.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oizys::soak
{

/// How a message must look for its framing.
enum class dress : std::uint8_t
{
    bytes,   ///< any
    line,    ///< without line feeds
    json,    ///< an array with a string
    msgpack, ///< a bin
};

enum class message_type : std::uint8_t
{
    hello,  ///< the first one of each direction
    data,   ///< to be counted
    gift,   ///< the same, with descriptors: as many as the first letter says
    hush,   ///< says that the other end shall send its totals, and nothing more
    totals, ///< the last one of its direction: how many there were
};

/// Messages in the small lane arrive in the order in which they were sent. Those in the large one may overtake each
/// other: negotiated sessions cut long messages into parts.
enum class lane : std::uint8_t
{
    small,
    large,
};

/// What stands in front of the content.
struct message_label
{
    message_type type{};
    soak::lane lane{};
    std::uint64_t stream = 0; ///< of one direction of one session; random
    std::uint64_t number = 0; ///< in its lane, from 0
};

std::uint64_t hash_of(std::string_view bytes, std::uint64_t seed) noexcept;

/// A message with its label and hash around `content`.
std::string make_message(dress as, message_label const& label, std::string_view content);

struct parsed_message
{
    message_label label;
    std::string_view content;
};

/// Takes a message apart; nothing if a bit of it is not as it was made.
std::optional<parsed_message> parse_message(std::string_view message);

/// What the first byte of the first message says.
dress dress_of(std::string_view message) noexcept;

/// Messages this short have no room for a label: they hold bytes that are derived from it.
inline constexpr std::size_t tiny = 32;
bool can_be_tiny(dress as) noexcept;
std::string make_tiny(dress as, std::size_t size, std::uint64_t stream, std::uint64_t number);

/// Content for a message of about that many bytes: half of it can be compressed well.
std::string make_content(dress as, std::size_t size, random_source& random);

} // namespace oizys::soak
