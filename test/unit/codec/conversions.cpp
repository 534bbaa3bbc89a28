// SPDX-License-Identifier: BSL-1.0
//
// Members and enumerators with other names on the wire, members that stay at home, unknown ones that are refused.
#include "unit/codec/codec_test.hpp"

#include <boost/describe.hpp>
#include <catch2/catch.hpp>

using namespace oizys;
using rpc::codec_errc;
using rpc::from_json;
using rpc::to_json;
using test::json_error;
using test::survives;

namespace
{

struct account
{
    std::string name;
    std::string home_dir;
    int cache = 7;
    int shell = 3;
    std::optional<int> quota;
    bool operator==(account const&) const = default;
};
BOOST_DESCRIBE_STRUCT(account, (), (name, home_dir, cache, shell, quota))

struct group : account
{
    std::vector<account> members;
    bool operator==(group const&) const = default;
};
BOOST_DESCRIBE_STRUCT(group, (account), (members))

struct strict
{
    account inner;
    int x = 0;
};
BOOST_DESCRIBE_STRUCT(strict, (), (inner, x))

BOOST_DEFINE_ENUM_CLASS(level, low, in_between, high)
BOOST_DEFINE_ENUM_CLASS(direction, left, right)

} // namespace

template <>
struct oizys::rpc::conversion<account>
{
    static constexpr field fields[] = {{.member = "home_dir", .name = "homeDir"},
                                       {.member = "cache", .skipped = true},
                                       {.member = "shell", .optional = true}};
};

template <>
struct oizys::rpc::conversion<group>
{
    static constexpr field fields[] = {{.member = "name", .name = "groupName"}};
};

template <>
struct oizys::rpc::conversion<strict>
{
    static constexpr bool refuse_unknown_members = true;
};

template <>
struct oizys::rpc::conversion<level>
{
    static constexpr bool by_name = true;
    static constexpr field fields[] = {{.member = "in_between", .name = "in-between"}};
};

TEST_CASE("members are renamed, skipped and left out", "[convert]")
{
    account const ada{"ada", "/home/ada", 1, 2, {}};
    CHECK(to_json(ada) == R"({"name":"ada","homeDir":"/home/ada","shell":2})");
    CHECK(from_json<account>(R"({"name":"ada","homeDir":"/home/ada","cache":5})").value() ==
          account{"ada", "/home/ada", 7, 3, {}});
    CHECK(json_error<account>(R"({"name":"ada","home_dir":"/home/ada"})") == codec_errc::missing_member);
    CHECK(json_error<account>(R"({"name":"ada","homeDir":"/","shell":null})") == codec_errc::wrong_type);
    CHECK(from_json<account>(R"(["ada","/",9,null])").value() == account{"ada", "/", 7, 9, {}});
    CHECK(json_error<account>(R"(["ada","/",9,null,1])") == codec_errc::wrong_length);
}

TEST_CASE("what holds for a base class holds for what is derived, unless that says otherwise", "[convert]")
{
    group admins;
    admins.name = "admins", admins.home_dir = "/", admins.members = {{"ada", "/a", 7, 3, 5}};
    CHECK(
        to_json(admins) ==
        R"({"groupName":"admins","homeDir":"/","shell":3,"members":[{"name":"ada","homeDir":"/a","shell":3,"quota":5}]})");
    CHECK(survives(admins));
}

TEST_CASE("unknown members are refused by the types that say so, and by no others", "[convert]")
{
    std::string const inner = R"({"name":"a","homeDir":"/","other":1})";
    CHECK(from_json<strict>(R"({"x":1,"inner":)" + inner + "}").value().x == 1);
    CHECK(json_error<strict>(R"({"x":1,"y":2,"inner":)" + inner + "}") == codec_errc::unknown_member);
    CHECK(test::msgpack_error<strict>("81 a1 79 02") == codec_errc::unknown_member);
}

TEST_CASE("an enumeration is written by name where its conversion says so, and read by number as well",
          "[convert]")
{
    CHECK(to_json(level::in_between) == R"("in-between")");
    CHECK(to_json(level::high) == R"("high")");
    CHECK(survives(level::low));
    CHECK(from_json<level>("1").value() == level::in_between);
    CHECK(json_error<level>(R"("in_between")") == codec_errc::unknown_enumerator);
    CHECK_THROWS(to_json(level{9}));
    CHECK(to_json(direction::right) == "1");
    CHECK(survives(std::map<std::string, level>{{"a", level::high}}));
}
