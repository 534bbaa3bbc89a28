// SPDX-License-Identifier: BSL-1.0
//
// Proves what the negotiated mode adds to a session over a real socket: the hello and its refusals as bytes,
// what a plain peer never sees, long messages beside short ones, compression, descriptors that stay with
// their messages, shared memory, and signs of life.
#include "ends.hpp"

#include <oizys/connect.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

namespace
{

using namespace oizys::test;
using namespace std::string_literals;
using namespace std::chrono_literals;
using oizys::errc;
using oizys::framing;
using oizys::serializer;
using oizys::session_options;
using oizys::unique_fd;
using generic_socket = asio::generic::stream_protocol::socket;

session_options negotiating()
{
    session_options o;
    o.negotiation.enabled = true;
    o.negotiation.ping_interval = {};
    return o;
}

/// A session that was asked to open, and how that ended.
struct opening
{
    std::shared_ptr<oizys::session> session;
    error_code ec;
    int calls = 0;

    void open(asio::local::stream_protocol::socket socket, session_options const& options)
    {
        oizys::async_open_session(generic_socket{std::move(socket)}, options,
                                  [this](error_code why, std::shared_ptr<oizys::session> s) {
                                      ++calls;
                                      ec = why;
                                      session = std::move(s);
                                  });
    }
};

/// Two ends that have agreed.
struct agreed_pair
{
    explicit agreed_pair(asio::io_context& io, session_options const& a = negotiating(),
                         session_options const& b = negotiating())
    {
        asio::local::stream_protocol::socket first{io};
        asio::local::stream_protocol::socket second{io};
        asio::local::connect_pair(first, second);
        opening client;
        client.open(std::move(first), a);
        accepted = session_of(std::move(second), b);
        at_accepted.watch_close(*accepted);
        accepted->set_onreceive([this](oizys::incoming& m) {
            descriptors.push_back(m.take_descriptors());
            at_accepted.messages.push_back(m.take());
        });
        REQUIRE(run_until(io, [&] { return client.calls != 0 && accepted->negotiated(); }));
        REQUIRE(!client.ec);
        connected = client.session;
        at_connected.watch(*connected);
    }

    std::shared_ptr<oizys::session> connected;
    std::shared_ptr<oizys::session> accepted;
    witness at_connected;
    witness at_accepted;
    std::vector<std::vector<unique_fd>> descriptors; ///< of the messages at the accepted end
};

unique_fd file_with(std::string_view text)
{
    unique_fd fd{::memfd_create("test", MFD_CLOEXEC)};
    REQUIRE(::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    return fd;
}

std::string content_of(unique_fd const& fd)
{
    std::string text(100, '\0');
    auto const n = ::pread(fd.get(), text.data(), text.size(), 0);
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return text;
}

std::size_t open_descriptors()
{
    auto const all = std::filesystem::directory_iterator{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace

TEST_CASE("both ends say hello, then what they can receive, and then messages are plain frames")
{
    asio::io_context io;
    raw_end other{io};
    asio::local::stream_protocol::socket socket{io};
    opening client;
    {
        asio::local::connect_pair(other.socket(), socket);
        other.socket().non_blocking(true);
        client.open(std::move(socket), negotiating());
    }
    REQUIRE(run_until(io, [&] { return other.receive() == "\x7f\xff\0\0"s; }));
    CHECK(client.calls == 0);
    other.send("\x7f\x0f\0\0"s + "\x03\0\0\x09\x00\0\0\0\0\0\0\x02\0"s); // 512 bytes, nothing else
    REQUIRE(run_until(io, [&] { return client.calls == 1; }));
    REQUIRE(!client.ec);
    CHECK(client.session->negotiated() == serializer::oizys);
    CHECK(client.session->framing() == framing::negotiated);
    CHECK(client.session->max_message() == 512);
    CHECK_FALSE(client.session->passes_descriptors());
    client.session->send("Hi");
    auto const ours = "\x03\0\0\x09\x0f\0\0\0\0\0\xff\xff\xff"s; // everything, over a Unix socket
    REQUIRE(run_until(io, [&] { return other.receive() == "\x7f\xff\0\0"s + ours + framed("Hi"); }));
    CHECK(error_of_send(*client.session, std::string(513, 'x')) == errc::message_too_large);
    witness w;
    w.watch(*client.session);
    other.send(framed("Ho"));
    REQUIRE(run_until(io, [&] { return w.messages == texts{"Ho"}; }));
}

TEST_CASE("messages that come while nobody listens yet are delivered to who does")
{
    asio::io_context io;
    agreed_pair const pair{io};
    pair.accepted->send("early");
    settle(io);
    REQUIRE(run_until(io, [&] { return !pair.at_connected.messages.empty(); }));

    raw_end other{io};
    asio::local::stream_protocol::socket socket{io};
    asio::local::connect_pair(other.socket(), socket);
    opening client;
    client.open(std::move(socket), negotiating());
    other.send("\x7f\xff\0\0"s + "\x03\0\0\x09\x00\0\0\0\0\0\0\x02\0"s + framed("one") + framed("two"));
    REQUIRE(run_until(io, [&] { return client.calls == 1; }));
    settle(io);
    witness w;
    w.watch(*client.session);
    REQUIRE(run_until(io, [&] { return w.messages == texts{"one", "two"}; }));
}

TEST_CASE("a plain peer of a negotiating session sees plain frames only")
{
    asio::io_context io;
    raw_end other{io};
    auto options = negotiating();
    options.framing = GENERATE(framing::header24, framing::detect);
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    CHECK(error_of_send(*s, "before it is known") == errc::unknown_protocol);
    other.send(framed("Hi"));
    REQUIRE(run_until(io, [&] { return w.messages == texts{"Hi"}; }));
    CHECK_FALSE(s->negotiated());
    std::string const large(300000, 'x');
    s->send(large);
    REQUIRE(run_until(io, [&] { return other.receive().size() == large.size() + 4; }));
    CHECK((other.receive() == framed(large)));
}

TEST_CASE("a session that does not negotiate takes a hello for what it is: no frame")
{
    asio::io_context io;
    raw_end other{io};
    session_options options;
    options.framing = GENERATE(framing::header24, framing::detect);
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    other.send("\x7f\xff\0\0"s);
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closes[0] == (options.framing == framing::detect ? errc::unknown_protocol : errc::bad_frame));
    CHECK(other.receive() == "");
}

TEST_CASE("a hello that cannot be agreed to is answered with the reason and ends the session")
{
    asio::io_context io;
    raw_end other{io};
    auto const s = other.connect(io, negotiating());
    witness w;
    w.watch(*s);
    other.send("\x7f\xf1\0\0"s);
    REQUIRE(run_until(io, [&] { return w.closed_with(errc::serializer_unsupported); }));
    CHECK(other.receive() == "\x7f\x10\0\0"s);
    CHECK(other.at_eof());
}

TEST_CASE("who connects is told that the other end refuses, closes, or says something else")
{
    asio::io_context io;
    raw_end other{io};
    asio::local::stream_protocol::socket socket{io};
    asio::local::connect_pair(other.socket(), socket);
    opening client;
    client.open(std::move(socket), negotiating());
    SECTION("refuses")
    {
        other.send("\x7f\x40\0\0"s);
        REQUIRE(run_until(io, [&] { return client.calls == 1; }));
        CHECK(client.ec == errc::too_many_connections);
    }
    SECTION("closes")
    {
        other.close();
        REQUIRE(run_until(io, [&] { return client.calls == 1; }));
        CHECK(client.ec.failed());
    }
    SECTION("says something else")
    {
        other.send(framed("Hi"));
        REQUIRE(run_until(io, [&] { return client.calls == 1; }));
        CHECK(client.ec == errc::hello_malformed);
    }
    CHECK(client.session == nullptr);
}

TEST_CASE("with a serializer of WAMP nothing but messages, pings and pongs is sent")
{
    asio::io_context io;
    raw_end other{io};
    auto options = negotiating();
    options.negotiation.accepted = serializer::json | serializer::msgpack;
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    other.send("\x7f\xf1\0\0"s + framed("[1]") + "\x01\0\0\x02hi"s + "\x01\0\0\0"s);
    REQUIRE(run_until(io, [&] { return w.messages == texts{"[1]"}; }));
    std::string const large(300000, ' ');
    s->send(large);
    auto const expected = "\x7f\xf1\0\0"s + "\x02\0\0\x02hi"s + "\x02\0\0\0"s + framed(large);
    REQUIRE(run_until(io, [&] { return other.receive().size() >= expected.size(); }));
    CHECK((other.receive() == expected));
    CHECK(s->negotiated() == serializer::json);
    other.send("\x04\0\0\x01x"s); // a part
    REQUIRE(run_until(io, [&] { return w.closed_with(errc::bad_frame); }));
}

TEST_CASE("messages of every size arrive whole over a negotiated session, by every way")
{
    asio::io_context io;
    auto options = negotiating();
    options.max_message = 20u << 20;
    options.max_queued_bytes = 100u << 20;
    options.negotiation.compress = GENERATE(false, true);
    options.negotiation.shared_from = GENERATE(as<std::size_t>{}, 0, 262144);
    agreed_pair const pair{io, options, options};
    std::mt19937 random{3};
    std::vector<std::string> sent;
    for (std::size_t const size :
         {1u, 2u, 4095u, 4096u, 65535u, 65536u, 262143u, 262144u, 262145u, 1000000u, 17000000u})
    {
        auto text = random_text(random, size);
        std::fill_n(text.begin(), size / 2, 'a'); // half of it can be compressed
        sent.push_back(text);
        error_code ec;
        switch (sent.size() % 3)
        {
        case 0: pair.connected->send(text, ec); break;
        case 1: pair.connected->send_owned(text, ec); break;
        default: pair.connected->begin_message() += text; pair.connected->end_message(ec);
        }
        REQUIRE(!ec);
    }
    REQUIRE(run_until(
        io, [&] { return pair.at_accepted.messages.size() == sent.size(); }, 60s));
    auto arrived = pair.at_accepted.messages; // long ones may have been overtaken
    std::ranges::sort(arrived);
    std::ranges::sort(sent);
    CHECK((arrived == sent));
    CHECK(pair.connected->queued_bytes() == 0);
    CHECK(pair.connected->queued_messages() == 0);
    CHECK(pair.connected->counters().messages_sent == sent.size());
    CHECK(pair.accepted->counters().messages_received == sent.size());
}

TEST_CASE("a long message does not hold up a short one")
{
    asio::io_context io;
    auto options = negotiating();
    options.max_message = 100u << 20;
    options.max_queued_bytes = 200u << 20;
    options.negotiation.shared_from = 0;
    agreed_pair const pair{io, options, options};
    std::string const large(50u << 20, 'x');
    pair.connected->send(large);
    for (int i = 0; i < 5; ++i)
        io.poll_one();
    pair.connected->send("short");
    REQUIRE(run_until(
        io, [&] { return pair.at_accepted.messages.size() == 2; }, 60s));
    CHECK(pair.at_accepted.messages[0] == "short");
    CHECK((pair.at_accepted.messages[1] == large));
}

TEST_CASE("the queue's limit counts what waits for its turn, too")
{
    asio::io_context io;
    auto options = negotiating();
    options.max_queued_bytes = 1u << 20;
    options.negotiation.shared_from = 0;
    agreed_pair const pair{io, options, options};
    pair.connected->send(std::string(1000000, 'x'));
    CHECK(pair.connected->queued_bytes() >= 1000000);
    CHECK(pair.connected->queued_messages() == 1);
    CHECK(error_of_send(*pair.connected, std::string(100000, 'x')) == errc::queue_full);
    CHECK(pair.connected->counters().messages_refused == 1);
    REQUIRE(run_until(io, [&] { return pair.at_accepted.messages.size() == 1; }));
}

TEST_CASE("the limit of a message holds for the whole of its parts")
{
    asio::io_context io;
    auto sends_more = negotiating();
    sends_more.max_message = 3000000;
    sends_more.negotiation.shared_from = 0;
    auto takes_less = sends_more;
    takes_less.max_message = 1000000;
    agreed_pair const pair{io, sends_more, takes_less};
    CHECK(pair.connected->max_message() == 1000000);
    CHECK(error_of_send(*pair.connected, std::string(1000001, 'x')) == errc::message_too_large);
    pair.connected->send(std::string(1000000, 'x'));
    REQUIRE(run_until(io, [&] { return pair.at_accepted.messages.size() == 1; }));
    CHECK(pair.accepted->max_message() == 1000000); // its own bound holds for what it sends
}

TEST_CASE("compressed messages take fewer bytes, and only where it is wanted")
{
    asio::io_context io;
    auto options = negotiating();
    std::string const text(100000, 'a');
    SECTION("not over a Unix socket by default")
    {
        agreed_pair const pair{io, options, options};
        pair.connected->send(text);
        REQUIRE(run_until(io, [&] { return pair.at_accepted.messages == texts{text}; }));
        CHECK(pair.connected->counters().bytes_sent > text.size());
    }
    SECTION("on demand")
    {
        options.negotiation.compress = true;
        agreed_pair const pair{io, options, negotiating()};
        pair.connected->send(text);
        REQUIRE(run_until(io, [&] { return pair.at_accepted.messages == texts{text}; }));
        CHECK(pair.connected->counters().bytes_sent < 1000);
        CHECK(pair.accepted->counters().bytes_received < 1000);
    }
}

TEST_CASE("descriptors arrive with their message, however many messages one read brings")
{
    asio::io_context io;
    agreed_pair pair{io};
    auto const before = open_descriptors();
    error_code ec;
    for (int i = 0; i < 50; ++i)
    {
        std::vector<unique_fd> with;
        for (int k = 0; k < i % 3; ++k)
            with.push_back(file_with(std::to_string(i) + "." + std::to_string(k)));
        pair.connected->send(std::to_string(i), std::move(with), ec);
        REQUIRE(!ec);
    }
    REQUIRE(run_until(io, [&] { return pair.at_accepted.messages.size() == 50; }));
    std::size_t total = 0;
    for (std::size_t i = 0; i < 50; ++i)
    {
        CHECK(pair.at_accepted.messages[i] == std::to_string(i));
        REQUIRE(pair.descriptors[i].size() == i % 3);
        total += i % 3;
        for (std::size_t k = 0; k < i % 3; ++k)
        {
            CHECK(content_of(pair.descriptors[i][k]) == std::to_string(i) + "." + std::to_string(k));
            CHECK((::fcntl(pair.descriptors[i][k].get(), F_GETFD) & FD_CLOEXEC) != 0);
        }
    }
    CHECK(open_descriptors() == before + total); // the sender's are closed
    pair.descriptors.clear();
    CHECK(open_descriptors() == before);
}

TEST_CASE("descriptors that are refused, or that nobody takes, are closed")
{
    asio::io_context io;
    agreed_pair pair{io};
    auto const before = open_descriptors();
    error_code ec;
    auto const some = [](std::size_t n) {
        std::vector<unique_fd> d;
        for (std::size_t i = 0; i < n; ++i)
            d.push_back(file_with("x"));
        return d;
    };
    pair.connected->send("too many", some(17), ec);
    CHECK(ec == errc::bad_descriptors);
    pair.connected->send("", some(1), ec);
    CHECK(ec == errc::message_empty);
    CHECK(open_descriptors() == before);

    pair.accepted->send("nobody takes them", some(16), ec); // at_connected takes the text only
    CHECK(!ec);
    REQUIRE(run_until(io, [&] { return !pair.at_connected.messages.empty(); }));
    CHECK(open_descriptors() == before);

    auto const plain = over_sockets::make(io);
    auto const with_plain = open_descriptors();
    plain.a->send("x", some(1), ec);
    CHECK(ec == errc::descriptors_unsupported);
    CHECK(open_descriptors() == with_plain);
}

TEST_CASE("a session that ends closes the descriptors that are queued or half received")
{
    asio::io_context io;
    over_sockets::make(io); // the loop has what it needs now
    auto const before = open_descriptors();
    {
        agreed_pair pair{io};
        pair.accepted->pause_reading();
        error_code ec;
        for (int i = 0; i < 40; ++i)
        {
            std::vector<unique_fd> d;
            d.push_back(file_with("x"));
            pair.connected->send(std::string(100000, 'x'), std::move(d), ec);
        }
        settle(io);
        pair.connected->abort();
        pair.accepted->abort();
        settle(io);
    }
    settle(io);
    CHECK(open_descriptors() == before);
}

TEST_CASE("descriptors that were not announced are bounded")
{
    asio::io_context io;
    asio::local::stream_protocol::socket socket{io};
    raw_end other{io};
    auto options = negotiating();
    options.negotiation.max_queued_descriptors = 8;
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    other.send("\x7f\xff\0\0"s + "\x03\0\0\x09\x0f\0\0\0\0\0\xff\xff\xff"s);
    REQUIRE(run_until(io, [&] { return s->negotiated().has_value(); }));
    auto const before = open_descriptors();
    for (int i = 0; i < 9; ++i)
    {
        auto const fd = file_with("x");
        int const number = fd.get();
        alignas(cmsghdr) char room[CMSG_SPACE(sizeof number)] = {};
        char byte[] = "\0\0\0\1x";
        iovec vector{.iov_base = byte, .iov_len = 5};
        msghdr message{};
        message.msg_iov = &vector;
        message.msg_iovlen = 1;
        message.msg_control = room;
        message.msg_controllen = sizeof room;
        auto* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof number);
        std::memcpy(CMSG_DATA(header), &number, sizeof number);
        REQUIRE(::sendmsg(other.socket().native_handle(), &message, 0) == 5);
    }
    REQUIRE(run_until(io, [&] { return w.closed_with(errc::bad_descriptors); }));
    settle(io);
    CHECK(w.messages.size() == 8);
    CHECK(open_descriptors() == before - 1); // all of theirs are closed, and the socket
}

TEST_CASE("a large message arrives in shared memory, and is gone with its handler")
{
    asio::io_context io;
    agreed_pair const pair{io};
    auto const before = open_descriptors();
    std::mt19937 random{11};
    auto const text = random_text(random, 1u << 20);
    pair.connected->send(text);
    REQUIRE(run_until(io, [&] { return !pair.at_accepted.messages.empty(); }));
    CHECK((pair.at_accepted.messages[0] == text));
    CHECK(pair.connected->counters().bytes_sent < 1000); // of the socket
    CHECK(open_descriptors() == before);
}

TEST_CASE("who was held back by a long answer reads on when its last part is written")
{
    asio::io_context io;
    auto asking = negotiating();
    asking.negotiation.part_size = 4096;
    asking.negotiation.shared_from = 0;
    auto answering = asking;
    answering.pause_reading_above = 20000;
    asio::local::stream_protocol::socket first{io};
    asio::local::stream_protocol::socket second{io};
    asio::local::connect_pair(first, second);
    opening client;
    client.open(std::move(first), asking);
    auto const accepted = session_of(std::move(second), answering);
    // More parts than one turn writes, and each of them fits into the socket: nothing ever waits for that.
    accepted->set_onmessage([&](std::string const&) { accepted->send(std::string(100000, 'x')); });
    REQUIRE(run_until(io, [&] { return client.calls != 0; }));
    witness w;
    w.watch(*client.session);
    for (int i = 0; i < 5; ++i)
        client.session->send("request");
    CHECK(run_until(io, [&] { return w.messages.size() == 5; }));
}

TEST_CASE("shared memory counts for the queue's limit, and what is under way is bounded by it as well")
{
    asio::io_context io;
    auto options = negotiating();
    options.max_queued_bytes = 4000000;
    agreed_pair pair{io, options};
    pair.accepted->pause_reading();
    std::string const message(1000000, 'x');
    int accepted = 0;
    error_code ec;
    for (int i = 0; i < 30 && !ec; ++i)
    {
        pair.connected->send(message, ec);
        accepted += !ec;
        settle(io);
    }
    CHECK(ec == errc::queue_full);
    CHECK(accepted <= 4 + 4 + 1); // the other end holds one that it had begun to read
    CHECK(pair.connected->queued_bytes() <= 4000000);

    pair.accepted->resume_reading();
    CHECK(run_until(io,
                    [&] { return pair.at_accepted.messages.size() == static_cast<std::size_t>(accepted); }));
    CHECK(pair.connected->queued_bytes() == 0);
    auto const before = pair.connected->counters().bytes_sent;
    pair.connected->send(message);
    settle(io);
    CHECK(pair.connected->counters().bytes_sent < before + 100); // there is room again
}

TEST_CASE("a ping is answered with its payload, and the answer tells how long it took")
{
    asio::io_context io;
    auto options = negotiating();
    options.negotiation.ping_interval = 20ms;
    options.negotiation.ping_timeout = 10s;
    agreed_pair const pair{io, options, negotiating()};
    CHECK_FALSE(pair.connected->round_trip());
    REQUIRE(run_until(io, [&] { return pair.connected->round_trip().has_value(); }));
    CHECK(*pair.connected->round_trip() > 0ns);
    CHECK_FALSE(pair.at_connected.closed());
}

TEST_CASE("who gives no sign of life is closed with timed_out")
{
    asio::io_context io;
    raw_end other{io};
    auto options = negotiating();
    options.negotiation.ping_interval = 20ms;
    options.negotiation.ping_timeout = 20ms;
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    other.send("\x7f\xff\0\0"s + "\x03\0\0\x09\x0f\0\0\0\0\0\xff\xff\xff"s);
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closes[0] == asio::error::timed_out);
    CHECK(other.receive().find("\x01\0\0\x08"s) != std::string::npos); // it was asked
}

TEST_CASE("who asks for pongs and never reads them is closed at the queue's limit")
{
    asio::io_context io;
    raw_end other{io};
    auto options = negotiating();
    options.max_queued_bytes = 100000;
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    other.send("\x7f\xff\0\0"s + "\x03\0\0\x09\x0f\0\0\0\0\0\xff\xff\xff"s);
    std::string const ping = "\x01\0\x40\0"s + std::string(0x4000, 'p');
    REQUIRE(run_until(io, [&] {
        if (other.socket().is_open() && !w.closed())
        {
            error_code ec;
            other.socket().write_some(asio::buffer(ping), ec);
        }
        return w.closed();
    }));
    CHECK(w.closes[0] == errc::queue_full);
}
