// SPDX-License-Identifier: BSL-1.0
//
// Proves the bytes on the wire: nothing but header and payload, both in one write, all that is sent in one
// turn in one write, and that received bytes mean the same however they arrive. A record socket shows where
// each write began and ended.
#include "ends.hpp"

#include <boost/asio/post.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace
{

using namespace oizys::test;

// A session over a socket that keeps records: what one write wrote is what one read reads.
class record_end
{
public:
    explicit record_end(asio::io_context& io, oizys::session_options const& options = {})
    {
        std::array<int, 2> fds{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds.data()) == 0);
        fd_ = fds[0];
        asio::generic::stream_protocol::socket socket{io, asio::generic::stream_protocol{AF_UNIX, 0}, fds[1]};
        session_ = oizys::create_session(std::move(socket), options);
    }
    record_end(record_end const&) = delete;
    record_end& operator=(record_end const&) = delete;
    ~record_end() { ::close(fd_); }

    oizys::session& session() { return *session_; }
    void send(std::string_view bytes) const
    {
        REQUIRE(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
    }

    // The records that have arrived.
    texts records() const
    {
        texts result;
        std::string room(1u << 20, '\0');
        for (ssize_t n = 0; (n = ::recv(fd_, room.data(), room.size(), 0)) > 0;)
            result.push_back(room.substr(0, static_cast<std::size_t>(n)));
        return result;
    }

private:
    int fd_ = -1;
    std::shared_ptr<oizys::session> session_;
};

} // namespace

TEST_CASE("a message is its header and its payload, in one write")
{
    asio::io_context io;
    record_end end{io};
    end.session().send("Hi");
    CHECK(end.records().empty()); // not inside send
    settle(io);
    CHECK(end.records() == texts{std::string("\0\0\0\2Hi", 6)});
    end.session().send("foo");
    settle(io);
    CHECK(end.records() == texts{std::string("\0\0\0\3foo", 7)});
}

TEST_CASE("a large message is written in one write, whichever way it is sent")
{
    asio::io_context io;
    std::string const text(100000, 'x');
    using enum oizys::framing;
    std::pair<oizys::framing, std::string> const kinds[] = {
        {header24, framed(text)}, {json_text, text + "\n"},
        {newline, text + "\n"},   {content_length, "Content-Length: 100000\r\n\r\n" + text},
        {msgpack_object, text},   {message, std::string("\0\0\0\0\0\1\x86\xa0", 8) + text}};
    for (auto const& [kind, wire] : kinds)
        for (int way = 0; way < 3; ++way)
        {
            record_end end{io, {.framing = kind}};
            error_code ec;
            if (way == 0)
                end.session().send(text);
            else if (way == 1)
                end.session().send_owned(text, ec);
            else
            {
                end.session().begin_message() += text;
                end.session().end_message(ec);
            }
            settle(io);
            CHECK((end.records() == texts{wire}));
        }
}

TEST_CASE("all that is sent in one turn of the loop is one write")
{
    asio::io_context io;
    record_end end{io};
    std::string wire;
    for (int i = 0; i < 100; ++i)
    {
        end.session().send(std::to_string(i));
        wire += framed(std::to_string(i));
    }
    settle(io);
    CHECK(end.records() == texts{wire});

    // The same from within somebody else's handler.
    asio::post(io, [&] {
        end.session().send("a");
        end.session().send("b");
    });
    settle(io);
    CHECK(end.records() == texts{framed("a") + framed("b")});
}

TEST_CASE("the answers to messages that arrived together are one write")
{
    asio::io_context io;
    record_end end{io};
    end.session().set_onmessage([&](std::string const& message) { end.session().send(message + "!"); });
    end.send(framed("a") + framed("b") + framed("c"));
    REQUIRE(run_until(io, [&] { return end.session().queued_messages() == 0; }));
    texts records;
    REQUIRE(run_until(io, [&] {
        auto const more = end.records();
        records.insert(records.end(), more.begin(), more.end());
        return !records.empty();
    }));
    settle(io);
    CHECK(end.records().empty());
    CHECK(records == texts{framed("a!") + framed("b!") + framed("c!")});
}

TEST_CASE("a turn with many messages costs one operation on the stream")
{
    asio::io_context io;
    auto const pair = oizys::memory_pair(io.get_executor());
    witness second;
    second.listen(*pair.second);
    settle(io);
    auto const before = pair.state->operations;
    for (int i = 0; i < 1000; ++i)
        pair.first->send("message");
    CHECK(pair.state->operations == before);
    REQUIRE(run_until(io, [&] { return second.messages.size() == 1000; }));
    auto const read = pair.state->operations - before - 1; // all but the write
    CHECK(read < 20);                                      // the buffer doubles from 512 bytes
}

TEST_CASE("each framing puts its own bytes around a message")
{
    asio::io_context io;
    record_end json{io, {.framing = oizys::framing::json_text}};
    json.session().send("[1]");
    json.session().send("[2]");
    settle(io);
    CHECK(json.records() == texts{"[1]\n[2]\n"});

    record_end lines{io, {.framing = oizys::framing::newline}};
    lines.session().send("one");
    lines.session().send("two");
    settle(io);
    CHECK(lines.records() == texts{"one\ntwo\n"});

    record_end lsp{io, {.framing = oizys::framing::content_length}};
    lsp.session().send("{}");
    error_code ec;
    lsp.session().begin_message() += "[1, 2, 3, 4]";
    lsp.session().end_message(ec);
    settle(io);
    CHECK(lsp.records() == texts{"Content-Length: 2\r\n\r\n{}Content-Length: 12\r\n\r\n[1, 2, 3, 4]"});

    record_end message{io, {.framing = oizys::framing::message}};
    message.session().send("Hi");
    settle(io);
    CHECK(message.records() == texts{std::string("\0\0\0\0\0\0\0\2Hi", 10)});

    record_end msgpack{io, {.framing = oizys::framing::msgpack_object}};
    msgpack.session().send("\x93\x02\xa1n\x90");
    settle(io);
    CHECK(msgpack.records() == texts{"\x93\x02\xa1n\x90"});
}

TEST_CASE("received bytes mean the same at every split")
{
    using enum oizys::framing;
    std::string const x300(300, 'x');
    auto const [kind, wire] =
        GENERATE_REF(std::pair{header24, framed("Hi") + framed("!") + framed(x300)},
                     std::pair{newline, "\nHi\r\n!\n\n" + x300 + "\n"},
                     std::pair{content_length, "content-length:2\n\nHiX: y\r\nContent-Length: 1\r\n\r\n!"
                                               "Content-Length: 300\r\n\r\n" +
                                                   x300},
                     std::pair{message, std::string("\0\0\0\0\0\0\0\2Hi\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1!"
                                                    "\0\0\0\0\0\0\1\x2c",
                                                    35) +
                                            x300});
    for (std::size_t cut = 1; cut < wire.size(); ++cut)
    {
        asio::io_context io;
        raw_end raw{io};
        auto const s = raw.connect(io, {.framing = kind});
        witness w;
        w.watch(*s);
        raw.send(std::string_view{wire}.substr(0, cut));
        settle(io);
        raw.send(std::string_view{wire}.substr(cut));
        settle(io);
        CHECK(w.messages == texts{"Hi", "!", x300});
        CHECK(!w.closed());
    }
}
