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
    oizys::session_options const kinds[] = {{}, {.framing = oizys::framing::json_text}};
    for (auto const& options : kinds)
        for (int way = 0; way < 3; ++way)
        {
            record_end end{io, options};
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
            bool const json = options.framing == oizys::framing::json_text;
            CHECK((end.records() == texts{json ? text + "\n" : framed(text)}));
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

    record_end msgpack{io, {.framing = oizys::framing::msgpack_object}};
    msgpack.session().send("\x93\x02\xa1n\x90");
    settle(io);
    CHECK(msgpack.records() == texts{"\x93\x02\xa1n\x90"});
}

TEST_CASE("received bytes mean the same at every split")
{
    auto const wire = framed("Hi") + framed("!") + framed(std::string(300, 'x'));
    for (std::size_t cut = 1; cut < wire.size(); ++cut)
    {
        asio::io_context io;
        raw_end raw{io};
        auto const s = raw.connect(io);
        witness w;
        w.watch(*s);
        raw.send(std::string_view{wire}.substr(0, cut));
        settle(io);
        raw.send(std::string_view{wire}.substr(cut));
        settle(io);
        CHECK(w.messages == texts{"Hi", "!", std::string(300, 'x')});
        CHECK(!w.closed());
    }
}
