// SPDX-License-Identifier: BSL-1.0
//
// Proves that messages pass between a session and the child that was started for it, and what a child
// is given.
#include "children.hpp"

#include "support/forked.hpp"
#include "support/temp_dir.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace
{

using namespace oizys::test;
using oizys::framing;
using namespace std::chrono_literals;

// A line of JSON that a shell script prints.
std::string answer_of(asio::io_context& io, words const& command, child_channel channel)
{
    child c;
    REQUIRE(!c.start(io, command, {.framing = framing::json_text}, 30s, channel));
    REQUIRE(run_until(io, [&] { return !c.saw.messages.empty() && c.saw.closed() && !c.ends.empty(); }));
    CHECK(c.exited_with(0));
    return c.saw.messages.front();
}

// The open descriptors of the program that lists them, without the one that it lists them with.
std::string const list_descriptors = "set -- /proc/self/fd/*; for f; do [ -e $f ] && echo ${f##*/}; done |"
                                     " tr '\\n' ' '";

} // namespace

TEST_CASE("cat sends back messages of every size, in both framings")
{
    for (auto const framing : {framing::header24, framing::json_text})
    {
        asio::io_context io;
        child cat;
        REQUIRE(!cat.start(io, {"cat"}, {.framing = framing}));
        texts sent;
        for (std::size_t const size : {2u, 100u, 70000u, 3000000u, 3u})
            sent.push_back("[" + std::string(size - 2, ' ') + "]");
        for (auto const& text : sent)
            cat.session->send(text);
        REQUIRE(run_until(io, [&] { return cat.saw.messages.size() == sent.size(); }));
        CHECK((cat.saw.messages == sent));
        cat.session->close();
        REQUIRE(run_until(io, [&] { return !cat.ends.empty(); }));
        CHECK(cat.exited_with(0));
        CHECK(cat.saw.closed_with({}));
        CHECK(has_no_children());
    }
}

TEST_CASE("a child talks over its descriptor 3, while its input is empty")
{
    asio::io_context io;
    for (auto const framing : {framing::header24, framing::json_text})
    {
        child c;
        REQUIRE(!c.start(io, shell("read line; exec cat <&3 >&3"), {.framing = framing}, 30s,
                         child_channel::fd3));
        texts const sent{"[1]", "[" + std::string(1000000, ' ') + "]"};
        for (auto const& text : sent)
            c.session->send(text);
        REQUIRE(run_until(io, [&] { return c.saw.messages.size() == sent.size(); }));
        CHECK((c.saw.messages == sent));
        c.session->close();
        REQUIRE(run_until(io, [&] { return !c.ends.empty(); }));
        CHECK(c.exited_with(0));
    }
}

TEST_CASE("a hundred children work at the same time and all are collected")
{
    auto const before = open_descriptors();
    {
        asio::io_context io;
        std::vector<std::unique_ptr<child>> children;
        for (int i = 0; i < 100; ++i)
        {
            children.push_back(std::make_unique<child>());
            REQUIRE(!children.back()->start(io, {"cat"}, {}, 30s,
                                            i % 4 == 3 ? child_channel::fd3 : child_channel::stdio));
            children.back()->session->send("to " + std::to_string(i));
        }
        auto const all = [&](auto const& predicate) {
            return std::all_of(children.begin(), children.end(), predicate);
        };
        // A cat whose input is /dev/null ends at once.
        REQUIRE(run_until(io, [&] {
            return all([](auto const& c) { return !c->saw.messages.empty() || !c->ends.empty(); });
        }));
        for (std::size_t i = 0; i < 100; ++i)
            CHECK(children[i]->saw.messages == (i % 4 == 3 ? texts{} : texts{"to " + std::to_string(i)}));
        for (auto const& c : children)
            c->session->close();
        REQUIRE(run_until(io, [&] { return all([](auto const& c) { return c->exited_with(0); }); }));
        CHECK(has_no_children());
    }
    CHECK(open_descriptors() == before);
}

TEST_CASE("a child inherits its three or four descriptors and no others")
{
    asio::io_context io;
    int forgotten[2]; // not close-on-exec
    REQUIRE(::pipe(forgotten) == 0);
    oizys::unique_fd const first{forgotten[0]};
    oizys::unique_fd const second{forgotten[1]};
    child other;
    REQUIRE(!other.start(io, {"cat"}));

    // `ls` would show its own descriptor too. The glob's is closed before the loop looks.
    CHECK(answer_of(io, shell("echo \"[\\\"$(" + list_descriptors + ")\\\"]\""), child_channel::stdio) ==
          R"(["0 1 2 "])");
    CHECK(answer_of(io, shell("echo \"[\\\"$(" + list_descriptors + ")\\\"]\" >&3"), child_channel::fd3) ==
          R"(["0 1 2 3 "])");
}

TEST_CASE("the channel of a child is of the kind that is documented")
{
    asio::io_context io;
    auto const kinds = [](std::string const& fds) {
        return shell("for f in " + fds +
                     "; do readlink /proc/$$/fd/$f | cut -d: -f1; done | tr '\\n' ' ' |"
                     " { read -r all; echo \"[\\\"$all\\\"]\" >&" +
                     (fds == "0 1" ? "1" : "3") + "; }");
    };
    CHECK(answer_of(io, kinds("0 1"), child_channel::stdio) == R"(["pipe pipe"])");
    CHECK(answer_of(io, kinds("0 3"), child_channel::fd3) == R"(["/dev/null socket"])");
}

TEST_CASE("descriptors can be passed to a child over its descriptor 3, and not over its pipes")
{
    asio::io_context io;
    for (auto const channel : {child_channel::stdio, child_channel::fd3})
    {
        error_code ec;
        auto const s = oizys::detail::make_exec_stream(io.get_executor(), {"true"}, channel, {}, ec);
        REQUIRE(s);
        CHECK(s->passes_descriptors() == (channel == child_channel::fd3));
    }
}

TEST_CASE("words reach the child as they are, and our environment with them")
{
    asio::io_context io;
    ::setenv("OIZYS_TEST_WORD", "inherited", 1);
    CHECK(answer_of(io, {"printf", "[\"%s\",\"%s\"]", "$HOME  ;*", "'"}, child_channel::stdio) ==
          R"(["$HOME  ;*","'"])");
    CHECK(answer_of(io, shell("echo \"[\\\"$OIZYS_TEST_WORD\\\"]\""), child_channel::stdio) ==
          R"(["inherited"])");
    ::unsetenv("OIZYS_TEST_WORD");
}

TEST_CASE("what systemd told this process alone does not reach the child")
{
    asio::io_context io;
    std::string script = "echo \"[\\\"";
    auto const names = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                        "LISTEN_FDS",    "LISTEN_PID",    "LISTEN_FDNAMES"};
    for (auto const* name : names)
    {
        ::setenv(name, "1", 1);
        script += std::string{"${"} + name + "-none} ";
    }
    ::setenv("LISTEN", "other", 1);
    CHECK(answer_of(io, shell(script + "$LISTEN\\\"]\""), child_channel::stdio) ==
          R"(["none none none none none none other"])");
    for (auto const* name : names)
        ::unsetenv(name);
    ::unsetenv("LISTEN");
}

TEST_CASE("a child starts with no signal blocked or ignored, whatever we do with them")
{
    sigset_t mask;
    sigset_t before;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &mask, &before);
    auto const old_int = ::signal(SIGINT, SIG_IGN);
    auto const old_pipe = ::signal(SIGPIPE, SIG_IGN);
    asio::io_context io;
    auto const answer = answer_of(io,
                                  shell("sed -n 's/^Sig\\(Blk\\|Ign\\):.\\([0-9a-f]*\\)$/\\2/p'"
                                        " /proc/self/status | tr '\\n' ' ' |"
                                        " { read -r all; echo \"[\\\"$all\\\"]\"; }"),
                                  child_channel::stdio);
    ::signal(SIGINT, old_int);
    ::signal(SIGPIPE, old_pipe);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    unsigned long blocked = ~0ul;
    unsigned long ignored = ~0ul;
    REQUIRE(std::sscanf(answer.c_str(), "[\"%lx %lx\"]", &blocked, &ignored) == 2);
    constexpr unsigned long glibcs_own = 0x180000000; // 32 and 33: its posix_spawn ignores them
    CHECK(blocked == 0);
    CHECK((ignored & ~glibcs_own) == 0);
}

TEST_CASE("what cannot be started is an error of starting, and leaves nothing behind")
{
    oizys::test::temp_dir const dir;
    std::ofstream{dir.file("plain")} << "not a program";
    std::ofstream{dir.file("text")} << "not a program";
    ::chmod(dir.file("text").c_str(), 0700);
    asio::io_context io;
    asio::steady_timer const timer{io}; // with it the loop has all descriptors of its own
    auto const before = open_descriptors();
    auto const system = [](int value) { return error_code{value, boost::system::system_category()}; };
    for (auto const channel : {child_channel::stdio, child_channel::fd3})
    {
        auto const error_of = [&](words const& command) {
            child c;
            return c.start(io, command, {}, 30s, channel);
        };
        CHECK(error_of({"oizys-has-no-such-program"}) == system(ENOENT));
        CHECK(error_of({dir.file("missing")}) == system(ENOENT));
        CHECK(error_of({""}) == system(ENOENT));
        CHECK(error_of({dir.file("plain")}) == system(EACCES));
        CHECK(error_of({dir.path()}) == system(EACCES));
        CHECK(error_of({dir.file("text")}) == system(ENOEXEC));
        CHECK(error_of({}) == system(EINVAL));
        CHECK(error_of({"cat", std::string("a\0b", 3)}) == system(EINVAL));
        CHECK(error_of({"cat", std::string(4u << 20, 'x')}) == system(E2BIG));
    }
    CHECK(has_no_children());
    CHECK(open_descriptors() == before);
    settle(io);
}

TEST_CASE("the pid of a child is known while it lives")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, shell("echo [$$]; read line"), {.framing = framing::json_text}));
    REQUIRE(run_until(io, [&] { return !c.saw.messages.empty(); }));
    auto const who = c.session->credentials();
    REQUIRE(who.pid);
    CHECK("[" + std::to_string(*who.pid) + "]" == c.saw.messages.front());
    CHECK(!who.uid);
    c.session->close();
    REQUIRE(run_until(io, [&] { return !c.ends.empty(); }));
    CHECK(!c.session->credentials().pid);
}

TEST_CASE("a child is started well by a process whose own 0, 1 and 2 are closed")
{
    for (auto const channel : {child_channel::stdio, child_channel::fd3})
    {
        forked process{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, [channel] {
                           asio::io_context io;
                           asio::steady_timer const timer{io}; // with it the loop has all its descriptors
                           for (int fd = 0; fd < 3; ++fd)
                               ::close(fd);
                           error_code ec;
                           auto const command =
                               shell(std::string{"echo [\\\"$(readlink /proc/$$/fd/2)\\\"] >&"} +
                                     (channel == child_channel::fd3 ? "3" : "1"));
                           auto s = oizys::detail::make_handle(
                               oizys::detail::make_exec_stream(io.get_executor(), command, channel, {}, ec),
                               oizys::session_options{.framing = framing::json_text});
                           std::string got;
                           s->set_onmessage([&](std::string const& message) { got = message; });
                           io.run();
                           for (int fd = 0; fd < 3; ++fd)
                               if (::fcntl(fd, F_GETFD) >= 0)
                                   return 2; // what is printed there would get into the channel
                           return got == R"(["/dev/null"])" ? 0 : 1;
                       }};
        CHECK(process.wait() == 0);
    }
}
