// SPDX-License-Identifier: BSL-1.0
//
// Numbers as JSON text: limits of integers, doubles and floats bit for bit, and numbers beyond all of them.
#include "unit/codec/codec_test.hpp"
#include "unit/codec/random_value.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <limits>

using namespace oizys;
using rpc::codec_errc;
using rpc::from_json;
using rpc::to_json;
using test::json_error;

TEST_CASE("integers are read up to their limits and not beyond", "[json]")
{
    CHECK(from_json<std::int64_t>("-9223372036854775808").value() == INT64_MIN);
    CHECK(from_json<std::int64_t>("9223372036854775807").value() == INT64_MAX);
    CHECK(from_json<std::uint64_t>("18446744073709551615").value() == UINT64_MAX);
    CHECK(from_json<std::int64_t>("-0").value() == 0);
    CHECK(from_json<std::uint64_t>("-0").value() == 0);
    CHECK(json_error<std::int64_t>("9223372036854775808") == codec_errc::out_of_range);
    CHECK(json_error<std::int64_t>("-9223372036854775809") == codec_errc::out_of_range);
    CHECK(json_error<std::uint64_t>("18446744073709551616") == codec_errc::out_of_range);
    CHECK(json_error<std::uint64_t>("28446744073709551615") == codec_errc::out_of_range);
    CHECK(json_error<std::uint64_t>("100000000000000000000") == codec_errc::out_of_range);
    CHECK(json_error<std::uint64_t>("-1") == codec_errc::out_of_range);
    CHECK(json_error<std::int64_t>("1.0") == codec_errc::wrong_type);
}

TEST_CASE("doubles at the edges of their range are read exactly", "[json]")
{
    CHECK(from_json<double>("5e-324").value() == std::numeric_limits<double>::denorm_min());
    CHECK(from_json<double>("1.7976931348623157e308").value() == std::numeric_limits<double>::max());
    CHECK(from_json<double>("9007199254740993").value() == 9007199254740992.0);
    CHECK(from_json<double>("9007199254740993.00000000000000000000000000000000001").value() ==
          9007199254740994.0);
    CHECK(from_json<double>("123456789012345678901234567890").value() == 123456789012345678901234567890.0);
    CHECK(std::signbit(from_json<double>("-0").value()));
    CHECK(std::signbit(from_json<double>("-0.0").value()));
    CHECK(from_json<double>("18446744073709551615").value() == 18446744073709551615.0);
}

TEST_CASE("a number too large for a double is an error, one too small is zero", "[json]")
{
    for (std::string const text :
         {"1e309", "-1e309", "1e400", "1e99999999999999999999", "1797693134862315800000e290"})
    {
        CAPTURE(text);
        CHECK(json_error<double>(text) == codec_errc::out_of_range);
    }
    CHECK(json_error<double>(std::string(400, '9')) == codec_errc::out_of_range);
    CHECK(json_error<double>("0.00001e99999999999999999999") == codec_errc::out_of_range);
    for (std::string const text : {"1e-400", "0e400", "0e99999999999999999999", "1e-99999999999999999999",
                                   "1e-9223372036854775808", "0.0"})
    {
        CAPTURE(text);
        CHECK(from_json<double>(text).value() == 0.0);
    }
    CHECK(from_json<double>("0." + std::string(400, '0') + "1").value() == 0.0);
    CHECK(from_json<double>("100000e-400").value() == 0.0);
    CHECK(std::signbit(from_json<double>("-1e-400").value()));
}

TEST_CASE("a double is written shortest and never looks like an integer", "[json]")
{
    CHECK(to_json(1.0) == "1.0");
    CHECK(to_json(-0.0) == "-0.0");
    CHECK(to_json(0.1) == "0.1");
    CHECK(to_json(1e100) == "1e+100");
    CHECK(to_json(123456.0) == "123456.0");
    CHECK(to_json(3.4f) == "3.4");
    CHECK(to_json(2.0f) == "2.0");
}

TEST_CASE("doubles survive JSON bit for bit", "[json]")
{
    test::random_values random{1};
    for (int i = 0; i < 200'000; ++i)
    {
        double const v = random.finite_double();
        double const back = from_json<double>(to_json(v)).value();
        if (std::bit_cast<std::uint64_t>(v) != std::bit_cast<std::uint64_t>(back))
            FAIL(to_json(v));
    }
}

TEST_CASE("floats survive JSON bit for bit", "[json]")
{
    test::random_values random{2};
    for (int i = 0; i < 200'000; ++i)
    {
        auto const v = std::bit_cast<float>(static_cast<std::uint32_t>(random.bits()));
        if (!std::isfinite(v))
            continue;
        float const back = from_json<float>(to_json(v)).value();
        if (std::bit_cast<std::uint32_t>(v) != std::bit_cast<std::uint32_t>(back))
            FAIL(to_json(v));
    }
}

TEST_CASE("a float whose shortest text is rounded twice on the way back is written longer", "[json]")
{
    // As a double, 7.038531e-26 lies in the middle between two floats.
    auto const v = std::bit_cast<float>(std::uint32_t{0x15ae43fd});
    CHECK(to_json(v) == "7.03853069e-26");
    CHECK(from_json<float>(to_json(v)).value() == v);
}

TEST_CASE("integers of every length survive JSON", "[json]")
{
    for (int shift = 0; shift < 64; ++shift)
        for (std::uint64_t const off : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}})
        {
            std::uint64_t const v = (std::uint64_t{1} << shift) + off;
            CHECK(test::through_json(v) == v);
            CHECK(test::through_json(static_cast<std::int64_t>(v)) == static_cast<std::int64_t>(v));
            CHECK(test::through_json(static_cast<std::int64_t>(0 - v)) == static_cast<std::int64_t>(0 - v));
        }
}
