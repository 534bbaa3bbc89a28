// SPDX-License-Identifier: BSL-1.0
//
// Points in time: the three forms of msgpack, text and numbers, and the ends of clocks.
#include "unit/codec/codec_test.hpp"
#include "unit/codec/random_value.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <ctime>

using namespace oizys;
using namespace std::chrono_literals;
using rpc::codec_errc;
using rpc::from_json;
using rpc::from_msgpack;
using rpc::timestamp;
using rpc::to_json;
using rpc::to_msgpack;
using test::from_hex;
using test::json_error;
using test::msgpack_error;
using test::survives;
using test::to_hex;

namespace
{

using clock_time = std::chrono::system_clock::time_point;
template <class D>
using time_in = std::chrono::time_point<std::chrono::system_clock, D>;

timestamp time_of(std::string_view text)
{
    return from_json<timestamp>('"' + std::string{text} + '"').value();
}

} // namespace

TEST_CASE("msgpack has times in 4, 8 and 12 bytes, the fewest that do", "[convert]")
{
    struct
    {
        timestamp time;
        char const* hex;
    } const cases[] = {
        {{0, 0}, "d6 ff 00 00 00 00"},
        {{1, 0}, "d6 ff 00 00 00 01"},
        {{0xffffffff, 0}, "d6 ff ff ff ff ff"},
        {{0x100000000, 0}, "d7 ff 00 00 00 01 00 00 00 00"},
        {{1, 1}, "d7 ff 00 00 00 04 00 00 00 01"},
        {{0x3ffffffff, 999'999'999}, "d7 ff ee 6b 27 ff ff ff ff ff"},
        {{0x400000000, 0}, "c7 0c ff 00 00 00 00 00 00 00 04 00 00 00 00"},
        {{-1, 999'999'999}, "c7 0c ff 3b 9a c9 ff ff ff ff ff ff ff ff ff"},
    };
    for (auto const& c : cases)
    {
        CHECK(to_hex(to_msgpack(c.time)) == c.hex);
        CHECK(from_msgpack<timestamp>(from_hex(c.hex)).value() == c.time);
    }
    // Longer forms than needed are read as well.
    CHECK(from_msgpack<timestamp>(from_hex("c7 0c ff 00 00 00 01 00 00 00 00 00 00 00 02")).value() ==
          timestamp{2, 1});
}

TEST_CASE("an extension that is no time is refused", "[convert]")
{
    CHECK(msgpack_error<timestamp>("d6 01 00 00 00 00") == codec_errc::wrong_type);
    CHECK(msgpack_error<timestamp>("d5 ff 00 00") == codec_errc::wrong_length);
    CHECK(msgpack_error<timestamp>("c7 00 ff") == codec_errc::wrong_length);
    CHECK(msgpack_error<timestamp>("d7 ff ee 6b 28 00 00 00 00 00") == codec_errc::out_of_range);
    CHECK(msgpack_error<timestamp>("c7 0c ff 3b 9a ca 00 00 00 00 00 00 00 00 00") ==
          codec_errc::out_of_range);
    CHECK(msgpack_error<timestamp>("c0") == codec_errc::wrong_type);
    CHECK(msgpack_error<timestamp>("") == codec_errc::truncated);
}

TEST_CASE("JSON has times as text of RFC 3339", "[convert]")
{
    struct
    {
        timestamp time;
        char const* text;
    } const cases[] = {
        {{0, 0}, "1970-01-01T00:00:00Z"},
        {{951'782'399, 500'000'000}, "2000-02-28T23:59:59.500Z"},
        {{951'782'400, 1000}, "2000-02-29T00:00:00.000001Z"},
        {{951'868'800, 1}, "2000-03-01T00:00:00.000000001Z"},
        {{-1, 0}, "1969-12-31T23:59:59Z"},
        {{-62'167'219'200, 0}, "0000-01-01T00:00:00Z"},
        {{253'402'300'799, 999'999'999}, "9999-12-31T23:59:59.999999999Z"},
    };
    for (auto const& c : cases)
    {
        CHECK(to_json(c.time) == '"' + std::string{c.text} + '"');
        CHECK(time_of(c.text) == c.time);
    }
    CHECK_THROWS(to_json(timestamp{-62'167'219'201, 0}));
    CHECK_THROWS(to_json(timestamp{253'402'300'800, 0}));
}

TEST_CASE("the calendar agrees with the C library's", "[convert]")
{
    test::random_values random{11};
    for (int i = 0; i < 2000; ++i)
    {
        auto const seconds =
            static_cast<std::time_t>(random.below(253'402'300'800 + 62'167'219'200)) - 62'167'219'200;
        std::tm parts{};
        ::gmtime_r(&seconds, &parts);
        char text[48];
        std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900,
                      parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
        if (to_json(timestamp{seconds, 0}) != '"' + std::string{text} + '"' ||
            time_of(text) != timestamp{seconds, 0})
            FAIL(seconds);
    }
}

TEST_CASE("text may have an offset, any fraction, small letters and a leap second", "[convert]")
{
    CHECK(time_of("1970-01-01T01:00:00+01:00") == timestamp{0, 0});
    CHECK(time_of("1969-12-31T14:15:00-09:45") == timestamp{0, 0});
    CHECK(time_of("1970-01-01t00:00:00.25z") == timestamp{0, 250'000'000});
    CHECK(time_of("1970-01-01 00:00:00.1234567899Z") == timestamp{0, 123'456'789});
    CHECK(time_of("2016-12-31T23:59:60Z") == time_of("2017-01-01T00:00:00Z"));
}

TEST_CASE("text that is no time is refused", "[convert]")
{
    for (auto const* text :
         {"", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z",
          "1970-02-29T00:00:00Z", "1970-01-32T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
          "1970-01-01T00:00:61Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00Zx",
          "1970-01-01T00:00:00+0100", "1970-01-01T00:00:00+24:00", "+970-01-01T00:00:00Z",
          "1970-1-01T00:00:00Z", "19700101T000000Z"})
    {
        CAPTURE(text);
        CHECK(json_error<timestamp>(to_json(text)) == codec_errc::wrong_type);
    }
}

TEST_CASE("a number is read as seconds", "[convert]")
{
    CHECK(from_json<timestamp>("-5").value() == timestamp{-5, 0});
    CHECK(from_json<timestamp>("1.5").value() == timestamp{1, 500'000'000});
    CHECK(from_json<timestamp>("-0.25").value() == timestamp{-1, 750'000'000});
    CHECK(from_msgpack<timestamp>(from_hex("01")).value() == timestamp{1, 0});
    CHECK(json_error<timestamp>("1e19") == codec_errc::out_of_range);
    CHECK(json_error<timestamp>("18446744073709551615") == codec_errc::out_of_range);
    CHECK(msgpack_error<timestamp>("cb 7f f8 00 00 00 00 00 00") == codec_errc::out_of_range);
    CHECK(json_error<timestamp>("true") == codec_errc::wrong_type);
    CHECK(json_error<timestamp>("null") == codec_errc::wrong_type);
}

TEST_CASE("the system's clock is converted in every unit up to its ends", "[convert]")
{
    CHECK(survives(std::chrono::system_clock::now()));
    CHECK(survives(clock_time::max()));
    CHECK(survives(clock_time::min()));
    CHECK(survives(time_in<std::chrono::days>{std::chrono::days{-1}}));
    CHECK(survives(time_in<std::chrono::milliseconds>{-1ms}));
    CHECK(survives(std::vector<clock_time>{clock_time{}, clock_time{1s}}));
    CHECK(to_json(clock_time{1500ms}) == R"("1970-01-01T00:00:01.500Z")");
    CHECK(to_json(time_in<std::chrono::hours>{-1h}) == R"("1969-12-31T23:00:00Z")");

    using seconds_time = time_in<std::chrono::seconds>;
    CHECK(from_json<seconds_time>(R"("1969-12-31T23:59:58.5Z")").value() == seconds_time{-2s});
    CHECK(from_json<time_in<std::chrono::days>>(R"("1969-12-31T23:59:58Z")").value() ==
          time_in<std::chrono::days>{std::chrono::days{-1}});
    CHECK(from_json<time_in<std::chrono::milliseconds>>(R"("1969-12-31T23:59:58.0019Z")").value() ==
          time_in<std::chrono::milliseconds>{-1999ms});
    CHECK(json_error<clock_time>(R"("2263-01-01T00:00:00Z")") == codec_errc::out_of_range);
    CHECK(json_error<clock_time>(R"("1677-01-01T00:00:00Z")") == codec_errc::out_of_range);
    CHECK(json_error<time_in<std::chrono::duration<std::int32_t>>>(R"("2100-01-01T00:00:00Z")") ==
          codec_errc::out_of_range);
    CHECK_THROWS(to_msgpack(time_in<std::chrono::years>::max()));
}

TEST_CASE("the clock that does not tell the time of day is not converted", "[convert]")
{
    CHECK(!rpc::readable<std::chrono::steady_clock::time_point>);
    CHECK(!rpc::writable<std::chrono::steady_clock::time_point>);
}
