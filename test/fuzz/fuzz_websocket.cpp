// SPDX-License-Identifier: BSL-1.0
//
// Gives any bytes to the accepting end of a WebSocket, over a pipe in memory: what it hands over are messages
// within the limit, the last of them perhaps in part, what it answers is bounded by what it was sent, and in the
// end the loop runs out of work.
//
// Input: one byte of options, then what the client sends. If the byte is odd, a good handshake is put in front.
#include "memory_stream.hpp"
#include "websocket_stream.hpp"
#include "wire/message_splitter.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace
{

using boost::system::error_code;
using oizys::detail::memory_stream;
using oizys::detail::read_handler;
using oizys::detail::stream;
using oizys::detail::websocket_stream;

constexpr std::size_t max_message = 1000;

constexpr std::string_view handshake =
    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

void require(bool holds)
{
    if (!holds)
        std::abort();
}

/// Reads a stream to its end.
class reader final : public oizys::detail::stream_reader, public std::enable_shared_from_this<reader>
{
public:
    reader(stream& from, std::size_t room) : from_{from}, room_(room) {}

    void read() { from_.async_read(room_, read_handler{shared_from_this()}); }

    std::string received;
    bool ended = false;

private:
    void on_read(error_code ec, std::size_t n, std::shared_ptr<stream_reader>) override
    {
        require(!ended && n <= room_.size() && (ec || n > 0));
        received.append(room_.data(), n);
        if (ec)
            ended = true;
        else
            read();
    }
    void abandon() noexcept override {}

    stream& from_;
    std::vector<char> room_;
};

void check_messages(std::string_view bytes)
{
    oizys::wire::message_splitter splitter{max_message};
    while (!bytes.empty())
        require(!splitter.next(bytes).error);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size == 0 || size > 20000)
        return 0;
    auto const options = data[0];
    std::string sent{options & 1 ? handshake : std::string_view{}};
    sent.append(reinterpret_cast<char const*>(data) + 1, size - 1);

    boost::asio::io_context io;
    auto const state = std::make_shared<oizys::memory_pair_state>();
    auto pipe = memory_stream::make_pair(io.get_executor(),
                                         {.capacity = 100000,
                                          .max_transfer = options & 2 ? std::size_t{options} : 100000,
                                          .fail_after = std::numeric_limits<std::size_t>::max()},
                                         state);
    auto const begun = options & 4 ? sent.substr(0, 10) : std::string{};
    auto server = websocket_stream::server(std::move(pipe.second), begun, max_message,
                                           {.protocols = {"a", "b"},
                                            .target = options & 8 ? "/rpc" : "",
                                            .max_http_header = 1000,
                                            .handshake_timeout = std::chrono::milliseconds{0},
                                            .close_timeout = std::chrono::milliseconds{0}});
    auto const told = std::make_shared<reader>(*server, options & 16 ? 3 : 2000);
    auto const answered = std::make_shared<reader>(*pipe.first, 2000);
    told->read();
    answered->read();
    error_code ec;
    for (std::string_view rest = std::string_view{sent}.substr(begun.size()); !rest.empty();)
    {
        std::string_view const pieces[] = {rest};
        auto const n = pipe.first->try_write(pieces, ec);
        if (ec)
            break; // the server has closed, or takes no more
        rest.remove_prefix(n);
        io.restart();
        io.poll();
    }
    pipe.first->close();
    io.restart();
    io.run();
    require(told->ended);
    check_messages(told->received);
    require(answered->received.size() <= 2 * sent.size() + 1000);
    server->close();
    server.reset();
    io.restart();
    io.run();
    return 0;
}
