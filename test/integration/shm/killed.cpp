// SPDX-License-Identifier: BSL-1.0
//
// Proves that killing the process at one end, at any point, ends the session at the other, which keeps no
// descriptor and no mapping; and that nothing is left in /dev/shm.
#include "shm_test.hpp"

namespace
{

using namespace oizys::test;

void echo(oizys::session& s)
{
    s.set_onreceive([&s](oizys::incoming& message) {
        error_code ec;
        s.send(message.view(), ec);
    });
}

/// What the child does until it is killed: echoes, and sends what it was not asked for.
void serve(int socket, bool connects)
{
    asio::io_context io;
    asio::local::stream_protocol::socket end{io, asio::local::stream_protocol{}, socket};
    shm_options const options{.capacity = 4096};
    auto const s = connects ? shm_client(std::move(end), options) : shm_server(std::move(end), options);
    echo(*s);
    s->send(std::string(50000, 'y'));
    io.run();
}

} // namespace

TEST_CASE("killing the other process at any point ends the session, and nothing stays behind")
{
    asio::io_context io;
    {
        socket_pair const warm_up{io}; // the loop has its own descriptors by now
    }
    holdings const before;
    std::mt19937 random{1};
    for (int round = 0; round < 100; ++round)
    {
        bool const child_connects = round % 2 == 0;
        child peer{[&](int socket) { serve(socket, child_connects); }};
        auto const options = shm_options{.capacity = 4096, .spin = std::chrono::microseconds{round % 3 * 20}};
        auto s = child_connects ? shm_server(peer.socket(io), options) : shm_client(peer.socket(io), options);
        witness w;
        w.watch_close(*s);
        std::size_t received = 0;
        s->set_onreceive([&](oizys::incoming& message) {
            ++received;
            error_code ec;
            s->send(message.view(), ec);
        });
        s->send("Hi");
        s->send(std::string(random() % 100000 + 1, 'x'));

        // Some turns of the loop, from before the handshake to well behind it.
        auto turns = random() % (round % 4 == 0 ? 4 : 300);
        run_until(
            io, [&] { return turns-- == 0; }, std::chrono::milliseconds{200});
        CHECK(!w.closed());
        peer.kill();
        REQUIRE(run_until(
            io, [&] { return w.closed(); }, std::chrono::seconds{1}));
        CHECK(w.closes.front().failed());
        s.reset();
        settle(io);
        INFO("round " << round << ", received " << received);
        CHECK(holdings{} == before);
    }
}

TEST_CASE("what a process sent before it was killed is received before the end")
{
    asio::io_context io;
    child peer{[](int socket) {
        asio::io_context child_io;
        auto const s = shm_client({child_io, asio::local::stream_protocol{}, socket});
        s->set_onreceive([&](oizys::incoming&) {
            for (int i = 0; i < 100; ++i)
                s->send("message " + std::to_string(i));
            s->set_ondrain([] { ::raise(SIGKILL); });
        });
        child_io.run();
    }};
    auto const s = shm_server(peer.socket(io));
    witness w;
    w.watch(*s);
    s->send("go");
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.messages.size() == 100);
    CHECK(w.closed_with(asio::error::eof));
}
