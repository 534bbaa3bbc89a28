// SPDX-License-Identifier: BSL-1.0
//
// What a tag of msgpack alone tells: the kind of its value and, of simple ones, the size.
#pragma once

#include <oizys/rpc/codec/kind.hpp>

#include <array>
#include <cstdint>

// Each file that includes this has tables of its own, so that a look-up is not one through the linker.
namespace oizys::rpc::msgpack_tags
{

constexpr std::array<kind, 256> make_kinds()
{
    std::array<kind, 256> kinds{};
    auto fill = [&](unsigned from, unsigned to, kind k) {
        for (unsigned i = from; i <= to; ++i)
            kinds[i] = k;
    };
    fill(0x00, 0x7f, kind::integer);
    fill(0x80, 0x8f, kind::object);
    fill(0x90, 0x9f, kind::array);
    fill(0xa0, 0xbf, kind::string);
    fill(0xc0, 0xc0, kind::null);
    fill(0xc2, 0xc3, kind::boolean);
    fill(0xc4, 0xc6, kind::binary);
    fill(0xc7, 0xc9, kind::extension);
    fill(0xca, 0xcb, kind::floating);
    fill(0xcc, 0xd3, kind::integer);
    fill(0xd4, 0xd8, kind::extension);
    fill(0xd9, 0xdb, kind::string);
    fill(0xdc, 0xdd, kind::array);
    fill(0xde, 0xdf, kind::object);
    fill(0xe0, 0xff, kind::integer);
    return kinds; // 0xc1 is never used: kind::none
}

constexpr std::array<kind, 256> kinds = make_kinds();

/// The bytes of a value whose tag alone tells them, and which holds no other values; else 0.
constexpr std::array<std::uint8_t, 256> make_sizes()
{
    std::array<std::uint8_t, 256> sizes{};
    auto fill = [&](unsigned from, unsigned to, unsigned size) {
        for (unsigned i = from; i <= to; ++i)
            sizes[i] = static_cast<std::uint8_t>(size);
    };
    fill(0x00, 0x7f, 1);
    for (unsigned size = 0; size < 32; ++size)
        sizes[0xa0 + size] = static_cast<std::uint8_t>(1 + size);
    sizes[0xc0] = sizes[0xc2] = sizes[0xc3] = 1;
    sizes[0xca] = 5;
    sizes[0xcb] = 9;
    for (unsigned log = 0; log < 4; ++log)
        sizes[0xcc + log] = sizes[0xd0 + log] = static_cast<std::uint8_t>(1 + (1 << log));
    for (unsigned log = 0; log < 5; ++log)
        sizes[0xd4 + log] = static_cast<std::uint8_t>(2 + (1 << log));
    fill(0xe0, 0xff, 1);
    return sizes;
}

constexpr std::array<std::uint8_t, 256> sizes = make_sizes();

} // namespace oizys::rpc::msgpack_tags
