// SPDX-License-Identifier: BSL-1.0
//
// Every codec_errc can be met, and says what to do; kinds have names.
#include "unit/codec/codec_test.hpp"

#include <oizys/rpc/codec/kind.hpp>
#include <oizys/rpc/codec/value.hpp>

#include <boost/describe.hpp>
#include <catch2/catch.hpp>

#include <limits>
#include <set>

using namespace oizys;
using rpc::codec_errc;

namespace
{

struct point
{
    int x;
    int y;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

BOOST_DEFINE_ENUM_CLASS(color, red, green)

} // namespace

TEST_CASE("each codec error is met where it says")
{
    using test::json_error;
    using test::msgpack_error;
    CHECK(json_error<rpc::value>("{'a':1}") == codec_errc::malformed);
    CHECK(msgpack_error<rpc::value>("c1") == codec_errc::malformed);
    CHECK(json_error<rpc::value>("[1,") == codec_errc::truncated);
    CHECK(msgpack_error<rpc::value>("93 01 02") == codec_errc::truncated);
    CHECK(json_error<rpc::value>("1 2") == codec_errc::trailing_bytes);
    CHECK(msgpack_error<rpc::value>("01 02") == codec_errc::trailing_bytes);
    CHECK(json_error<rpc::value>(std::string(65, '[') + std::string(65, ']')) == codec_errc::too_deep);
    CHECK(rpc::from_msgpack<rpc::value>(std::string(66, '\x91')).error() == codec_errc::too_deep);
    CHECK(json_error<rpc::value>("\"\xff\"") == codec_errc::invalid_utf8);
    CHECK(json_error<int>("\"1\"") == codec_errc::wrong_type);
    CHECK(msgpack_error<int>("a1 31") == codec_errc::wrong_type);
    CHECK(json_error<std::uint8_t>("300") == codec_errc::out_of_range);
    CHECK(msgpack_error<std::uint8_t>("cd 01 2c") == codec_errc::out_of_range);
    CHECK(json_error<std::pair<int, int>>("[1]") == codec_errc::wrong_length);
    CHECK(msgpack_error<std::pair<int, int>>("93 01 02 03") == codec_errc::wrong_length);
    CHECK(json_error<point>(R"({"x":1})") == codec_errc::missing_member);
    CHECK(msgpack_error<point>("81 a1 78 01") == codec_errc::missing_member);
    CHECK(json_error<color>("2") == codec_errc::unknown_enumerator);
    CHECK(msgpack_error<color>("a3 6f 6f 6f") == codec_errc::unknown_enumerator);

    std::string out;
    rpc::json_writer json{out};
    json.write_double(std::numeric_limits<double>::quiet_NaN());
    CHECK(json.error() == codec_errc::not_representable);
}

TEST_CASE("every codec error has a message of its own, and the category a name")
{
    CHECK(std::string{rpc::codec_category().name()} == "oizys.codec");
    std::set<std::string> messages;
    for (int e = 1; e <= static_cast<int>(codec_errc::unknown_member); ++e)
    {
        auto const code = make_error_code(static_cast<codec_errc>(e));
        CHECK(code.failed());
        CHECK(code.message().size() > 15);
        char buffer[8];
        CHECK(code.category().message(e, buffer, sizeof buffer) == code.message());
        messages.insert(code.message());
    }
    CHECK(messages.size() == static_cast<std::size_t>(codec_errc::unknown_member));
    CHECK(rpc::codec_category().message(99) == "unknown codec error");
}

TEST_CASE("kinds read well in a sentence")
{
    using rpc::describe;
    using rpc::kind;
    CHECK(describe(kind::none) == "nothing");
    CHECK(describe(kind::null) == "null");
    CHECK(describe(kind::boolean) == "a boolean");
    CHECK(describe(kind::integer) == "an integer");
    CHECK(describe(kind::floating) == "a floating-point number");
    CHECK(describe(kind::string) == "a string");
    CHECK(describe(kind::binary) == "binary data");
    CHECK(describe(kind::array) == "an array");
    CHECK(describe(kind::object) == "an object");
    CHECK(describe(kind::extension) == "an extension");
}
