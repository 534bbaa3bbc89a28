// SPDX-License-Identifier: BSL-1.0
//
// Positional arguments that end where nothing more is given.
#include "unit/codec/codec_test.hpp"

#include <oizys/rpc/codec/convert/positional.hpp>

#include <catch2/catch.hpp>

using oizys::rpc::positional;
using oizys::rpc::spread;
using oizys::rpc::to_json;

TEST_CASE("empty arguments at the end are left out, others are null", "[convert]")
{
    using optional = std::optional<int>;
    using three = positional<int, optional, optional>;
    CHECK(to_json(positional<>{}) == "[]");
    CHECK(to_json(three{1, 2, 3}) == "[1,2,3]");
    CHECK(to_json(three{1, 2, {}}) == "[1,2]");
    CHECK(to_json(three{1, {}, 3}) == "[1,null,3]");
    CHECK(to_json(three{1, {}, {}}) == "[1]");
    CHECK(to_json(positional<optional, int>{{}, 1}) == "[null,1]");
    CHECK(to_json(positional<optional>{optional{}}) == "[]");
}

TEST_CASE("what is spread is as many arguments as it has elements", "[convert]")
{
    using numbers = spread<std::vector<int>>;
    using some = positional<std::optional<int>, numbers>;
    CHECK(to_json(some{1, {{2, 3}}}) == "[1,2,3]");
    CHECK(to_json(some{{}, {{2}}}) == "[null,2]");
    CHECK(to_json(some{1, {}}) == "[1]");
    CHECK(to_json(some{{}, {}}) == "[]");
    CHECK(oizys::test::to_hex(oizys::rpc::to_msgpack(some{1, {{2, 3}}})) == "93 01 02 03");
}
