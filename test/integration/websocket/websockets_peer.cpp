// SPDX-License-Identifier: BSL-1.0
//
// Proves that another implementation, Python's websockets, understands us, as a client and as a server. Without
// Debian's python3-websockets these cases are reported as skipped.
#include "ends.hpp"

#include "support/temp_dir.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

namespace
{

using namespace oizys::test;
using asio::ip::tcp;

bool has_websockets()
{
    if (std::system("/usr/bin/python3 -c 'import websockets' 2>/dev/null") == 0)
        return true;
    std::cout << "OIZYS_SKIPPED: python3-websockets is absent\n"; // ctest knows this line
    return false;
}

/// A program of Python's that runs while the loop does, and what it has printed once it has ended.
class python
{
public:
    python(std::string const& program, std::string const& argument)
    {
        std::ofstream{folder_.file("program.py")} << program;
        pipe_ = ::popen(
            ("exec timeout 20 /usr/bin/python3 " + folder_.file("program.py") + ' ' + argument + " 2>&1")
                .c_str(),
            "re");
        REQUIRE(pipe_ != nullptr);
    }
    python(python const&) = delete;
    python& operator=(python const&) = delete;
    ~python() { wait(); }

    std::string line()
    {
        char room[1000] = {};
        return std::fgets(room, sizeof room, pipe_) == nullptr ? std::string{} : std::string{room};
    }

    std::string wait()
    {
        if (pipe_ == nullptr)
            return {};
        std::string printed;
        for (auto next = line(); !next.empty(); next = line())
            printed += next;
        ::pclose(std::exchange(pipe_, nullptr));
        return printed;
    }

private:
    temp_dir folder_;
    FILE* pipe_ = nullptr;
};

std::unique_ptr<oizys::detail::stream> plain(tcp::socket socket)
{
    return std::make_unique<oizys::detail::socket_stream>(
        asio::generic::stream_protocol::socket{std::move(socket)});
}

char const* const client_program = R"(
import asyncio, sys, websockets
async def main():
    uri = "ws://127.0.0.1:%s/rpc" % sys.argv[1]
    try:
        await websockets.connect(uri, origin="http://evil.example")
    except websockets.InvalidStatusCode as refusal:
        print("refused", refusal.status_code)
    async with websockets.connect(uri, subprotocols=["other", "calls"], max_size=None) as ws:
        print("protocol", ws.subprotocol)
        for message in ['{"a":1}', b"\x93\x02", "x" * 70000, b"y" * 300000]:
            await ws.send(message)
            answer = await ws.recv()
            print(type(answer).__name__, answer == message or answer == message.encode())
        await ws.send(["frag", "ment", "ed"])
        print(await ws.recv())
        await (await ws.ping(b"payload"))
        print("pong")
    print("closed", ws.close_code)
asyncio.run(main())
)";

char const* const server_program = R"(
import asyncio, sys, websockets
async def serve(ws, path):
    print("path", path, "protocol", ws.subprotocol)
    async for message in ws:
        print(type(message).__name__, len(message))
        await ws.send(message)
    print("closed", ws.close_code)
    done.set_result(None)
async def main():
    global done
    done = asyncio.get_running_loop().create_future()
    async with websockets.serve(serve, "127.0.0.1", 0, subprotocols=["calls"]) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await done
asyncio.run(main())
)";

} // namespace

TEST_CASE("a client of Python's is served")
{
    if (!has_websockets())
        return;
    asio::io_context io;
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    python other{client_program, std::to_string(acceptor.local_endpoint().port())};
    auto const serve = [&] {
        tcp::socket socket{io};
        std::optional<error_code> accepted;
        acceptor.async_accept(socket, [&](error_code ec) { accepted = ec; });
        REQUIRE(run_until(io, [&] { return accepted.has_value(); }));
        auto const user = std::make_shared<stream_user>(websocket_stream::server(
            plain(std::move(socket)), {}, max_message, {.protocols = {"calls"}, .target = "/rpc"}));
        user->on_event = [&user = *user] {
            user.send(std::exchange(user.received, {})); // an echo, of lengths too
            if (user.read_error)
                user.stream().close();
        };
        user->read();
        CHECK(run_until(io, [&] { return user->read_error.has_value(); }));
        return *user->read_error;
    };
    CHECK(serve() == oizys::errc::handshake_refused);
    CHECK(serve() == asio::error::eof);
    CHECK(other.wait() ==
          "refused 403\nprotocol calls\nstr True\nbytes True\nbytes True\nbytes True\nb'fragmented'\npong\n"
          "closed 1000\n");
}

TEST_CASE("a server of Python's is understood")
{
    if (!has_websockets())
        return;
    asio::io_context io;
    python other{server_program, ""};
    auto const port = static_cast<std::uint16_t>(std::strtoul(other.line().c_str(), nullptr, 10));
    tcp::socket socket{io};
    socket.connect({asio::ip::address_v4::loopback(), port});
    auto made = websocket_stream::client(plain(std::move(socket)), "localhost", "/rpc", max_message,
                                         {.protocols = {"calls", "more"}});
    auto* const stream = made.get();
    auto const user = std::make_shared<stream_user>(std::move(made));
    user->handshake();
    auto const sent =
        with_length("{\"a\":1}") + with_length("\x93\x02") + with_length(std::string(100000, 'x'));
    user->send(sent);
    REQUIRE(run_until(io, [&] { return user->shaken().has_value(); }));
    REQUIRE(!*user->shaken());
    CHECK(stream->protocol() == "calls");
    user->read();
    REQUIRE(run_until(io, [&] { return user->received.size() >= sent.size(); }));
    CHECK(user->received == sent);
    user->close_when_flushed();
    io.restart();
    io.run();
    CHECK(other.wait() == "path /rpc protocol calls\nstr 7\nbytes 2\nbytes 100000\nclosed 1000\n");
}
