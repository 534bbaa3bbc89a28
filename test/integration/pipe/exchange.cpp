// SPDX-License-Identifier: BSL-1.0
//
// Proves that sessions work over descriptors of every kind, and leave those descriptors as others know them.
#include "wires.hpp"

#include "support/forked.hpp"

#include <fstream>
#include <functional>
#include <iterator>

namespace
{

using namespace oizys::test;

struct kind
{
    char const* name;
    std::function<wire()> make;
    bool flags_never_change = true;
};

// A socket that serves both directions is an ordinary one, and the master of a pseudoterminal cannot be
// opened again: Asio's flag is seen by others until the session ends.
std::vector<kind> const kinds{{"pipes", pipes},
                              {"FIFOs", fifos},
                              {"two socketpairs", two_socketpairs},
                              {"one socketpair", one_socketpair, false},
                              {"terminal", terminal, false}};

std::size_t inheritable_descriptors()
{
    std::size_t count = 0;
    for (auto const& entry : std::filesystem::directory_iterator{"/proc/self/fd"})
        if ((::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC) == 0)
            ++count;
    return count;
}

} // namespace

TEST_CASE("messages of every size pass in both directions over descriptors of every kind")
{
    for (auto const framing : {oizys::framing::header24, oizys::framing::json_text})
        for (auto const& kind : kinds)
        {
            INFO(kind.name << (framing == oizys::framing::header24 ? " header24" : " json_text"));
            asio::io_context io;
            auto const pair = sessions_on(io, kind.make(), {.framing = framing});
            texts sent;
            for (std::size_t const size : {2u, 100u, 4096u, 70000u, 1000000u, 3u})
                sent.push_back(text_of(size));
            witness a;
            witness b;
            a.watch(*pair.a);
            b.watch(*pair.b);
            for (auto const& text : sent)
            {
                pair.a->send(text);
                pair.b->send(text);
            }
            REQUIRE(run_until(
                io, [&] { return a.messages.size() == sent.size() && b.messages.size() == sent.size(); }));
            CHECK((a.messages == sent));
            CHECK((b.messages == sent));
            settle(io);
            CHECK(pair.a->queued_bytes() == 0);
            CHECK(pair.b->queued_bytes() == 0);
        }
}

TEST_CASE("one after the other, a hundred echoes come back over descriptors of every kind")
{
    for (auto const& kind : kinds)
    {
        INFO(kind.name);
        asio::io_context io;
        auto const pair = sessions_on(io, kind.make());
        int echoes = 0;
        pair.b->set_onmessage([&](std::string const& message) { pair.b->send(message); });
        pair.a->set_onmessage([&](std::string const& message) {
            if (++echoes < 100)
                pair.a->send(message + "!");
        });
        pair.a->send("?");
        CHECK(run_until(io, [&] { return echoes == 100; }));
    }
}

TEST_CASE("what shares a description with a session finds it blocking afterwards, or all the time")
{
    for (auto const& kind : kinds)
    {
        INFO(kind.name);
        asio::io_context io;
        auto w = kind.make();
        std::vector<unique_fd> shared;
        for (auto const* const end : {&w.a, &w.b})
        {
            shared.push_back(copy_of(end->in.get()));
            shared.push_back(copy_of(end->write_fd()));
        }
        auto const all_block = [&] { return std::all_of(shared.begin(), shared.end(), blocks); };
        auto pair = sessions_on(io, std::move(w));
        witness a;
        witness b;
        a.watch(*pair.a);
        b.watch(*pair.b);
        pair.a->send(std::string(300000, 'x')); // also waits to be able to write
        REQUIRE(run_until(io, [&] { return b.messages.size() == 1; }));
        if (kind.flags_never_change)
            CHECK(all_block());
        pair.a->close();
        pair.b->close();
        REQUIRE(run_until(io, [&] { return a.closed() && b.closed(); }));
        CHECK(all_block());
    }
}

TEST_CASE("a description is blocking again when the stream is dropped without a close")
{
    asio::io_context io;
    for (auto const make : {one_socketpair, terminal})
    {
        auto w = make();
        auto const shared = copy_of(w.a.in.get());
        error_code ec;
        auto s = oizys::detail::make_descriptor_stream(io.get_executor(), std::move(w.a.in), {}, ec);
        REQUIRE(s);
        s->async_wait_writable([](error_code) {}); // which sets the flag
        CHECK(!blocks(shared));
        s.reset();
        CHECK(blocks(shared));
        settle(io);
    }
}

TEST_CASE("a description that did not block before does not block afterwards")
{
    asio::io_context io;
    for (auto const& kind : kinds)
    {
        INFO(kind.name);
        auto w = kind.make();
        auto const shared = copy_of(w.a.in.get());
        REQUIRE(::fcntl(shared.get(), F_SETFL, ::fcntl(shared.get(), F_GETFL) | O_NONBLOCK) == 0);
        witness a;
        auto const s = session_on(io, std::move(w.a));
        a.watch(*s);
        settle(io);
        s->close();
        REQUIRE(run_until(io, [&] { return a.closed(); }));
        CHECK(!blocks(shared));
    }
}

TEST_CASE("the descriptors of a session are close-on-exec, and all are closed at its end")
{
    for (auto const& kind : kinds)
    {
        INFO(kind.name);
        auto const before = open_descriptors();
        {
            asio::io_context io;
            asio::steady_timer const timer{io}; // with it the loop has all descriptors of its own
            auto const own = open_descriptors();
            auto const inheritable = inheritable_descriptors();
            auto pair = sessions_on(io, kind.make());
            CHECK(inheritable_descriptors() == inheritable);
            pair.a->abort();
            pair.b->abort();
            CHECK(open_descriptors() == own);
            settle(io);
        }
        CHECK(open_descriptors() == before);
    }
}

TEST_CASE("a stream can be made of copies of one socket: it is the ordinary one, and knows who is there")
{
    asio::io_context io;
    asio::steady_timer const timer{io}; // with it the loop has all descriptors of its own
    auto w = one_socketpair();
    w.a.out = copy_of(w.a.in.get());
    auto const before = open_descriptors();
    auto const s = session_on(io, std::move(w.a));
    CHECK(open_descriptors() == before - 1);
    CHECK(s->credentials().uid == ::geteuid());
}

TEST_CASE("one number for both directions is one descriptor")
{
    asio::io_context io;
    for (auto const make : {one_socketpair, terminal})
    {
        auto w = make();
        w.a.out = unique_fd{w.a.in.get()};
        auto const pair = sessions_on(io, std::move(w));
        witness b;
        b.watch(*pair.b);
        pair.a->send("once");
        CHECK(run_until(io, [&] { return b.messages == texts{"once"}; }));
    }
}

TEST_CASE("messages are read from a file and answered into a file")
{
    temp_dir const dir;
    std::ofstream{dir.file("requests")} << "[1]\n[2] [3]";
    asio::io_context io;
    descriptors end{unique_fd{::open(dir.file("requests").c_str(), O_RDONLY)},
                    unique_fd{::open(dir.file("answers").c_str(), O_WRONLY | O_CREAT, 0600)}};
    auto const s = session_on(io, std::move(end), {.framing = oizys::framing::json_text});
    witness w;
    w.watch_close(*s);
    s->set_onmessage([&](std::string const& message) { s->send("{\"answer\":" + message + "}"); });
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closed_with(asio::error::eof));
    std::ifstream answers{dir.file("answers")};
    std::string const text{std::istreambuf_iterator<char>{answers}, {}};
    CHECK(text == "{\"answer\":[1]}\n{\"answer\":[2]}\n{\"answer\":[3]}\n");
}

TEST_CASE("/dev/null is at its end at once, and takes everything")
{
    asio::io_context io;
    descriptors end{unique_fd{::open("/dev/null", O_RDONLY)}, unique_fd{::open("/dev/null", O_WRONLY)}};
    auto const s = session_on(io, std::move(end));
    witness w;
    w.watch_close(*s);
    s->send("nobody");
    settle(io);
    CHECK(s->queued_bytes() == 0);
    CHECK(!w.closed());
    w.listen(*s);
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closed_with(asio::error::eof));
}
