// SPDX-License-Identifier: BSL-1.0
//
// Proves what another process sees of one that has a session on its standard input and output.
#include "wires.hpp"

#include "support/forked.hpp"

#include <sys/stat.h>

#include <cstdio>

namespace
{

using namespace oizys::test;

// A session on the standard input and output that sends back what it gets, until its input ends.
int echo(oizys::framing framing)
{
    asio::io_context io;
    error_code ec;
    auto stream = oizys::detail::make_stdio_stream(io.get_executor(), ec);
    if (ec)
        return ec.value();
    auto const s = oizys::detail::make_handle(std::move(stream), oizys::session_options{.framing = framing});
    bool at_eof = false;
    s->set_onmessage([&](std::string const& message) {
        std::puts("a stray line"); // what careless libraries do
        std::fflush(stdout);
        s->send(message);
    });
    s->set_onclose([&](error_code why) { at_eof = why == asio::error::eof; });
    io.run();
    return at_eof ? 0 : 1;
}

std::string read_to_end(unique_fd const& fd)
{
    std::string all;
    char room[4096];
    for (ssize_t n = 0; (n = ::read(fd.get(), room, sizeof room)) > 0;)
        all.append(room, static_cast<std::size_t>(n));
    return all;
}

} // namespace

TEST_CASE("a process with a session on its standard input and output is talked to over any descriptors")
{
    for (auto const framing : {oizys::framing::header24, oizys::framing::json_text})
        for (auto const make : {pipes, fifos, two_socketpairs, one_socketpair})
        {
            asio::io_context io;
            auto w = make();
            auto errors = pipes();
            forked process{w.b.in.get(), w.b.write_fd(), errors.a.out.get(), [&] { return echo(framing); }};
            errors.a.out = unique_fd{};
            auto const in = copy_of(w.b.in.get());
            auto const out = copy_of(w.b.write_fd());
            w.b = {};
            auto const s = session_on(io, std::move(w.a), {.framing = framing});
            witness a;
            a.watch(*s);
            texts const sent{text_of(2), text_of(200000), text_of(5)};
            for (auto const& text : sent)
                s->send(text);
            REQUIRE(run_until(io, [&] { return a.messages.size() == sent.size(); }));
            CHECK((a.messages == sent));

            if (make == one_socketpair)
                s->abort(); // `in` and `out` keep the other end open, but it notices this one
            else
                s->close();
            CHECK(process.wait() == 0);
            CHECK(blocks(in));
            CHECK(blocks(out));
            CHECK(read_to_end(errors.b.in) == "a stray line\na stray line\na stray line\n");
        }
}

TEST_CASE("a process that closes the session on its standard output is heard to do so while it lives")
{
    asio::io_context io;
    auto w = pipes();
    forked process{w.b.in.get(), w.b.out.get(), STDERR_FILENO, [] {
                       asio::io_context own;
                       error_code ec;
                       auto s = oizys::detail::make_handle(
                           oizys::detail::make_stdio_stream(own.get_executor(), ec),
                           oizys::session_options{});
                       s->send("bye");
                       s->close();
                       own.run();
                       s.reset();
                       for (;;)
                           ::pause();
                       return 0;
                   }};
    w.b = {};
    auto const s = session_on(io, std::move(w.a));
    witness a;
    a.watch(*s);
    REQUIRE(run_until(io, [&] { return a.closed(); }));
    CHECK(a.messages == texts{"bye"});
    CHECK(a.closed_with(asio::error::eof));
}

TEST_CASE("a process that may not open its input again uses it, and it is blocking afterwards")
{
    asio::io_context io;
    auto w = pipes();
    for (auto const fd : {w.b.in.get(), w.b.out.get()})
        REQUIRE(::fchmod(fd, 0) == 0);
    forked process{w.b.in.get(), w.b.out.get(), STDERR_FILENO, [] {
                       constexpr uid_t nobody = 65534; // root may do everything
                       if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0)
                           return 2;
                       ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO); // for the stray line
                       bool const refused = ::open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK) < 0;
                       return refused ? echo(oizys::framing::header24) : 3;
                   }};
    auto const in = copy_of(w.b.in.get());
    auto const out = copy_of(w.b.out.get());
    w.b = {};
    auto const s = session_on(io, std::move(w.a));
    witness a;
    a.watch(*s);
    s->send("nobody");
    REQUIRE(run_until(io, [&] { return a.messages == texts{"nobody"}; }));
    CHECK(!blocks(in)); // else nothing was proved
    s->close();
    CHECK(process.wait() == 0);
    CHECK(blocks(in));
    CHECK(blocks(out));
}

TEST_CASE("a process without a standard input is told so, and keeps its standard output")
{
    auto w = pipes();
    forked process{STDIN_FILENO, w.a.out.get(), STDERR_FILENO, [] {
                       ::close(STDIN_FILENO);
                       asio::io_context io;
                       error_code ec;
                       auto const s = oizys::detail::make_stdio_stream(io.get_executor(), ec);
                       bool const refused = !s && ec == asio::error::bad_descriptor;
                       return ::write(STDOUT_FILENO, "still here", 10) == 10 && refused ? 0 : 1;
                   }};
    w.a.out = unique_fd{};
    CHECK(process.wait() == 0);
    CHECK(read_to_end(w.b.in) == "still here");
}
