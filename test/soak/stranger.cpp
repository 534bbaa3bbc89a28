// SPDX-License-Identifier: BSL-1.0
#include "stranger.hpp"

#include "message.hpp"
#include "talker.hpp"

#include <oizys/endpoint.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace asio = boost::asio;

namespace oizys::soak
{
namespace
{

using boost::system::error_code;
using namespace std::chrono_literals;

asio::generic::stream_protocol::endpoint address(endpoint const& where, unsigned port)
{
    if (port != 0)
        return asio::ip::tcp::endpoint{asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)};
    if (where.kind() == endpoint_kind::unix_abstract)
        return asio::local::stream_protocol::endpoint{std::string(1, '\0') + where.name()};
    return asio::local::stream_protocol::endpoint{where.name()};
}

} // namespace

stranger::stranger(asio::io_context& io, surroundings const& where, random_source random, on_end ended)
    : socket_{io}, timer_{io}, where_{where}, random_{random}, ended_{std::move(ended)}
{
}

void stranger::start()
{
    bool const is_mute = random_.chance(25);
    // Only where a frame of header24 is what is expected, or one of what is.
    auto const at = is_mute ? std::size_t{0} : random_.below(listeners().size());
    auto const port = where_.ports.at(at);
    auto const to = address(endpoint{filled_in(listeners()[at], where_)}, port);
    socket_.async_connect(to, [self = shared_from_this(), is_mute](error_code ec) {
        if (ec || self->over_)
            return self->finish();
        if (is_mute)
        {
            self->send(self->mute());
            return self->stay(15s);
        }
        switch (self->random_.below(4))
        {
        case 0: return self->finish();
        case 1: self->send(make_content(dress::bytes, self->random_.size(4096), self->random_)); break;
        default: self->send(self->beginning()); break;
        }
        self->read();
        self->stay(self->random_.chance(90) ? 500ms : 7s); // longer than the handshake timeout
    });
}

// Half of what would be right for somebody.
std::string stranger::beginning()
{
    using namespace std::string_literals;
    std::string const all[] = {
        "\0\0\x10\0half a frame"s,
        "\0\0"s,
        "\x7f\xff\0"s,
        "\x7f\xf0\0\0\x01\0\0"s,
        "[1, 2, {\"half\": \"a te"s,
        "Content-Length: 1000\r\n\r\nhalf"s,
        "Content-Le"s,
        "GET /soak HTTP/1.1\r\nHost: x\r\nUpgr"s,
        "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"s,
        "\1shm\1"s,
        "\1shm\1\x14\0\0"s,
        "\xc6\0\x10\0\0half"s,
    };
    return all[random_.below(std::size(all))];
}

// Says hello, as one that may be killed, and then neither reads nor leaves.
std::string stranger::mute()
{
    session_plan const plan{.kind = 0, .ending = ending::never, .killable = true};
    auto const hello =
        make_message(dress::bytes, {.type = message_type::hello, .stream = random_.next()}, encode(plan));
    std::string frame{'\0', '\0', '\0', static_cast<char>(hello.size())};
    return frame + hello;
}

void stranger::send(std::string bytes)
{
    bytes_ = std::move(bytes);
    asio::async_write(socket_, asio::buffer(bytes_), [self = shared_from_this()](error_code, std::size_t) {});
}

void stranger::read()
{
    socket_.async_read_some(asio::buffer(room_), [self = shared_from_this()](error_code ec, std::size_t) {
        if (self->over_)
            return;
        if (ec)
            self->finish();
        else
            self->read();
    });
}

void stranger::stay(std::chrono::microseconds most)
{
    timer_.expires_after(random_.up_to(most));
    timer_.async_wait([self = shared_from_this()](error_code) { self->finish(); });
}

void stranger::leave() { finish(); }

void stranger::finish()
{
    if (std::exchange(over_, true))
        return;
    error_code ec; // ignored: it is gone in any case
    socket_.close(ec);
    timer_.cancel();
    asio::post(timer_.get_executor(), [self = shared_from_this()] { self->ended_(*self); });
}

} // namespace oizys::soak
