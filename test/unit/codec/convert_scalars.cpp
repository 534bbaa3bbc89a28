// SPDX-License-Identifier: BSL-1.0
//
// Conversion of arithmetic types, characters, enumerations, text, bytes and durations.
#include "unit/codec/codec_test.hpp"
#include "unit/codec/random_value.hpp"

#include <oizys/rpc/codec/msgpack_reader.hpp>

#include <boost/describe.hpp>
#include <catch2/catch.hpp>

#include <bit>
#include <chrono>
#include <limits>

using namespace oizys;
using rpc::codec_errc;
using rpc::from_json;
using rpc::from_msgpack;
using rpc::to_json;
using rpc::to_msgpack;
using test::json_error;
using test::msgpack_error;
using test::survives;

namespace
{

enum class plain : std::uint8_t
{
    one = 1,
    two,
};

BOOST_DEFINE_ENUM_CLASS(color, red, green, blue)

enum signed_color
{
    cold = -1,
    warm = 1,
};
BOOST_DESCRIBE_ENUM(signed_color, cold, warm)

} // namespace

TEMPLATE_TEST_CASE("integers survive at their limits", "[convert]", signed char, unsigned char, short,
                   unsigned short, int, unsigned, long, unsigned long, long long, unsigned long long)
{
    using limits = std::numeric_limits<TestType>;
    for (TestType const v : {limits::min(), TestType{0}, TestType{1}, limits::max()})
        CHECK(survives(v));
}

TEMPLATE_TEST_CASE("an integer that does not fit is out of range and never wraps", "[convert]", signed char,
                   unsigned char, short, unsigned short, int, unsigned)
{
    using limits = std::numeric_limits<TestType>;
    for (std::int64_t const v :
         {std::int64_t{limits::min()} - 1, std::int64_t{limits::max()} + 1, INT64_MIN, INT64_MAX})
    {
        CHECK(json_error<TestType>(to_json(v)) == codec_errc::out_of_range);
        CHECK(from_msgpack<TestType>(to_msgpack(v)).error() == codec_errc::out_of_range);
    }
}

TEST_CASE("booleans are booleans and numbers are numbers", "[convert]")
{
    CHECK(survives(true));
    CHECK(survives(false));
    CHECK(json_error<bool>("1") == codec_errc::wrong_type);
    CHECK(json_error<int>("true") == codec_errc::wrong_type);
    CHECK(json_error<int>("1.0") == codec_errc::wrong_type);
    CHECK(json_error<int>("null") == codec_errc::wrong_type);
}

TEST_CASE("a char is a string of one character, a signed char a number", "[convert]")
{
    CHECK(to_json('x') == "\"x\"");
    CHECK(to_json(static_cast<signed char>('x')) == "120");
    CHECK(survives('x'));
    CHECK(json_error<char>("\"\"") == codec_errc::wrong_length);
    CHECK(json_error<char>("\"xy\"") == codec_errc::wrong_length);
    CHECK(json_error<char>("5") == codec_errc::wrong_type);
    CHECK(!rpc::readable<wchar_t>);
    CHECK(!rpc::readable<char32_t>);
}

TEST_CASE("doubles survive msgpack bit for bit, whatever the bits", "[convert]")
{
    test::random_values random{3};
    for (int i = 0; i < 100'000; ++i)
    {
        std::uint64_t const bits = random.bits();
        auto const back = from_msgpack<double>(to_msgpack(std::bit_cast<double>(bits))).value();
        if (std::bit_cast<std::uint64_t>(back) != bits)
            FAIL(bits);
    }
}

TEST_CASE("a double too large for a float is out of range, infinity is not", "[convert]")
{
    CHECK(json_error<float>("1e39") == codec_errc::out_of_range);
    CHECK(from_msgpack<float>(to_msgpack(1e39)).error() == codec_errc::out_of_range);
    CHECK(from_json<float>("0.1").value() == 0.1f);
    CHECK(survives(std::numeric_limits<float>::max()));
    auto const infinity = std::numeric_limits<float>::infinity();
    CHECK(from_msgpack<float>(to_msgpack(infinity)).value() == infinity);
    CHECK(from_json<float>("7").value() == 7.0f);
    CHECK(survives(2.5L));
    CHECK_THROWS(to_json(std::numeric_limits<long double>::max()));
}

TEST_CASE("text and bytes survive", "[convert]")
{
    CHECK(survives(std::string{}));
    CHECK(survives(std::string{"text \" \\ \n \xc3\xa9"}));
    CHECK(survives(std::string(100'000, 'x')));
    CHECK(survives(rpc::bytes{}));
    CHECK(survives(rpc::bytes{std::byte{0}, std::byte{0xff}, std::byte{7}}));
    CHECK(to_json("literal") == "\"literal\"");
    char const* pointer = "pointer";
    CHECK(to_json(pointer) == "\"pointer\"");
    CHECK(to_json(std::string_view{"view"}) == "\"view\"");
    CHECK(to_json(rpc::bytes{std::byte{0xfb}, std::byte{0xff}}) == "\"+/8=\"");
    CHECK(test::to_hex(to_msgpack(rpc::bytes{std::byte{0xff}})) == "c4 01 ff");
}

TEST_CASE("a string_view is a view into the message", "[convert]")
{
    std::string const message = to_msgpack("hello");
    rpc::msgpack_reader in{message};
    std::string_view view;
    CHECK(rpc::read(in, view));
    CHECK(view.data() == message.data() + 1);
}

TEST_CASE("enumerations are numbers, and described ones have names", "[convert]")
{
    CHECK(survives(plain::two));
    CHECK(from_json<plain>("77").value() == plain{77});
    CHECK(json_error<plain>("300") == codec_errc::out_of_range);
    CHECK(json_error<plain>("\"two\"") == codec_errc::wrong_type);

    CHECK(to_json(color::blue) == "2");
    CHECK(survives(color::green));
    CHECK(from_json<color>("\"green\"").value() == color::green);
    CHECK(json_error<color>("\"grey\"") == codec_errc::unknown_enumerator);
    CHECK(json_error<color>("3") == codec_errc::unknown_enumerator);
    CHECK(json_error<color>("true") == codec_errc::wrong_type);
    CHECK(survives(cold));
    CHECK(from_json<signed_color>("\"warm\"").value() == warm);
}

TEST_CASE("durations are counts in their own unit", "[convert]")
{
    using namespace std::chrono_literals;
    CHECK(to_json(1500ms) == "1500");
    CHECK(survives(std::chrono::nanoseconds::max()));
    CHECK(survives(-3h));
    CHECK(survives(std::chrono::duration<double>{1.5}));
    CHECK(from_json<std::chrono::seconds>("90").value() == 90s);
    CHECK(json_error<std::chrono::seconds>("1.5") == codec_errc::wrong_type);
}
