// SPDX-License-Identifier: BSL-1.0
#include "message.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace oizys::soak
{
namespace
{

struct wire_label
{
    std::uint8_t mark;
    std::uint8_t type;
    std::uint8_t lane;
    std::uint8_t zero;
    std::uint32_t size;
    std::uint64_t stream;
    std::uint64_t number;
    std::uint64_t hash;
};
static_assert(sizeof(wire_label) == tiny);

constexpr std::uint8_t mark = 0xa5;
constexpr std::string_view json_front = "[\"";
constexpr std::string_view json_back = "\"]";
constexpr char msgpack_front = '\xc6'; // bin 32
constexpr std::size_t msgpack_front_size = 5;

std::uint64_t hash_of_message(wire_label label, std::string_view content)
{
    label.hash = 0;
    char bytes[sizeof label];
    std::memcpy(bytes, &label, sizeof label);
    return hash_of(content, hash_of({bytes, sizeof bytes}, 1));
}

std::string to_text(wire_label const& label)
{
    unsigned char bytes[sizeof label];
    std::memcpy(bytes, &label, sizeof label);
    std::string text;
    for (auto const b : bytes)
    {
        text += static_cast<char>('a' + (b >> 4));
        text += static_cast<char>('a' + (b & 15));
    }
    return text;
}

wire_label from_text(std::string_view text)
{
    unsigned char bytes[sizeof(wire_label)];
    for (std::size_t i = 0; i < sizeof bytes; ++i)
        bytes[i] = static_cast<unsigned char>((text[2 * i] - 'a') << 4 | ((text[2 * i + 1] - 'a') & 15));
    wire_label label{};
    std::memcpy(&label, bytes, sizeof label);
    return label;
}

bool is_text(dress as) noexcept { return as == dress::line || as == dress::json; }

} // namespace

std::uint64_t hash_of(std::string_view bytes, std::uint64_t seed) noexcept
{
    constexpr std::uint64_t factor = 0x9fb21c651e98df25u;
    auto h = seed ^ (bytes.size() * factor);
    for (; bytes.size() >= 8; bytes.remove_prefix(8))
    {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), 8);
        h = std::rotl(h ^ (word * factor), 29) * 0xff51afd7ed558ccdu;
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, bytes.data(), bytes.size());
    h = (h ^ (rest * factor)) * 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}

std::string make_message(dress as, message_label const& label, std::string_view content)
{
    wire_label wire{.mark = mark,
                    .type = static_cast<std::uint8_t>(label.type),
                    .lane = static_cast<std::uint8_t>(label.lane),
                    .zero = 0,
                    .size = static_cast<std::uint32_t>(content.size()),
                    .stream = label.stream,
                    .number = label.number,
                    .hash = 0};
    wire.hash = hash_of_message(wire, content);
    if (as == dress::line)
        return to_text(wire).append(content);
    if (as == dress::json)
        return std::string{json_front}.append(to_text(wire)).append(content).append(json_back);
    char bytes[sizeof wire];
    std::memcpy(bytes, &wire, sizeof wire);
    std::string message;
    if (as == dress::msgpack)
    {
        auto const size = sizeof wire + content.size();
        message += msgpack_front;
        for (int shift = 24; shift >= 0; shift -= 8)
            message += static_cast<char>(size >> shift & 0xff);
    }
    return message.append(bytes, sizeof bytes).append(content);
}

dress dress_of(std::string_view message) noexcept
{
    switch (message.front())
    {
    case json_front.front(): return dress::json;
    case msgpack_front: return dress::msgpack;
    case static_cast<char>(mark): return dress::bytes;
    default: return dress::line;
    }
}

std::optional<parsed_message> parse_message(std::string_view message)
{
    auto const as = dress_of(message);
    if (as == dress::json)
    {
        if (message.size() < json_front.size() + json_back.size() || !message.starts_with(json_front) ||
            !message.ends_with(json_back))
            return std::nullopt;
        message = message.substr(json_front.size(), message.size() - json_front.size() - json_back.size());
    }
    if (as == dress::msgpack)
        message.remove_prefix(std::min(message.size(), msgpack_front_size));
    auto const label_size = is_text(as) ? 2 * sizeof(wire_label) : sizeof(wire_label);
    if (message.size() < label_size)
        return std::nullopt;
    wire_label wire{};
    if (is_text(as))
        wire = from_text(message);
    else
        std::memcpy(&wire, message.data(), sizeof wire);
    auto const content = message.substr(label_size);
    if (wire.mark != mark || wire.type > static_cast<std::uint8_t>(message_type::totals) || wire.lane > 1 ||
        wire.size != content.size() || wire.hash != hash_of_message(wire, content))
        return std::nullopt;
    return parsed_message{.label = {.type = static_cast<message_type>(wire.type),
                                    .lane = static_cast<lane>(wire.lane),
                                    .stream = wire.stream,
                                    .number = wire.number},
                          .content = content};
}

bool can_be_tiny(dress as) noexcept { return as == dress::bytes || as == dress::line; }

std::string make_tiny(dress as, std::size_t size, std::uint64_t stream, std::uint64_t number)
{
    random_source bytes{stream ^ (number * 0x2545f4914f6cdd1du)};
    std::string message(size, '\0');
    for (auto& c : message)
    {
        auto const b = bytes.next();
        // With the highest bit set, it is not taken for JSON.
        c = as == dress::line ? static_cast<char>('a' + (b & 15)) : static_cast<char>(b | 0x80);
    }
    return message;
}

std::string make_content(dress as, std::size_t size, random_source& random)
{
    std::string content(size, '\0');
    bool const repeats = random.chance(50);
    std::array<std::uint64_t, 16> block{};
    for (auto& word : block)
        word = random.next();
    for (std::size_t at = 0, i = 0; at < size; at += 8, ++i)
    {
        auto word = repeats ? block[i % block.size()] : random.next();
        if (is_text(as))
            word = (word & 0x0f0f0f0f0f0f0f0fu) + 0x6161616161616161u; // from a to p
        std::memcpy(content.data() + at, &word, std::min<std::size_t>(8, size - at));
    }
    return content;
}

} // namespace oizys::soak
