// SPDX-License-Identifier: BSL-1.0
//
// Proves how sessions over pipes end: no signal, nothing lost at the end of the input, nothing kept.
#include "wires.hpp"

#include "quiet_write.hpp"

#include <sys/ioctl.h>

#include <csignal>
#include <thread>

namespace
{

using namespace oizys::test;
using namespace std::chrono_literals;

bool sigpipe_is_pending()
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, SIGPIPE) == 1;
}

sigset_t signal_mask()
{
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, nullptr, &set);
    return set;
}

constexpr std::size_t too_much = 4000000; ///< bytes, for every pipe and socket

// Reads what is there from a descriptor that is no session's.
std::string read_all(unique_fd const& fd)
{
    std::string all;
    char room[65536];
    int n = 0;
    while (::ioctl(fd.get(), FIONREAD, &n) == 0 && n > 0)
        all.append(room, static_cast<std::size_t>(::read(fd.get(), room, sizeof room)));
    return all;
}

} // namespace

TEST_CASE("writing to a pipe that nobody reads is an error and not a signal")
{
    struct sigaction disposition
    {};
    REQUIRE(::sigaction(SIGPIPE, nullptr, &disposition) == 0);
    REQUIRE(disposition.sa_handler == SIG_DFL); // a signal would end the test
    auto const mask = signal_mask();
    asio::io_context io;
    auto w = pipes();
    auto const s = session_on(io, std::move(w.a));
    witness a;
    a.watch_close(*s);
    w.b.in = unique_fd{};
    s->send("nobody");
    REQUIRE(run_until(io, [&] { return a.closed(); }));
    CHECK(a.closed_with(asio::error::broken_pipe));
    CHECK(!sigpipe_is_pending());
    auto const after = signal_mask();
    CHECK(sigismember(&after, SIGPIPE) == sigismember(&mask, SIGPIPE));
    REQUIRE(::sigaction(SIGPIPE, nullptr, &disposition) == 0);
    CHECK(disposition.sa_handler == SIG_DFL);
}

TEST_CASE("a SIGPIPE that was waiting before still waits afterwards, and none is added")
{
    auto w = pipes();
    w.b.in = unique_fd{};
    char byte = 'x';
    iovec const piece{.iov_base = &byte, .iov_len = 1};
    std::thread{[&] {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &set, nullptr);
        bool const failed = oizys::detail::quiet_write(w.a.out.get(), {&piece, 1}) == -1 && errno == EPIPE;
        CHECK(failed);
        CHECK(!sigpipe_is_pending());
        ::raise(SIGPIPE);
        CHECK(oizys::detail::quiet_write(w.a.out.get(), {&piece, 1}) == -1);
        CHECK(sigpipe_is_pending());
        timespec const at_once{};
        CHECK(sigtimedwait(&set, nullptr, &at_once) == SIGPIPE);
    }}.join();
}

TEST_CASE("a reader that vanishes in the middle of a message ends the session with an error")
{
    asio::io_context io;
    auto w = pipes();
    auto const s = session_on(io, std::move(w.a));
    witness a;
    a.watch_close(*s);
    s->send(std::string(too_much, 'x'));
    settle(io);
    CHECK(s->queued_bytes() > 0);
    CHECK(!a.closed());
    w.b.in = unique_fd{};
    REQUIRE(run_until(io, [&] { return a.closed(); }));
    CHECK(a.closed_with(asio::error::broken_pipe));
}

TEST_CASE("what was sent before is received when the other end's process is gone")
{
    for (auto const make : {pipes, fifos, two_socketpairs})
    {
        asio::io_context io;
        auto w = make();
        auto const frame = framed("last words");
        REQUIRE(::write(w.b.out.get(), frame.data(), frame.size()) == static_cast<ssize_t>(frame.size()));
        w.b = {};
        auto const s = session_on(io, std::move(w.a));
        witness a;
        a.watch(*s);
        REQUIRE(run_until(io, [&] { return a.closed(); }));
        CHECK(a.messages == texts{"last words"});
        CHECK(a.closed_with(asio::error::eof));
    }
}

TEST_CASE("the end of the input is reported when what was queued is written")
{
    for (auto const make : {pipes, fifos, two_socketpairs})
    {
        asio::io_context io;
        auto w = make();
        auto const s = session_on(io, std::move(w.a));
        witness a;
        a.watch(*s);
        std::string const text(too_much, 'x');
        s->send(text);
        settle(io);
        REQUIRE(s->queued_bytes() > 0);
        w.b.out = unique_fd{}; // the input of `s` ends
        settle(io);
        CHECK(!a.closed());
        s->send("more");
        std::string received;
        REQUIRE(run_until(io, [&] {
            received += read_all(w.b.in);
            return a.closed();
        }));
        received += read_all(w.b.in);
        CHECK((received == framed(text) + framed("more")));
        CHECK(a.closed_with(asio::error::eof));
    }
}

TEST_CASE("what is sent in the turn in which the input ends is written")
{
    asio::io_context io;
    auto w = pipes();
    auto const s = session_on(io, std::move(w.a));
    witness a;
    a.watch(*s);
    settle(io);
    w.b.out = unique_fd{};
    s->send("just in time");
    REQUIRE(run_until(io, [&] { return a.closed(); }));
    CHECK(read_all(w.b.in) == framed("just in time"));
}

TEST_CASE("a reader that vanishes while the end of the input is held back ends the session")
{
    asio::io_context io;
    auto w = pipes();
    auto const s = session_on(io, std::move(w.a));
    witness a;
    a.watch(*s);
    s->send(std::string(too_much, 'x'));
    settle(io);
    w.b.out = unique_fd{};
    settle(io);
    CHECK(!a.closed());
    w.b.in = unique_fd{};
    REQUIRE(run_until(io, [&] { return a.closed(); }));
    CHECK(a.closed_with(asio::error::broken_pipe));
}

TEST_CASE("a session can be closed while the end of the input is held back, and gives up in time")
{
    asio::io_context io;
    auto w = pipes();
    auto const s = session_on(io, std::move(w.a), {.close_timeout = 20ms});
    witness a;
    a.watch(*s);
    s->send(std::string(too_much, 'x'));
    settle(io);
    w.b.out = unique_fd{};
    settle(io);
    s->close();
    REQUIRE(run_until(io, [&] { return a.closed(); }));
    CHECK(a.closed_with(oizys::errc::close_timeout));
    io.run_for(10s);
    CHECK(io.stopped()); // nothing is left to do
}

TEST_CASE("closing writes what is queued and is the end of the other end's input")
{
    for (auto const make : {pipes, fifos, two_socketpairs})
    {
        asio::io_context io;
        auto const pair = sessions_on(io, make());
        witness a;
        witness b;
        a.watch(*pair.a);
        b.watch(*pair.b);
        pair.a->send(std::string(300000, 'x'));
        pair.a->close();
        io.run_for(10s);
        CHECK(io.stopped());
        CHECK((b.messages == texts{std::string(300000, 'x')}));
        CHECK(a.closed_with({}));
        CHECK(b.closed_with(asio::error::eof));
    }
}

TEST_CASE("a session over pipes that its own handlers own is gone with its loop, wherever it stands")
{
    enum class when
    {
        reading,
        writing,
        held,
    };
    for (auto const at : {when::reading, when::writing, when::held})
    {
        std::weak_ptr<oizys::session> weak;
        {
            asio::io_context io;
            auto w = pipes();
            auto s = session_on(io, std::move(w.a));
            weak = s;
            s->set_onmessage([s](std::string const& message) { s->send(message); });
            s->set_onclose([s](error_code) {});
            if (at != when::reading)
                s->send(std::string(too_much, 'x'));
            settle(io);
            if (at == when::held)
                w.b.out = unique_fd{};
            settle(io);
            CHECK(s->is_open());
        }
        CHECK(weak.expired());
    }
}

TEST_CASE("a descriptor that cannot carry a session is refused with an error that says why")
{
    asio::io_context io;
    auto const error_of = [&](unique_fd in, unique_fd out) {
        error_code ec;
        auto const s =
            oizys::detail::make_descriptor_stream(io.get_executor(), std::move(in), std::move(out), ec);
        CHECK(!s == ec.failed());
        return ec;
    };
    auto const system = [](int value) { return error_code{value, boost::system::system_category()}; };
    auto const null = [](int mode) { return unique_fd{::open("/dev/null", mode | O_CLOEXEC)}; };

    CHECK(error_of(unique_fd{}, unique_fd{}) == asio::error::bad_descriptor);
    int closed = 0;
    {
        auto const fd = null(O_RDWR);
        closed = fd.get();
    }
    CHECK(error_of(unique_fd{closed}, null(O_WRONLY)) == asio::error::bad_descriptor);
    CHECK(error_of(null(O_RDONLY), null(O_WRONLY)) == error_code{});
    CHECK(error_of(null(O_WRONLY), null(O_WRONLY)) == asio::error::bad_descriptor);
    CHECK(error_of(null(O_RDONLY), null(O_RDONLY)) == asio::error::bad_descriptor);
    CHECK(error_of(null(O_RDONLY), {}) == asio::error::bad_descriptor);
    CHECK(error_of(null(O_PATH), null(O_WRONLY)) == asio::error::bad_descriptor);
    CHECK(error_of(unique_fd{::open("/", O_RDONLY | O_CLOEXEC)}, null(O_WRONLY)) == system(EISDIR));
    CHECK(error_of(unique_fd{::socket(AF_UNIX, SOCK_STREAM, 0)}, {}) == asio::error::not_connected);
    CHECK(error_of(socket_pair(SOCK_DGRAM).first, {}) == system(EPROTOTYPE));
    CHECK(error_of(socket_pair(SOCK_SEQPACKET).first, null(O_WRONLY)) == system(EPROTOTYPE));
}
