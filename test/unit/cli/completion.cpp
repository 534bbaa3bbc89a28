// SPDX-License-Identifier: BSL-1.0
//
// Proves what is offered at each place of a command line, and that the manual page has what --help has.
#include "completion.hpp"

#include "command_line.hpp"
#include "man_page.hpp"

#include <catch2/catch.hpp>

using namespace oizys::cli;
using Catch::Matchers::Contains;
using words = std::vector<std::string>;

namespace
{

words offered(words const& typed)
{
    command_line line;
    auto const app = make_app(line);
    return candidates(*app, typed,
                      {.methods =
                           [](std::string const& where) {
                               return where == "unix:/s" ? words{"add", "append", "sum"} : words{};
                           },
                       .sockets =
                           [](std::string const& begin) {
                               return begin == "/r" ? words{"/run/", "/r.sock"} : words{};
                           }});
}

} // namespace

TEST_CASE("commands and options are offered by their beginning")
{
    CHECK(offered({"li"}) == words{"list", "listen"});
    CHECK(offered({"--v"}) == words{"--version"});
    CHECK(offered({"call", "--ms"}) == words{"--msgpack"});
    CHECK(offered({"call", "unix:/s", "add", "--no"}) == words{"--notify"});
    CHECK(offered({"nothing", ""}).empty());
    auto const all = offered({""});
    CHECK(std::count(all.begin(), all.end(), "call") == 1);
    CHECK(std::count(all.begin(), all.end(), "complete") == 0); // for scripts
    CHECK(offered({}) == all);
}

TEST_CASE("endpoints are offered by kind, and sockets by path")
{
    CHECK(offered({"call", "un"}) == words{"unix:"});
    CHECK(offered({"call", "unix:/r"}) == words{"unix:/run/", "unix:/r.sock"});
    CHECK(offered({"monitor", "unix:/a", "--through", "shm:/r"}) == words{"shm:/run/", "shm:/r.sock"});
    CHECK(offered({"call", "--timeout", "3", "tc"}) == words{"tcp:"});
    CHECK(offered({"call", "--timeout", ""}).empty());
}

TEST_CASE("methods are those of the server that was named")
{
    CHECK(offered({"call", "unix:/s", "a"}) == words{"add", "append"});
    CHECK(offered({"call", "--msgpack", "unix:/s", "--timeout", "1", "s"}) == words{"sum"});
    CHECK(offered({"bench", "unix:/s", "su"}) == words{"sum"});
    CHECK(offered({"describe", "unix:/s", "su"}) == words{"sum"});
    CHECK(offered({"call", "unix:/other", ""}).empty());
    CHECK(offered({"call", "unix:/s", "add", ""}).empty());
    CHECK(offered({"serve", "unix:/s", "a"}).empty()); // names of its own
}

TEST_CASE("values of options that have a few are offered")
{
    CHECK(offered({"listen", "--filter", "kind=n"}) == words{"kind=notification"});
    CHECK(offered({"completion", "b"}) == words{"bash"});
}

TEST_CASE("there are scripts for bash and zsh")
{
    CHECK_THAT(std::string{completion_script("bash")}, Contains("complete -o default -F _oizys oizys"));
    CHECK_THAT(std::string{completion_script("zsh")}, Contains("#compdef oizys"));
    CHECK(completion_script("fish").empty());
}

TEST_CASE("the manual page has every command and option that --help has")
{
    command_line line;
    auto const app = make_app(line);
    auto const page = man_page(*app, "oizys 1.2.3");
    CHECK_THAT(page, Contains(".TH OIZYS 1 \"\" \"oizys 1.2.3\""));
    for (auto const* const command :
         app->get_subcommands([](CLI::App const* c) { return !c->get_group().empty(); }))
    {
        INFO(command->get_name());
        CHECK_THAT(page, Contains("\n.SS " + command->get_name() + "\n"));
        for (auto const* const option : command->get_options())
        {
            auto name = option->get_name(false, true);
            for (std::size_t at = 0; (at = name.find('-', at)) != std::string::npos; at += 2)
                name.insert(at, "\\");
            CHECK_THAT(page, Contains(name));
        }
    }
    CHECK_THAT(page, Contains("Exit codes: 0 answered"));
    CHECK(page.find("\n'") == std::string::npos); // roff would obey it
}

TEST_CASE("what stands behind -- is kept from the parser")
{
    command_line line;
    char const* const argv[] = {"oizys", "call", "x", "--", "-y", "--", "z"};
    CHECK(split(7, argv, line) == words{"call", "x"});
    CHECK(line.behind == words{"-y", "--", "z"});
}
