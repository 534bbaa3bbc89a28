// SPDX-License-Identifier: BSL-1.0
//
// Proves how children end: asked, told, made to; collected once, by us, in every case; and that children
// which are not ours are left alone.
#include "children.hpp"

#include "support/forked.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <csignal>
#include <cstddef>
#include <filesystem>

namespace
{

using namespace oizys::test;
using oizys::framing;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds soon{30}; ///< a grace time
constexpr oizys::session_options json{.framing = framing::json_text};

// Programs that never look at their input.
words const deaf{"sleep", "1000"};
words const stubborn = shell("trap '' TERM; echo []; exec sleep 1000");

bool ended(asio::io_context& io, child const& c)
{
    return run_until(io, [&] { return !c.ends.empty(); });
}

// A process that does not exist, or is not collected yet, is told from one that runs.
bool runs(pid_t pid) { return ::kill(pid, 0) == 0; }

volatile std::sig_atomic_t sigchld_count = 0;

} // namespace

TEST_CASE("a child that goes on after its input has ended gets SIGTERM")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, deaf, {}, soon));
    c.session->close();
    REQUIRE(ended(io, c));
    CHECK(c.killed_by(SIGTERM));
    CHECK(has_no_children());
}

TEST_CASE("a child that ignores SIGTERM gets SIGKILL")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, stubborn, json, soon));
    REQUIRE(run_until(io, [&] { return !c.saw.messages.empty(); })); // it ignores SIGTERM now
    c.session->close();
    REQUIRE(ended(io, c));
    CHECK(c.killed_by(SIGKILL));
    CHECK(has_no_children());
}

TEST_CASE("a child that still writes when its session is closed comes to its own end")
{
    temp_dir const dir;
    auto const last_act = " > " + dir.file("done") + "; exit 7";
    auto const channel = GENERATE(child_channel::stdio, child_channel::fd3);
    // More than a pipe or a socket holds.
    auto const script = channel == child_channel::stdio
                            ? "cat > /dev/null; head -c 3000000 /dev/zero; echo cleanup" + last_act
                            : "cat <&3 > /dev/null; head -c 3000000 /dev/zero >&3; echo cleanup" + last_act;
    bool const drops = GENERATE(false, true);
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, shell(script), {}, 24h, channel));
    drops ? c.session.reset() : c.session->close();
    io.run_for(20s);
    CHECK(io.stopped()); // nothing is left to do
    CHECK(c.exited_with(7));
    CHECK(std::filesystem::exists(dir.file("done")));
}

TEST_CASE("a child that writes for ever gets SIGTERM when its time is over")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, {"yes"}, {}, soon));
    c.session->close();
    REQUIRE(ended(io, c));
    CHECK(c.killed_by(SIGTERM));
}

TEST_CASE("a child that is stopped is killed all the same")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, deaf, {}, 0ms));
    REQUIRE(::kill(c.session->credentials().pid.value(), SIGSTOP) == 0);
    c.session->abort();
    REQUIRE(ended(io, c));
    CHECK(c.killed_by(SIGKILL));
}

TEST_CASE("a child that ends with its input is not signalled, and nothing waits for the grace time")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, shell("trap 'exit 9' TERM; read line; exit 7"), {}, 24h));
    c.session->close();
    io.run_for(10s);
    CHECK(io.stopped()); // nothing is left to do
    CHECK(c.exited_with(7));
}

TEST_CASE("a child that talks over its descriptor 3 ends with it")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, shell("exec cat <&3 >&3"), {}, 24h, child_channel::fd3));
    c.session->close();
    io.run_for(10s);
    CHECK(io.stopped());
    CHECK(c.exited_with(0));
}

TEST_CASE("the child of a session that is dropped ends like one that is closed")
{
    asio::io_context io;
    for (auto const& command : {words{"cat"}, deaf})
    {
        child c;
        REQUIRE(!c.start(io, command, {}, soon));
        c.session.reset();
        REQUIRE(ended(io, c));
        CHECK(!c.saw.closed());
        CHECK(has_no_children());
    }
}

TEST_CASE("a stream that was never made a session ends its child too")
{
    asio::io_context io;
    std::vector<int> ends;
    error_code ec;
    auto stream = oizys::detail::make_exec_stream(
        io.get_executor(), deaf, child_channel::stdio,
        {.grace = soon, .on_exit = [&](int status) { ends.push_back(status); }}, ec);
    REQUIRE(stream);
    stream.reset();
    REQUIRE(run_until(io, [&] { return !ends.empty(); }));
    CHECK(has_no_children());
}

TEST_CASE("a child that exits at once ends the session after all that it wrote")
{
    asio::io_context io;
    child silent;
    REQUIRE(!silent.start(io, {"true"}));
    REQUIRE(run_until(io, [&] { return silent.saw.closed() && !silent.ends.empty(); }));
    CHECK(silent.saw.closed_with(asio::error::eof));
    CHECK(silent.exited_with(0));

    child talkative;
    REQUIRE(!talkative.start(io, shell("yes '[1]' | head -n 100000; exit 3"), json));
    REQUIRE(run_until(io, [&] { return talkative.saw.closed() && !talkative.ends.empty(); }));
    CHECK(talkative.saw.closed_with(asio::error::eof));
    CHECK(talkative.saw.messages.size() == 100000);
    CHECK(talkative.exited_with(3));
    CHECK(has_no_children());
}

TEST_CASE("what a child wrote before it was killed is received")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, shell("echo '[1]'; echo '[2]'; kill -9 $$"), json));
    REQUIRE(run_until(io, [&] { return c.saw.closed() && !c.ends.empty(); }));
    CHECK(c.saw.messages == texts{"[1]", "[2]"});
    CHECK(c.killed_by(SIGKILL));
}

TEST_CASE("a child that prints garbage ends the session with an error, and is ended")
{
    asio::io_context io;
    for (auto const& command : {shell("echo garbage; exec cat"), shell("echo garbage; exec sleep 1000")})
    {
        child c;
        REQUIRE(!c.start(io, command, {}, soon));
        REQUIRE(run_until(io, [&] { return c.saw.closed() && !c.ends.empty(); }));
        CHECK(c.saw.closed_with(oizys::errc::bad_frame));
        CHECK(has_no_children());
    }
}

TEST_CASE("a child that never reads does not keep the session from closing")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, shell("yes '[1]' & exec sleep 1000"),
                     {.framing = framing::json_text, .close_timeout = soon}, soon));
    for (int i = 0; i < 4; ++i)
        c.session->send("[" + std::string(1000000, ' ') + "]");
    REQUIRE(run_until(io, [&] { return c.saw.messages.size() > 100000; }));
    CHECK(c.session->queued_bytes() > 0);
    c.session->close();
    REQUIRE(run_until(io, [&] { return c.saw.closed() && !c.ends.empty(); }));
    CHECK(c.saw.closed_with(oizys::errc::close_timeout));
    CHECK(c.killed_by(SIGTERM));
}

TEST_CASE("a child that dies in the middle of a message to it ends the session")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, shell("read -r n; exit 5"), json));
    c.session->send("[" + std::string(5000000, '\n') + "]");
    REQUIRE(run_until(io, [&] { return c.saw.closed() && !c.ends.empty(); }));
    CHECK(c.saw.closed_with(asio::error::broken_pipe));
    CHECK(c.exited_with(5));
}

TEST_CASE("a child that closes its output but lives has ended the session, and is ended")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, shell("echo '[1]'; exec sleep 1000 >&-"), json, soon));
    REQUIRE(run_until(io, [&] { return c.saw.closed(); }));
    CHECK(c.saw.messages == texts{"[1]"});
    CHECK(c.saw.closed_with(asio::error::eof));
    REQUIRE(ended(io, c));
    CHECK(c.killed_by(SIGTERM));
}

TEST_CASE("children that live when the loop is destroyed are killed and collected")
{
    for (bool const closed : {false, true})
        for (bool const turned : {false, true})
        {
            std::vector<std::unique_ptr<child>> children;
            std::vector<pid_t> pids;
            {
                asio::io_context io;
                for (auto const& command :
                     {words{"cat"}, deaf, shell("trap '' TERM; exec sleep 1000"), words{"true"}})
                    for (auto const channel : {child_channel::stdio, child_channel::fd3})
                    {
                        children.push_back(std::make_unique<child>());
                        REQUIRE(!children.back()->start(io, command, {}, 30s, channel));
                        pids.push_back(children.back()->session->credentials().pid.value());
                    }
                for (auto const& c : children)
                {
                    if (closed)
                        c->session->close();
                    if (turned)
                        settle(io);
                    c->session.reset();
                }
                if (turned)
                    settle(io);
            }
            CHECK(has_no_children());
            for (auto const pid : pids)
                CHECK(!runs(pid));
        }
}

TEST_CASE("a session with a child that its own handlers own is gone with its loop, and so is the child")
{
    std::weak_ptr<oizys::session> weak;
    {
        asio::io_context io;
        error_code ec;
        auto const s = oizys::detail::make_handle(
            oizys::detail::make_exec_stream(io.get_executor(), deaf, child_channel::stdio, {}, ec),
            oizys::session_options{});
        weak = s;
        s->set_onmessage([s](std::string const& message) { s->send(message); });
        s->set_onclose([s](error_code) {});
        settle(io);
    }
    CHECK(weak.expired());
    CHECK(has_no_children());
}

TEST_CASE("on_exit may throw")
{
    asio::io_context io;
    error_code ec;
    int calls = 0;
    auto const s = oizys::detail::make_handle(oizys::detail::make_exec_stream(io.get_executor(), {"true"},
                                                                              child_channel::stdio,
                                                                              {.on_exit =
                                                                                   [&](int) {
                                                                                       ++calls;
                                                                                       throw calls;
                                                                                   }},
                                                                              ec),
                                              oizys::session_options{});
    CHECK(run_until(io, [&] { return calls == 1; }));
}

TEST_CASE("a user's own children, and handler of SIGCHLD, are left alone")
{
    struct sigaction handler
    {};
    struct sigaction before
    {};
    handler.sa_handler = [](int) { sigchld_count = sigchld_count + 1; };
    REQUIRE(::sigaction(SIGCHLD, &handler, &before) == 0);
    forked own{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, [] { return 42; }};
    {
        asio::io_context io;
        child c;
        REQUIRE(!c.start(io, {"cat"}));
        c.session->close();
        REQUIRE(ended(io, c));
        CHECK(c.exited_with(0));
    }
    struct sigaction now
    {};
    REQUIRE(::sigaction(SIGCHLD, &before, &now) == 0);
    CHECK(now.sa_handler == handler.sa_handler);
    CHECK(sigchld_count > 0);
    int const status = own.wait();
    CHECK(WEXITSTATUS(status) == 42);
}

TEST_CASE("a child that somebody else collects has ended with a status that is not known")
{
    asio::io_context io;
    child c;
    REQUIRE(!c.start(io, {"cat"}));
    auto const pid = c.session->credentials().pid.value();
    c.session->close();
    settle(io); // closes its input
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}
    REQUIRE(ended(io, c));
    CHECK(c.ends == std::vector{-1});
}

TEST_CASE("children work where SIGCHLD is ignored and the kernel collects them")
{
    auto const before = ::signal(SIGCHLD, SIG_IGN);
    asio::io_context io;
    for (int i = 0; i < 20; ++i)
    {
        child c;
        CHECK(!c.start(io, {"true"}));
        CHECK(ended(io, c));
        CHECK(run_until(io, [&] { return c.saw.closed(); }));
        CHECK(c.saw.closed_with(asio::error::eof));
        CHECK(c.ends == std::vector{-1});
    }
    ::signal(SIGCHLD, before);
}

TEST_CASE("the child of a process that is killed ends by the end of its input")
{
    int life[2]; // both processes have its writing end as their descriptor 2
    REQUIRE(::pipe2(life, O_CLOEXEC) == 0);
    oizys::unique_fd const read{life[0]};
    oizys::unique_fd write{life[1]};
    int started[2];
    REQUIRE(::pipe2(started, O_CLOEXEC) == 0);
    oizys::unique_fd const told{started[0]};
    oizys::unique_fd tells{started[1]};
    forked parent{STDIN_FILENO, tells.get(), write.get(), [] {
                      asio::io_context io;
                      error_code ec;
                      auto const s = oizys::detail::make_exec_stream(io.get_executor(), {"cat"},
                                                                     child_channel::stdio, {}, ec);
                      bool const said = s && ::write(STDOUT_FILENO, "x", 1) == 1;
                      io.run();
                      return said ? 0 : 1;
                  }};
    write = oizys::unique_fd{};
    tells = oizys::unique_fd{};
    char byte = 0;
    REQUIRE(::read(told.get(), &byte, 1) == 1);
    parent.kill();
    CHECK(::read(read.get(), &byte, 1) == 0); // both have ended
}

TEST_CASE("a kernel without pidfd_open is reported, and the child does not stay")
{
    forked process{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, [] {
                       sock_filter program[] = {
                           BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                           BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
                           BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                           BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
                       };
                       sock_fprog const filter{.len = 4, .filter = program};
                       if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
                           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
                           return 2;
                       asio::io_context io;
                       error_code ec;
                       auto const s = oizys::detail::make_exec_stream(io.get_executor(), deaf,
                                                                      child_channel::stdio, {}, ec);
                       bool const reported = !s && ec == boost::system::errc::function_not_supported;
                       return reported && has_no_children() ? 0 : 1;
                   }};
    CHECK(process.wait() == 0);
}
