// SPDX-License-Identifier: BSL-1.0
//
// The dynamic value: construction, access, equality, and both codecs.
#include "unit/codec/codec_test.hpp"
#include "unit/codec/random_value.hpp"

#include <oizys/rpc/codec/kind.hpp>
#include <oizys/rpc/codec/value.hpp>

#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>

#include <sstream>

using namespace oizys;
using rpc::array;
using rpc::codec_errc;
using rpc::kind;
using rpc::object;
using rpc::value;

namespace
{

template <class F>
boost::system::error_code thrown(F f)
{
    try
    {
        f();
    }
    catch (boost::system::system_error const& e)
    {
        return e.code();
    }
    return {};
}

} // namespace

TEST_CASE("a value reads as it is written down", "[value]")
{
    value const v =
        object{{"name", "ada"}, {"age", 36}, {"scores", array{1, 2.5, nullptr, true}}, {"tags", object{}}};
    CHECK(rpc::to_json(v) == R"({"name":"ada","age":36,"scores":[1,2.5,null,true],"tags":{}})");
    CHECK(v["name"].as<std::string>() == "ada");
    CHECK(v["scores"][1].as<double>() == 2.5);
    CHECK(v["scores"].size() == 4);
    CHECK(v.size() == 4);
    CHECK(v["scores"][9].is_null());
    CHECK(v["nothing"]["of"]["this"].is_null());
    CHECK(v[0].is_null());
    CHECK(v.at("age").as<int>() == 36);
    CHECK(v.at("scores").at(0).as<std::uint8_t>() == 1);
}

TEST_CASE("every kind of value knows its kind", "[value]")
{
    CHECK(value{}.kind() == kind::null);
    CHECK(value{nullptr}.kind() == kind::null);
    CHECK(value{false}.kind() == kind::boolean);
    CHECK(value{-1}.kind() == kind::integer);
    CHECK(value{UINT64_MAX}.kind() == kind::integer);
    CHECK(value{1.0f}.kind() == kind::floating);
    CHECK(value{"text"}.kind() == kind::string);
    CHECK(value{std::string_view{"text"}}.kind() == kind::string);
    CHECK(value{rpc::bytes{}}.kind() == kind::binary);
    CHECK(value{array{}}.kind() == kind::array);
    CHECK(value{object{}}.kind() == kind::object);
    CHECK(value{rpc::extension{}}.kind() == kind::extension);
}

TEST_CASE("equal integers are equal values whatever type they came in", "[value]")
{
    CHECK(value{5} == value{5u});
    CHECK(value{std::uint64_t{5}} == value{std::int8_t{5}});
    CHECK(value{UINT64_MAX} != value{-1});
    CHECK(value{1} != value{1.0});
    CHECK(value{true} != value{1});
    CHECK(object{{"a", 1}, {"b", 2}} == object{{"a", 1}, {"b", 2}});
    CHECK(object{{"a", 1}} != object{{"a", 2}});
}

TEST_CASE("as gives numbers of any fitting type, and says why not", "[value]")
{
    CHECK(value{300}.as<std::int16_t>() == 300);
    CHECK(value{UINT64_MAX}.as<std::uint64_t>() == UINT64_MAX);
    CHECK(value{7}.as<double>() == 7.0);
    CHECK(value{UINT64_MAX}.as<double>() == 18446744073709551615.0);
    CHECK(value{true}.as<bool>());
    CHECK(thrown([] { value{300}.as<std::uint8_t>(); }) == codec_errc::out_of_range);
    CHECK(thrown([] { value{UINT64_MAX}.as<std::int64_t>(); }) == codec_errc::out_of_range);
    CHECK(thrown([] { value{"5"}.as<int>(); }) == codec_errc::wrong_type);
    CHECK(thrown([] { value{"5"}.as<double>(); }) == codec_errc::wrong_type);
    CHECK(thrown([] { value{5}.as<std::string>(); }) == codec_errc::wrong_type);
    CHECK(thrown([] { std::as_const(object{{"a", 1}}["a"]).at("b"); }) == codec_errc::wrong_type);
    CHECK(thrown([] { value{object{}}.at("b"); }) == codec_errc::missing_member);
    CHECK(thrown([] { value{array{1}}.at(1); }) == codec_errc::wrong_length);
    CHECK(value{5}.get_if<std::string>() == nullptr);
    value const text = "5";
    CHECK(*text.get_if<std::string>() == "5");
}

TEST_CASE("a value is shown as JSON, as far as that goes", "[value]")
{
    std::ostringstream out;
    out << value{array{1, "two"}} << ' ' << value{rpc::extension{}};
    CHECK(out.str().starts_with("[1,\"two\"]  (this codec has no form"));
}

TEST_CASE("a value is built by assigning members", "[value]")
{
    value v;
    v["a"] = 1;
    v["b"]["c"] = array{1, 2};
    v["b"]["c"][1] = "two";
    v["a"] = 3;
    CHECK(rpc::to_json(v) == R"({"a":3,"b":{"c":[1,"two"]}})");
    CHECK(thrown([&] { v["a"]["x"] = 1; }) == codec_errc::wrong_type);
    CHECK(thrown([&] { v["b"]["c"][2] = 1; }) == codec_errc::wrong_length);
}

TEST_CASE("an object keeps its order, and of equal names finds the last", "[value]")
{
    value const v = rpc::from_json<value>(R"({"z":1,"a":2,"z":3})").value();
    auto const& members = v.as<object>();
    CHECK(members.size() == 3);
    CHECK(!members.empty());
    CHECK(members.begin()->first == "z");
    CHECK(v["z"].as<int>() == 3);
    CHECK(members.contains("a"));
    CHECK(members.find("b") == nullptr);
    object copy = members;
    copy["z"] = 4;
    copy.push_back("n", nullptr);
    for (auto& [name, element] : copy)
        if (name == "a")
            element = 5;
    CHECK(rpc::to_json(value{copy}) == R"({"z":1,"a":5,"z":4,"n":null})");
    object moved;
    moved = std::move(copy);
    CHECK(moved.size() == 4);
    copy = moved;
    CHECK(copy == moved);
}

TEST_CASE("random values survive both codecs", "[value]")
{
    test::random_values random{4};
    for (int i = 0; i < 3000; ++i)
    {
        random.with_binary = false;
        value const text = random.any();
        if (test::through_json(text) != text)
            FAIL(rpc::to_json(text));
        random.with_binary = true;
        value const binary = random.any();
        if (test::through_msgpack(binary) != binary)
            FAIL(test::to_hex(rpc::to_msgpack(binary)));
    }
}

TEST_CASE("a value keeps integers, binary data, extensions and integer names of msgpack", "[value]")
{
    using test::from_hex;
    CHECK(rpc::from_msgpack<value>(from_hex("c4 01 ff")).value() == value{rpc::bytes{std::byte{0xff}}});
    CHECK(rpc::from_msgpack<value>(from_hex("d4 fe 07")).value() ==
          value{rpc::extension{-2, {std::byte{7}}}});
    CHECK(rpc::from_msgpack<value>(from_hex("cf ff ff ff ff ff ff ff ff")).value() == value{UINT64_MAX});
    CHECK(rpc::from_msgpack<value>(from_hex("83 01 01 ff 02 cf ff ff ff ff ff ff ff ff 03")).value() ==
          value{object{{"1", 1}, {"-1", 2}, {"18446744073709551615", 3}}});
    CHECK(rpc::from_msgpack<value>("").error() == codec_errc::truncated);
}

TEST_CASE("a value nested too deep is not written any further", "[value]")
{
    value v;
    for (int i = 0; i < 1000; ++i)
    {
        value outer = i % 2 == 0 ? value{array{}} : value{object{}};
        if (auto* elements = outer.get_if<array>())
            elements->push_back(std::move(v));
        else
            outer["a"] = std::move(v);
        v = std::move(outer);
    }
    CHECK(thrown([&] { rpc::to_json(v); }) == codec_errc::too_deep);
    CHECK(thrown([&] { rpc::to_msgpack(v); }) == codec_errc::too_deep);
    CHECK(rpc::from_json<value>(rpc::to_json(v, {.max_depth = 1000}), {.max_depth = 1000}).value() == v);
    CHECK(rpc::from_msgpack<value>(rpc::to_msgpack(v, {.max_depth = 1000}), {.max_depth = 1000}).value() ==
          v);
}

TEST_CASE("an object by itself crosses the wire as it does within a value")
{
    rpc::object const members{{"b", 1}, {"a", rpc::array{true, nullptr}}};
    auto const text = rpc::to_json(members);
    CHECK(text == R"({"b":1,"a":[true,null]})");
    CHECK(rpc::from_json<rpc::object>(text).value() == members);
    CHECK(rpc::from_msgpack<rpc::object>(rpc::to_msgpack(members)).value() == members);
    CHECK(rpc::from_json<rpc::object>("[1]").error() == rpc::codec_errc::wrong_type);
}
