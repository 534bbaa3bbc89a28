// SPDX-License-Identifier: BSL-1.0
//
// Proves that the frame header is one type byte and three bytes of length, big endian, for every length,
// and that encoding and decoding are constant expressions.
#include <oizys/wire/header24.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>

namespace
{

using oizys::wire::decode_header24;
using oizys::wire::encode_header24;
using oizys::wire::frame_header;

using bytes = std::array<char, 4>;

static_assert(oizys::wire::header24_size == 4);
static_assert(oizys::wire::header24_max_payload == (1u << 24) - 1);
static_assert(encode_header24({.type = 0, .size = 2}) == bytes{0, 0, 0, 2});
static_assert(encode_header24({.type = 2, .size = 0x010203}) == bytes{2, 1, 2, 3});
static_assert(decode_header24(bytes{0, 0, 1, 0}) == frame_header{.type = 0, .size = 256});

} // namespace

TEST_CASE("a header is the type and the length, big endian")
{
    struct example
    {
        bytes wire;
        frame_header header;
    };
    for (auto const& [wire, header] :
         {example{{0, 0, 0, 2}, {0, 2}}, example{{0, 0, 0, 3}, {0, 3}}, example{{0, 1, 2, 3}, {0, 66051}},
          example{{1, 0, 0, 0}, {1, 0}}, example{{'\x80', 0, 0, 1}, {0x80, 1}},
          example{{'\xff', '\xff', '\xff', '\xff'}, {0xff, 16777215}}})
    {
        CHECK(encode_header24(header) == wire);
        CHECK(decode_header24(wire) == header);
    }
}

TEST_CASE("every length that is a sum of two powers of two survives a round trip")
{
    for (std::uint32_t i = 0; i < 24; ++i)
        for (std::uint32_t j = i; j < 24; ++j)
        {
            frame_header const header{.type = static_cast<std::uint8_t>(i * j), .size = 1u << i | 1u << j};
            CHECK(decode_header24(encode_header24(header)) == header);
        }
}
