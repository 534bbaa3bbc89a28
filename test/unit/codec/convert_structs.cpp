// SPDX-License-Identifier: BSL-1.0
//
// Described structs as objects and as arrays, and codecs that a user writes.
#include "unit/codec/codec_test.hpp"

#include <boost/describe.hpp>
#include <catch2/catch.hpp>

using namespace oizys;
using rpc::codec_errc;
using rpc::from_json;
using rpc::from_msgpack;
using rpc::to_json;
using rpc::to_msgpack;
using test::json_error;
using test::survives;

namespace
{

struct point
{
    int x = 0;
    int y = 0;
    bool operator==(point const&) const = default;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

struct shape
{
    std::string name;
    std::vector<point> corners;
    std::optional<std::string> color;
    std::vector<shape> parts;
    bool operator==(shape const&) const = default;
};
BOOST_DESCRIBE_STRUCT(shape, (), (name, corners, color, parts))

struct point3 : point
{
    int z = 0;
    bool operator==(point3 const&) const = default;
};
BOOST_DESCRIBE_STRUCT(point3, (point), (z))

struct nothing
{
    bool operator==(nothing const&) const = default;
};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

struct celsius
{
    double degrees = 0;
    bool operator==(celsius const&) const = default;
};

} // namespace

template <>
struct oizys::rpc::codec<celsius>
{
    static bool read(reader& in, celsius& out)
    {
        std::string_view text;
        if (!in.read_string(text))
            return false;
        if (!text.ends_with('C'))
            return in.fail(codec_errc::wrong_type);
        out.degrees = std::stod(std::string{text});
        return true;
    }
    static void write(writer& out, celsius const& v) { out.write_string(std::to_string(v.degrees) + "C"); }
};

TEST_CASE("a described struct is an object", "[convert]")
{
    CHECK(to_json(point{1, 2}) == R"({"x":1,"y":2})");
    CHECK(test::to_hex(to_msgpack(point{1, 2})) == "82 a1 78 01 a1 79 02");
    CHECK(survives(point{-1, 70000}));
    CHECK(survives(nothing{}));
    CHECK(survives(
        shape{"house", {{0, 0}, {1, 2}}, "red", {{"door", {}, {}, {}}, {"roof", {{1, 1}}, {}, {}}}}));
}

TEST_CASE("members come in any order, unknown ones are skipped, the last of equal ones counts", "[convert]")
{
    CHECK(from_json<point>(R"({"y":2,"x":1})").value() == point{1, 2});
    CHECK(from_json<point>(R"({"x":1,"z":{"a":[1,2]},"y":2,"w":"\n"})").value() == point{1, 2});
    CHECK(from_json<point>(R"({"x":5,"y":2,"x":1})").value() == point{1, 2});
    CHECK(from_json<point>(R"({"\u0078":1,"y":2})").value() == point{1, 2});
}

TEST_CASE("only optional members may be absent", "[convert]")
{
    CHECK(json_error<point>(R"({"y":2})") == codec_errc::missing_member);
    CHECK(json_error<point>("{}") == codec_errc::missing_member);
    CHECK(to_json(shape{"a", {}, {}, {}}) == R"({"name":"a","corners":[],"parts":[]})");
    CHECK(from_json<shape>(R"({"name":"a","corners":[],"parts":[]})").value() == shape{"a", {}, {}, {}});
    CHECK(from_json<shape>(R"({"name":"a","corners":[],"color":null,"parts":[]})").value() ==
          shape{"a", {}, {}, {}});
}

TEST_CASE("a struct is read from an array of all its members too", "[convert]")
{
    CHECK(from_json<point>("[1,2]").value() == point{1, 2});
    CHECK(from_msgpack<point>(test::from_hex("92 01 02")).value() == point{1, 2});
    CHECK(from_json<shape>(R"(["a",[[1,2]],null,[]])").value() == shape{"a", {{1, 2}}, {}, {}});
    CHECK(json_error<point>("[1]") == codec_errc::wrong_length);
    CHECK(json_error<point>("[1,2,3]") == codec_errc::wrong_length);
    CHECK(json_error<point>("5") == codec_errc::wrong_type);
    CHECK(json_error<point>(R"({"x":"1","y":2})") == codec_errc::wrong_type);
}

TEST_CASE("members of described base classes come first", "[convert]")
{
    point3 v;
    v.x = 1, v.y = 2, v.z = 3;
    CHECK(to_json(v) == R"({"x":1,"y":2,"z":3})");
    CHECK(survives(v));
}

TEST_CASE("a codec may be specialised for any type", "[convert]")
{
    CHECK(survives(celsius{21.5}));
    CHECK(survives(std::vector<celsius>{{1}, {2}}));
    CHECK(json_error<celsius>("\"5F\"") == codec_errc::wrong_type);
    CHECK(rpc::accepts<celsius>(rpc::kind::array));
    CHECK(!rpc::accepts<celsius>(rpc::kind::none));
}
