// SPDX-License-Identifier: BSL-1.0
//
// Values of Boost.JSON and of nlohmann's library as parameters and results.
#include "unit/codec/codec_test.hpp"
#include "unit/codec/random_value.hpp"

#include <oizys/rpc/codec/boost_json.hpp>
#if __has_include(<nlohmann/json.hpp>)
#include <oizys/rpc/codec/nlohmann_json.hpp>
#define HAVE_NLOHMANN
#endif

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace oizys;
using rpc::codec_errc;
using rpc::from_json;
using rpc::from_msgpack;
using rpc::to_json;
using rpc::to_msgpack;
using test::from_hex;
using test::to_hex;

namespace
{

// JSON that both can say: objects of other libraries have no order, or no two equal names.
template <class Json>
void check_random_values(bool ordered)
{
    test::random_values random{17};
    for (int i = 0; i < 2000; ++i)
    {
        auto const text = to_json(random.any());
        auto const there = from_json<Json>(text).value();
        if (ordered && to_json(there) != text)
            FAIL(text);
        if (from_json<Json>(to_json(there)).value() != there ||
            from_msgpack<Json>(to_msgpack(there)).value() != there)
            FAIL(text);
    }
}

} // namespace

TEST_CASE("a Boost.JSON value is read and written as what it is", "[adaptors]")
{
    auto const v = from_json<boost::json::value>(R"({"a":[1,-2,1.5,true,null],"b":{"c":"text"}})").value();
    CHECK(v == boost::json::parse(R"({"a":[1,-2,1.5,true,null],"b":{"c":"text"}})"));
    CHECK(to_json(v) == R"({"a":[1,-2,1.5,true,null],"b":{"c":"text"}})");
    CHECK(to_hex(to_msgpack(v.at("a"))) == "95 01 fe cb 3f f8 00 00 00 00 00 00 c3 c0");
    CHECK(from_json<boost::json::value>("9223372036854775807").value().is_int64());
    CHECK(from_json<boost::json::value>("18446744073709551615").value().is_uint64());
    CHECK(test::json_error<boost::json::value>("[1,") == codec_errc::truncated);
    check_random_values<boost::json::value>(true);
}

TEST_CASE("what Boost.JSON cannot say becomes what JSON has for it, or is refused", "[adaptors]")
{
    CHECK(from_msgpack<boost::json::value>(from_hex("c4 02 fb ff")).value() == boost::json::value("+/8="));
    CHECK(from_msgpack<boost::json::value>(from_hex("81 05 01")).value() == boost::json::value({{"5", 1}}));
    CHECK(test::msgpack_error<boost::json::value>("d4 05 01") == codec_errc::not_representable);
    CHECK(from_msgpack<boost::json::value>(std::string(66, '\x91')).error() == codec_errc::too_deep);
}

#ifdef HAVE_NLOHMANN

TEST_CASE("a value of nlohmann's is read and written as what it is", "[adaptors]")
{
    using json = nlohmann::json;
    auto const v = from_json<json>(R"({"a":[1,-2,1.5,true,null],"b":{"c":"text"}})").value();
    CHECK(v == json::parse(R"({"a":[1,-2,1.5,true,null],"b":{"c":"text"}})"));
    CHECK(to_json(v) == R"({"a":[1,-2,1.5,true,null],"b":{"c":"text"}})");
    CHECK(test::json_error<json>("[1,") == codec_errc::truncated);
    check_random_values<json>(false);
}

TEST_CASE("nlohmann's binary values and extensions are as in its own msgpack", "[adaptors]")
{
    using json = nlohmann::json;
    for (auto const* hex : {"c4 02 fb ff", "d4 05 01", "c7 03 80 01 02 03", "81 a1 61 d6 ff 00 00 00 01"})
    {
        auto const bytes = from_hex(hex);
        auto const v = from_msgpack<json>(bytes).value();
        CHECK(v == json::from_msgpack(bytes));
        CHECK(to_hex(to_msgpack(v)) == hex);
    }
    CHECK(from_msgpack<json>(from_hex("81 05 01")).value() == json{{"5", 1}});
    CHECK_THROWS(to_json(from_msgpack<json>(from_hex("d4 05 01")).value()));
    CHECK(to_json(from_msgpack<json>(from_hex("c4 02 fb ff")).value()) == R"("+/8=")");
}

#endif
