// SPDX-License-Identifier: BSL-1.0
//
// Conversion of sequences, sets, maps, arrays, tuples, optionals and variants.
#include "unit/codec/codec_test.hpp"

#include <oizys/rpc/codec/msgpack_reader.hpp>

#include <catch2/catch.hpp>

#include <deque>
#include <list>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

using namespace oizys;
using rpc::codec_errc;
using rpc::from_json;
using rpc::from_msgpack;
using rpc::to_json;
using rpc::to_msgpack;
using test::json_error;
using test::msgpack_error;
using test::survives;
using test::to_hex;

TEST_CASE("sequences and sets survive", "[convert]")
{
    CHECK(survives(std::vector<int>{}));
    CHECK(survives(std::vector<int>{1, -2, 300}));
    CHECK(survives(std::vector<bool>{true, false}));
    CHECK(survives(std::vector<std::vector<std::string>>{{}, {"a", "b"}}));
    CHECK(survives(std::deque<double>{1.5, -0.0}));
    CHECK(survives(std::list<std::string>{"a"}));
    CHECK(survives(std::set<int>{3, 1, 2}));
    CHECK(survives(std::unordered_set<std::string>{"x", "y"}));
    CHECK(survives(std::vector<int>(70'000, 1)));
}

TEST_CASE("reading into a container replaces what it held", "[convert]")
{
    std::string const message = to_msgpack(std::vector{1, 2});
    rpc::msgpack_reader in{message};
    std::vector<int> v{7, 8, 9};
    CHECK(rpc::read(in, v));
    CHECK(v == std::vector{1, 2});
}

TEST_CASE("maps are objects, and of equal names the last one counts", "[convert]")
{
    CHECK(survives(std::map<std::string, int>{{"", 0}, {"a", 1}}));
    CHECK(survives(std::unordered_map<std::string, std::vector<int>>{{"a", {1}}, {"b", {}}}));
    CHECK(from_json<std::map<std::string, int>>(R"({"a":1,"b":2,"a":3})").value() ==
          std::map<std::string, int>{{"a", 3}, {"b", 2}});
    CHECK(json_error<std::map<std::string, int>>("[]") == codec_errc::wrong_type);
    CHECK(json_error<std::map<std::string, int>>(R"({"a":"b"})") == codec_errc::wrong_type);
}

TEST_CASE("keys may be integers: as such in msgpack, as text in JSON", "[convert]")
{
    std::map<int, bool> const v{{-1, true}, {300, false}};
    CHECK(to_json(v) == R"({"-1":true,"300":false})");
    CHECK(to_hex(to_msgpack(v)) == "82 ff c3 cd 01 2c c2");
    CHECK(survives(v));
    CHECK(survives(std::map<std::uint64_t, int>{{UINT64_MAX, 1}}));
    CHECK(from_msgpack<std::map<int, bool>>(test::from_hex("81 a2 2d 31 c3")).value() ==
          std::map<int, bool>{{-1, true}});
    CHECK(json_error<std::map<std::int8_t, int>>(R"({"128":1})") == codec_errc::out_of_range);
    CHECK(json_error<std::map<int, int>>(R"({"99999999999999999999":1})") == codec_errc::out_of_range);
    for (std::string const name : {"", "x", "1x", " 1", "1.0", "+1"})
        CHECK(json_error<std::map<int, int>>("{\"" + name + "\":1}") == codec_errc::wrong_type);
    CHECK(json_error<std::map<unsigned, int>>(R"({"-1":1})") == codec_errc::wrong_type);
    CHECK(msgpack_error<std::map<std::string, int>>("81 01 01") == codec_errc::wrong_type);
}

TEST_CASE("arrays, tuples and pairs have exactly as many elements as they have", "[convert]")
{
    CHECK(survives(std::array<int, 0>{}));
    CHECK(survives(std::array<std::string, 2>{"a", "b"}));
    CHECK(survives(std::tuple<>{}));
    CHECK(survives(std::tuple{1, std::string{"x"}, 2.5, std::vector{1}}));
    CHECK(survives(std::pair{true, std::pair{1, 2}}));
    using three = std::array<int, 3>;
    using triple = std::tuple<int, int, int>;
    CHECK(json_error<three>("[1,2]") == codec_errc::wrong_length);
    CHECK(json_error<three>("[1,2,3,4]") == codec_errc::wrong_length);
    CHECK(json_error<triple>("[1,2]") == codec_errc::wrong_length);
    CHECK(json_error<triple>("[1,2,3,4]") == codec_errc::wrong_length);
    CHECK(json_error<triple>("{}") == codec_errc::wrong_type);
    CHECK(msgpack_error<three>("92 01 02") == codec_errc::wrong_length);
    CHECK(msgpack_error<triple>("94 01 02 03 04") == codec_errc::wrong_length);
    CHECK(msgpack_error<std::pair<std::string, int>>("92 a1 61") == codec_errc::truncated);
    CHECK(json_error<std::tuple<>>("[1]") == codec_errc::wrong_length);
    CHECK(json_error<triple>("[1,\"2\",3]") == codec_errc::wrong_type);
}

TEST_CASE("an empty optional is null", "[convert]")
{
    CHECK(survives(std::optional<int>{}));
    CHECK(survives(std::optional<int>{5}));
    CHECK(survives(std::vector<std::optional<std::string>>{{}, "a"}));
    CHECK(to_json(std::optional<int>{}) == "null");
    CHECK(to_json(nullptr) == "null");
    CHECK(survives(nullptr));
    CHECK(survives(std::monostate{}));
    CHECK(json_error<std::optional<int>>("\"x\"") == codec_errc::wrong_type);
}

TEST_CASE("a variant takes the first alternative that the kind fits", "[convert]")
{
    using any = std::variant<std::monostate, bool, int, double, std::string, std::vector<int>,
                             std::map<std::string, int>>;
    CHECK(survives(any{}));
    CHECK(survives(any{true}));
    CHECK(survives(any{5}));
    CHECK(survives(any{5.0}));
    CHECK(survives(any{"text"}));
    CHECK(survives(any{std::vector{1}}));
    CHECK(survives(any{std::map<std::string, int>{{"a", 1}}}));
    CHECK(from_json<std::variant<double, int>>("1").value() == std::variant<double, int>{1.0});
    CHECK(from_json<std::variant<std::int8_t, int>>("300").error() == codec_errc::out_of_range);
    CHECK(json_error<std::variant<int, bool>>("\"x\"") == codec_errc::wrong_type);
    CHECK(msgpack_error<std::variant<int, std::string>>("c4 00") == codec_errc::wrong_type);
    CHECK(survives(std::variant<int, std::optional<std::string>>{std::optional<std::string>{}}));
}

TEST_CASE("a JSON string is bytes only where no alternative is a string", "[convert]")
{
    rpc::bytes const data{std::byte{1}, std::byte{2}};
    using either = std::variant<rpc::bytes, std::string>;
    CHECK(survives(std::variant<int, rpc::bytes>{data}));
    CHECK(test::through_msgpack(either{data}) == either{data});
    CHECK(test::through_json(either{data}) == either{"AQI="});
}
