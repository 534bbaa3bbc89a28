// SPDX-License-Identifier: BSL-1.0
//
// Proves what words of the command line become parameters, and which are mistakes.
#include "arguments.hpp"

#include "failure.hpp"
#include "print_value.hpp"

#include <catch2/catch.hpp>

using namespace oizys::cli;
using Catch::Matchers::Contains;
using words = std::vector<std::string>;

namespace
{

std::string mistake_in(words const& plain, words const& behind, words const& named)
{
    try
    {
        parse_parameters(plain, behind, named);
    }
    catch (failure const& e)
    {
        CHECK(e.code() == usage);
        return e.what();
    }
    return "";
}

} // namespace

TEST_CASE("an argument is JSON, or else a string")
{
    auto const [word, json] = GENERATE(table<std::string, std::string>({
        {"3", "3"},
        {"-3", "-3"},
        {"2.5", "2.5"},
        {"null", "null"},
        {"true", "true"},
        {"[1,2]", "[1,2]"},
        {R"({"a":[]})", R"({"a":[]})"},
        {R"("3")", R"("3")"},
        {"hello", R"("hello")"},
        {"nul", R"("nul")"},
        {"two words", R"("two words")"},
        {"01", R"("01")"},
        {"", R"("")"},
        {"unix:/x", R"("unix:/x")"},
        {"\xc3\xbc", "\"\xc3\xbc\""},
        {"18446744073709551615", "18446744073709551615"},
    }));
    CAPTURE(word);
    CHECK(compact(parse_argument(word)) == json);
}

TEST_CASE("what begins like an array, an object or a quoted string must be one")
{
    auto const word = GENERATE(as<std::string>{}, "[1", "{", "{a:1}", "\"x", " [1,", "[1]]");
    CAPTURE(word);
    CHECK_THROWS_AS(parse_argument(word), failure);
    CHECK_THAT(mistake_in({word}, {}, {}), Contains("not JSON: " + word));
}

TEST_CASE("parameters are an array in their order, or an object of named ones")
{
    CHECK(compact(parse_parameters({}, {}, {})) == "[]");
    CHECK(compact(parse_parameters({"1", "b"}, {"-x", "[3]"}, {})) == R"([1,"b","-x",[3]])");
    CHECK(compact(parse_parameters({}, {}, {"a=1", "b=x=y", "c="})) == R"({"a":1,"b":"x=y","c":""})");
}

TEST_CASE("what looks like an option is a mistake in front of --, numbers and a dash are not")
{
    CHECK_THAT(mistake_in({"--msgpak"}, {}, {}), Contains("unknown option --msgpak"));
    CHECK_THAT(mistake_in({"-x"}, {}, {}), Contains("behind --"));
    CHECK(compact(parse_parameters({"-5", "-1e3", "-"}, {}, {})) == R"([-5,-1000.0,"-"])");
}

TEST_CASE("named parameters have a name once, and stand alone")
{
    CHECK_THAT(mistake_in({"1"}, {}, {"a=1"}), Contains("not both"));
    CHECK_THAT(mistake_in({}, {"1"}, {"a=1"}), Contains("not both"));
    CHECK_THAT(mistake_in({}, {}, {"a"}), Contains("not NAME=VALUE: a"));
    CHECK_THAT(mistake_in({}, {}, {"=1"}), Contains("not NAME=VALUE"));
    CHECK_THAT(mistake_in({}, {}, {"a=1", "a=2"}), Contains("given twice: a"));
}
