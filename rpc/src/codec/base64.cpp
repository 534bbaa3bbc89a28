// SPDX-License-Identifier: BSL-1.0
//
// Base64, three bytes for four characters at a time.
#include "codec/base64.hpp"

#include <oizys/rpc/codec/base64.hpp>

#include <array>
#include <cstdint>

namespace oizys::rpc::detail
{
namespace
{

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t invalid = 0xff;

constexpr std::array<std::uint8_t, 256> make_digits()
{
    std::array<std::uint8_t, 256> digits{};
    digits.fill(invalid);
    for (std::uint8_t i = 0; i < 64; ++i)
        digits[static_cast<unsigned char>(alphabet[i])] = i;
    return digits;
}

constexpr std::array<std::uint8_t, 256> digits = make_digits();

} // namespace

void append_base64(std::string& out, std::string_view bytes)
{
    std::size_t const old_size = out.size();
    out.resize(old_size + (bytes.size() + 2) / 3 * 4);
    char* to = out.data() + old_size;
    for (std::size_t i = 0; i < bytes.size(); i += 3)
    {
        auto at = [&](std::size_t k) {
            return i + k < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + k]))
                                        : 0u;
        };
        std::uint32_t const group = at(0) << 16 | at(1) << 8 | at(2);
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = i + 1 < bytes.size() ? alphabet[group >> 6 & 63] : '=';
        *to++ = i + 2 < bytes.size() ? alphabet[group & 63] : '=';
    }
}

std::optional<std::size_t> decode_base64(std::string_view text, char* out) noexcept
{
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::size_t const padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    char* to = out;
    for (std::size_t i = 0; i < text.size(); i += 4)
    {
        bool const last = i + 4 == text.size();
        std::size_t const characters = last ? 4 - padding : 4;
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 4; ++k)
        {
            std::uint8_t const digit = k < characters ? digits[static_cast<unsigned char>(text[i + k])] : 0;
            if (digit == invalid)
                return std::nullopt;
            group = group << 6 | digit;
        }
        if ((group & (last ? (1u << (8 * padding)) - 1 : 0u)) != 0)
            return std::nullopt; // bits that encode nothing: there is one text for each value
        *to++ = static_cast<char>(group >> 16);
        if (characters > 2)
            *to++ = static_cast<char>(group >> 8);
        if (characters > 3)
            *to++ = static_cast<char>(group);
    }
    return static_cast<std::size_t>(to - out);
}

} // namespace oizys::rpc::detail

std::string oizys::rpc::base64(std::string_view bytes)
{
    std::string out;
    detail::append_base64(out, bytes);
    return out;
}
