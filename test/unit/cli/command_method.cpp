// SPDX-License-Identifier: BSL-1.0
//
// Proves what a shell command is given, what its end means, and how many run.
#include "command_method.hpp"

#include "child_pool.hpp"
#include "failure.hpp"
#include "print_value.hpp"

#include <catch2/catch.hpp>

using namespace oizys::cli;
namespace rpc = oizys::rpc;
using words = std::vector<std::string>;

namespace
{

std::string answer(shell_outcome const& outcome)
{
    auto const given = answer_of("m", outcome);
    if (given.has_value())
        return compact(given.value());
    return std::to_string(given.error().code) + ' ' + given.error().message + ' ' +
           compact(given.error().data);
}

} // namespace

TEST_CASE("a method is a name and a command")
{
    command_method const one{"count=wc -l < \"$1\"=x"};
    CHECK(one.name == "count");
    CHECK(one.command == "wc -l < \"$1\"=x");
    for (auto const* const word : {"", "count", "=true", "count="})
        CHECK_THROWS_AS(command_method{word}, failure);
}

TEST_CASE("strings are arguments as they are, anything else as JSON, named parameters not at all")
{
    CHECK(words_of(rpc::array{"a b", "$(x)", 1, nullptr, rpc::array{1, "x"}}) ==
          words{"a b", "$(x)", "1", "null", R"([1,"x"])"});
    CHECK(words_of(rpc::object{{"a", 1}}).empty());
}

TEST_CASE("what no argument can be is refused")
{
    CHECK_THROWS_WITH(words_of(rpc::array{1, std::string{"a\0b", 3}}),
                      Catch::Matchers::Contains("parameter 2"));
    CHECK(words_of(rpc::array{std::string(131071, 'x')}).size() == 1);
    CHECK_THROWS_AS(words_of(rpc::array{std::string(131072, 'x')}), rpc::error);
}

TEST_CASE("what was printed is the result")
{
    CHECK(answer({.output = "[1, 2]\n"}) == "[1,2]");
    CHECK(answer({.output = "3\n"}) == "3");
    CHECK(answer({.output = "two\nlines\n\n"}) == R"("two\nlines\n")");
    CHECK(answer({.output = ""}) == "null");
    CHECK(answer({.output = "\n"}) == "null");
    CHECK(answer({.output = "\xff"}) == R"("/w==")");
}

TEST_CASE("how a command failed is told by code, message and data")
{
    using kind = shell_outcome::kind;
    CHECK(answer({.status = 3, .output = "x", .errors = "oh\n"}) ==
          R"(3 m: exit status 3 {"stderr":"oh\n"})");
    CHECK(answer({.how = kind::killed, .status = 9}) == R"(137 m: killed by signal 9 {"stderr":""})");
    CHECK(answer({.how = kind::timed_out}) == R"(124 m: took too long {"stderr":""})");
    CHECK(answer({.how = kind::too_much}) == R"(-32001 m: printed too much {"stderr":""})");
    CHECK(answer({.how = kind::stopped}) == R"(-32603 m: the server ends {"stderr":""})");
}

TEST_CASE("so many run, so many wait, and the rest is refused")
{
    std::string started;
    child_pool pool{2, 2};
    auto const run = [&](char name) { return pool.run(1, [&started, name] { started += name; }); };
    CHECK((run('a') && run('b') && run('c') && run('d')));
    CHECK_FALSE(run('e'));
    CHECK(started == "ab");
    CHECK(pool.waiting() == 2);
    pool.ended();
    CHECK(started == "abc");
    CHECK(run('f'));
    pool.ended();
    pool.ended();
    CHECK(started == "abcdf");
    pool.ended();
    pool.ended();
    CHECK(pool.running() == 0);
}

TEST_CASE("what waits is bounded in bytes as well, and can be dropped")
{
    child_pool pool{1, 100};
    CHECK(pool.run(child_pool::max_waiting_bytes * 2, [] {})); // it does not wait
    CHECK(pool.run(child_pool::max_waiting_bytes - 1, [] { FAIL("was dropped"); }));
    CHECK_FALSE(pool.run(2, [] {}));
    pool.clear();
    CHECK(pool.run(2, [] {}));
    pool.ended();
    pool.ended();
    CHECK(pool.running() == 0);
}
