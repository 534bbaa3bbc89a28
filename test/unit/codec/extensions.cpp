// SPDX-License-Identifier: BSL-1.0
//
// Types of the user's own as extensions, and extensions that nobody knows.
#include "unit/codec/codec_test.hpp"

#include <oizys/rpc/codec/value.hpp>

#include <catch2/catch.hpp>

using namespace oizys;
using rpc::codec_errc;
using rpc::from_msgpack;
using rpc::to_msgpack;
using test::from_hex;
using test::survives;
using test::to_hex;

namespace
{

struct handle
{
    unsigned char number = 0;
    bool operator==(handle const&) const = default;
};

struct color
{
    unsigned rgb = 0;
    bool operator==(color const&) const = default;
};

} // namespace

template <>
struct oizys::rpc::codec<handle> : extension_codec<handle, 3>
{
    static bool decode(std::string_view data, handle& out)
    {
        if (data.size() != 1)
            return false;
        out.number = static_cast<unsigned char>(data[0]);
        return true;
    }
    static void encode(std::string& data, handle const& v) { data.push_back(static_cast<char>(v.number)); }
};

template <>
struct oizys::rpc::codec<color> : extension_codec<color, 127>
{
    static bool decode(std::string_view data, color& out)
    {
        out.rgb = 0;
        for (char const c : data)
            out.rgb = out.rgb << 8 | static_cast<unsigned char>(c);
        return data.size() == 3;
    }
    static void encode(std::string& data, color const& v)
    {
        for (int shift = 16; shift >= 0; shift -= 8)
            data.push_back(static_cast<char>(v.rgb >> shift));
    }
    static bool read_plain(reader& in, color& out) { return rpc::read(in, out.rgb); }
    static void write_plain(writer& out, color const& v) { rpc::write(out, v.rgb); }
};

TEST_CASE("a type of the user's own travels as its extension, both ways", "[convert]")
{
    CHECK(to_hex(to_msgpack(handle{7})) == "d4 03 07");
    CHECK(from_msgpack<handle>(from_hex("d4 03 07")).value() == handle{7});
    CHECK(from_msgpack<handle>(from_hex("d4 04 07")).error() == codec_errc::wrong_type);
    CHECK(from_msgpack<handle>(from_hex("d5 03 07 08")).error() == codec_errc::wrong_type);
    CHECK(from_msgpack<handle>(from_hex("07")).error() == codec_errc::wrong_type);
    CHECK(test::through_msgpack(std::vector<handle>{{1}, {2}}) == std::vector<handle>{{1}, {2}});
    CHECK(test::through_msgpack(std::variant<int, handle>{handle{2}}) ==
          std::variant<int, handle>{handle{2}});
}

TEST_CASE("where there are no extensions, the type says what it is instead, or cannot be written",
          "[convert]")
{
    CHECK_THROWS(rpc::to_json(handle{7}));
    CHECK(test::json_error<handle>("7") == codec_errc::wrong_type);
    CHECK(to_hex(to_msgpack(color{0x010203})) == "c7 03 7f 01 02 03");
    CHECK(rpc::to_json(color{0x010203}) == "66051");
    CHECK(survives(color{0xffffff}));
    CHECK(from_msgpack<color>(from_hex("05")).value() == color{5});
}

TEST_CASE("extensions that nobody knows are kept as they came", "[convert]")
{
    for (auto const* hex : {"d4 05 01", "d8 80 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f", "c7 00 05",
                            "c7 03 7f 01 02 03", "d6 ff 00 00 00 01"})
    {
        CHECK(to_hex(to_msgpack(from_msgpack<rpc::value>(from_hex(hex)).value())) == hex);
        CHECK(to_hex(to_msgpack(from_msgpack<rpc::extension>(from_hex(hex)).value())) == hex);
    }
    CHECK(from_msgpack<rpc::extension>(from_hex("c0")).error() == codec_errc::wrong_type);
}
