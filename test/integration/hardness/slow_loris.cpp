// SPDX-License-Identifier: BSL-1.0
//
// Proves that who sends byte after byte, slowly, and never something whole is closed: by handshake_timeout as long
// as the session has not opened, by idle_timeout or by the framing's own bounds after that; and that many of them
// at once do not keep others out.
#include "support.hpp"

#include "support/certificates.hpp"

#include <oizys/wire/framer.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace
{

/// Sends `at_once`, then `bytes` one by one, then `more` again and again if it is not empty, until it is closed.
class loris : public std::enable_shared_from_this<loris>
{
public:
    loris(asio::io_context& io, std::string at_once, std::string bytes, std::string more)
        : socket_{io}
        , timer_{io}
        , bytes_{at_once + bytes}
        , more_{std::move(more)}
        , step_{std::max<std::size_t>(at_once.size(), 1)}
    {
    }

    void start(endpoint const& where)
    {
        asio::generic::stream_protocol::endpoint to;
        if (where.port() != 0)
            to = asio::ip::tcp::endpoint{asio::ip::address_v4::loopback(), where.port()};
        else
            to = asio::local::stream_protocol::endpoint{where.name()};
        socket_.async_connect(to, [self = shared_from_this()](error_code ec) {
            if (ec)
                return self->stop();
            self->read();
            self->tick();
        });
    }

    void stop()
    {
        is_closed = true;
        timer_.cancel();
        error_code ec; // ignored: it may never have been open
        socket_.close(ec);
    }

    bool is_closed = false;

private:
    void read()
    {
        socket_.async_read_some(asio::buffer(room_), [self = shared_from_this()](error_code ec, std::size_t) {
            ec ? self->stop() : self->read();
        });
    }

    void tick()
    {
        if (is_closed || (at_ == bytes_.size() && more_.empty()))
            return;
        if (at_ == bytes_.size())
            bytes_ += more_;
        error_code ec; // what is wrong is found by the read
        asio::write(socket_, asio::buffer(&bytes_[at_], step_), ec);
        at_ += std::exchange(step_, 1);
        timer_.expires_after(1ms);
        timer_.async_wait([self = shared_from_this()](error_code cancelled) {
            if (!cancelled)
                self->tick();
        });
    }

    asio::generic::stream_protocol::socket socket_;
    asio::steady_timer timer_;
    std::string bytes_;
    std::string more_;
    std::size_t at_ = 0;
    std::size_t step_;
    char room_[4096];
};

struct crawl
{
    char const* name;
    std::string listen; ///< `{dir}` is the folder
    std::string bytes;
    std::string more; ///< for ever
    error_code why;
    std::string at_once{}; ///< before `bytes`
};

std::string const upgrade =
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
std::string const client_hello = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s + std::string(100, '\x42');
std::string const detecting = "unix:{dir}/socket?framing=detect&negotiate=1";

std::vector<crawl> const crawls = {
    // What opens a session has handshake_timeout.
    {"nothing", detecting, "", "", errc::handshake_timeout},
    {"a hello", detecting, "\x7f\xf0\0"s, "", errc::handshake_timeout},
    {"an offer behind the hello", detecting, "\x7f\xff\0\0\x01"s, "", errc::handshake_timeout},
    {"an HTTP request", detecting, "GET / HTTP/1.1\r\nA: ", "a", errc::handshake_timeout},
    {"an HTTP request to ws", "ws://127.0.0.1:0/", "GET / HTTP/1.1\r\n", "A: b\r\n", errc::handshake_timeout},
    {"an HTTP request to ws+unix", "ws+unix:{dir}/socket", upgrade.substr(0, 60), "",
     errc::handshake_timeout},
    {"a ClientHello", "tls:127.0.0.1:0?cert={dir}/server.pem", client_hello, "", errc::handshake_timeout},
    {"a ClientHello to wss", "wss://127.0.0.1:0#cert={dir}/server.pem", client_hello, "",
     errc::handshake_timeout},
    {"a hello of shared memory", "shm:{dir}/socket", "\1shm\1\x10\0"s, "", errc::handshake_timeout},
    // From then on only whole messages count for idle_timeout.
    {"header24, detected", detecting, "\0\x10\0\0"s, "x", errc::idle_timeout},
    {"half a header24", "unix:{dir}/socket", "\0\x10"s, "", errc::idle_timeout},
    {"header24", "unix:{dir}/socket", "\0\xf0\0\0"s, "x", errc::idle_timeout},
    {"a line", "unix:{dir}/socket?framing=newline", "", "x", errc::idle_timeout},
    {"a JSON text", detecting, "[", "1,", errc::idle_timeout},
    {"a msgpack object", detecting, "\x94\0\x01\xdb\0\x10\0\0"s, "x", errc::idle_timeout},
    {"headers of a content length", detecting, "Content-Length: 5\r\nA: ", "", errc::idle_timeout},
    {"a content", detecting, "Content-Length: 1000000\r\n\r\n", "x", errc::idle_timeout},
    {"a frame of a WebSocket", "ws+unix:{dir}/socket", "\x82\xfe\x10", "", errc::idle_timeout, upgrade},
    {"a tcp connection", "tcp:127.0.0.1:0", "\0\x10\0\0"s, "x", errc::idle_timeout},
};

std::string filled_in(std::string text, temp_dir const& dir)
{
    for (auto at = text.find("{dir}"); at != text.npos; at = text.find("{dir}"))
        text.replace(at, 5, dir.path().string());
    return text;
}

/// A server, and those who are slow with it.
struct crawled_upon
{
    crawled_upon(asio::io_context& io, crawl const& c, certificate const& authority)
        : how{c}, server{io, prepared(authority), options()}
    {
    }

    std::string prepared(certificate const& authority) const
    {
        if (is_encrypted())
        {
            authority.write_certificate(dir.file("ca.pem"));
            certificate{{.name = "localhost", .alternative_names = "IP:127.0.0.1"}, authority}.write(
                dir.file("server.pem"));
        }
        return filled_in(how.listen, dir);
    }

    static listener_options options()
    {
        listener_options options;
        options.session.handshake_timeout = 2s;
        options.session.idle_timeout = 2s;
        options.websocket.handshake_timeout = 0ms; // so that it is the session's that counts
        return options;
    }

    bool is_encrypted() const { return how.listen.find("cert=") != std::string::npos; }

    endpoint for_good_clients()
    {
        auto const text = server.socket().local_endpoint().to_string();
        if (is_encrypted())
            return text.substr(0, text.find_first_of("?#") + 1) + "ca=" + dir.file("ca.pem");
        return how.listen == detecting ? dir.endpoint() : text;
    }

    crawl const& how;
    temp_dir dir;
    echo_server server;
    std::vector<std::shared_ptr<loris>> lorises;
};

} // namespace

TEST_CASE("who sends byte by byte is closed, whatever it speaks, and a good client is served meanwhile")
{
    constexpr std::size_t each = 10;
    asio::io_context io;
    certificate const authority{{.name = "authority", .is_ca = true}};
    std::vector<std::unique_ptr<crawled_upon>> all;
    for (auto const& c : crawls)
    {
        all.push_back(std::make_unique<crawled_upon>(io, c, authority));
        for (std::size_t i = 0; i < each; ++i)
        {
            all.back()->lorises.push_back(std::make_shared<loris>(io, c.at_once, c.bytes, c.more));
            all.back()->lorises.back()->start(all.back()->server.socket().local_endpoint());
        }
    }
    for (auto const& at : all)
    {
        INFO(at->how.name);
        CHECK(is_served(io, at->for_good_clients()));
    }
    for (auto const& at : all)
    {
        INFO(at->how.name);
        CHECK(run_until(
            io, [&] { return at->server.closes.size() == each + 1; }, 30s));
        for (auto const why : at->server.closes)
            UNSCOPED_INFO(why.message());
        CHECK(std::ranges::count(at->server.closes, at->how.why) == each);
        for (auto const& l : at->lorises)
        {
            CHECK(run_until(io, [&] { return l->is_closed; }));
            l->stop();
        }
        CHECK(at->server.sessions() == 0);
    }
}

TEST_CASE("headers of a content length that never end are bounded in themselves")
{
    temp_dir const dir;
    asio::io_context io;
    std::string very_long; // nearly as long as they may be
    while (very_long.size() < oizys::wire::max_content_length_headers - 200)
        very_long += "A: b\r\n";
    listener_options options;
    options.session.framing = framing::content_length;
    echo_server server{io, dir.endpoint(), options};
    auto const slow = std::make_shared<loris>(io, "Content-Length: 5\r\n" + very_long, "", "A: b\r\n");
    slow->start(server.socket().local_endpoint());
    REQUIRE(run_until(
        io, [&] { return !server.closes.empty(); }, 30s));
    CHECK(server.closes[0] == errc::malformed_message);
    slow->stop();
}

TEST_CASE("slow ones that take every place of a listener do not keep a good client out")
{
    temp_dir const dir;
    asio::io_context io;
    listener_options options;
    options.session.framing = framing::detect;
    options.session.negotiation.enabled = true;
    options.session.handshake_timeout = 100ms;
    options.max_sessions = 50;
    echo_server server{io, dir.endpoint(), options};
    std::vector<std::shared_ptr<loris>> all;
    for (int i = 0; i < 150; ++i)
    {
        all.push_back(std::make_shared<loris>(io, "", "\x7f\xff\0"s, ""));
        all.back()->start(dir.endpoint());
    }
    REQUIRE(run_until(io, [&] { return server.sessions() == 50; }));
    CHECK(is_served(io, dir.endpoint())); // behind them all
    CHECK(std::ranges::count(server.closes, error_code{errc::handshake_timeout}) >= 100);
    for (auto const& l : all)
        l->stop();
}
