// SPDX-License-Identifier: BSL-1.0
//
// Proves what the send queue writes for each framing, that a moved message is not copied, that messages
// can be opened, committed and taken back, and that a queue that never runs empty does not grow.
#include "wire/send_queue.hpp"

#include <catch2/catch.hpp>

#include <malloc.h>
#include <unistd.h>

#include <array>
#include <limits>
#include <numeric>
#include <string>

namespace
{

using oizys::framing;
using oizys::wire::send_queue;

constexpr framing all_kinds[] = {framing::header24,       framing::json_text,      framing::newline,
                                 framing::content_length, framing::msgpack_object, framing::message};

std::string all(send_queue const& queue)
{
    std::vector<std::string_view> room(1000);
    room.resize(queue.gather(room));
    std::string wire;
    for (auto const piece : room)
        wire += piece;
    return wire;
}

std::size_t pieces(send_queue const& queue)
{
    std::vector<std::string_view> room(1000);
    return queue.gather(room);
}

} // namespace

TEST_CASE("each framing puts its own bytes around a message")
{
    send_queue header24{framing::header24};
    header24.push("Hi");
    CHECK(all(header24) == std::string("\0\0\0\2Hi", 6));
    CHECK(header24.bytes() == 6);

    send_queue json{framing::json_text};
    json.push("[]");
    json.push("{}");
    CHECK(all(json) == "[]\n{}\n");

    send_queue lines{framing::newline};
    lines.push("one");
    lines.push("two");
    CHECK(all(lines) == "one\ntwo\n");

    send_queue lsp{framing::content_length};
    lsp.push("{}");
    lsp.push(std::string(1234, 'x'));
    CHECK(all(lsp) == "Content-Length: 2\r\n\r\n{}Content-Length: 1234\r\n\r\n" + std::string(1234, 'x'));

    send_queue msgpack{framing::msgpack_object};
    msgpack.push("\x93");
    CHECK(all(msgpack) == "\x93");

    send_queue message{framing::message};
    message.push("Hi");
    CHECK(all(message) == std::string("\0\0\0\0\0\0\0\2Hi", 10));
}

TEST_CASE("the queue tells what a framing adds to a message before it is queued")
{
    for (auto const kind : all_kinds)
        for (std::size_t const size : {1u, 9u, 10u, 99999u, 100000u})
        {
            send_queue queue{kind};
            queue.push(std::string(size, 'x'));
            CHECK(queue.bytes() == size + queue.overhead(size));
        }
    send_queue::header_room room;
    CHECK(send_queue{framing::content_length}.header_for(std::numeric_limits<std::size_t>::max(), room) ==
          "Content-Length: 18446744073709551615\r\n\r\n");
}

TEST_CASE("only lines may not hold their own end")
{
    for (auto const kind : all_kinds)
    {
        send_queue const queue{kind};
        bool const lines = kind == framing::newline;
        for (std::string const message : {"\n", "a\nb", "a\n", "a\r", "\r"})
            CHECK(queue.can_delimit(message) != lines);
        for (std::string const message : {"a", "\ra", "a\rb"})
            CHECK(queue.can_delimit(message));
    }
}

TEST_CASE("small messages share one piece")
{
    send_queue queue{framing::header24};
    for (int i = 0; i < 100; ++i)
        queue.push("message");
    CHECK(pieces(queue) == 1);
    CHECK(queue.messages() == 100);
    CHECK(queue.bytes() == 1100);
}

TEST_CASE("a large message that is given away is not copied")
{
    for (auto const kind : all_kinds)
    {
        send_queue queue{kind};
        queue.push("before");
        std::string message(send_queue::owned_from, 'x');
        void const* const storage = message.data();
        queue.push_owned(std::move(message));
        queue.push("after");

        std::array<std::string_view, 8> room;
        auto const used = queue.gather(room);
        bool found = false;
        for (auto const piece : std::span{room}.first(used))
            found = found || piece.data() == storage;
        CHECK(found);
        CHECK(queue.messages() == 3);
        CHECK(all(queue).size() == queue.bytes());
    }
}

TEST_CASE("a short message that is given away joins the others")
{
    send_queue queue{framing::header24};
    queue.push("a");
    queue.push_owned(std::string(send_queue::owned_from - 1, 'x'));
    CHECK(pieces(queue) == 1);
}

TEST_CASE("an open message counts when it is committed, and leaves nothing when it is taken back")
{
    for (auto const kind : all_kinds)
    {
        send_queue queue{kind};
        queue.push("one");
        auto const before = all(queue);

        queue.open() += "discarded";
        CHECK(queue.open_size() == 9);
        CHECK(queue.messages() == 1);
        queue.cancel();
        CHECK(all(queue) == before);
        CHECK(queue.bytes() == before.size());

        auto& text = queue.open();
        text += "t";
        text += "wo";
        CHECK(queue.open_size() == 3);
        queue.commit();
        CHECK(queue.messages() == 2);

        send_queue expected{kind};
        expected.push("one");
        expected.push("two");
        CHECK(all(queue) == all(expected));
    }
}

TEST_CASE("an open message behind one that was given away starts a piece of its own")
{
    send_queue queue{framing::header24};
    queue.push_owned(std::string(20000, 'x'));
    queue.open();
    queue.cancel();
    queue.open() += "y";
    queue.commit();
    CHECK(queue.messages() == 2);
    CHECK(queue.bytes() == 20004 + 5);
    queue.consume(20004);
    CHECK(all(queue) == std::string("\0\0\0\1y", 5));
}

TEST_CASE("a message that was taken back after the queue ran empty leaves nothing")
{
    send_queue queue{framing::header24};
    queue.push("a");
    queue.consume(5);
    queue.open() += std::string(100000, 'x');
    queue.cancel();
    CHECK(queue.empty());
    CHECK(pieces(queue) == 0);
    queue.push("b");
    CHECK(all(queue) == std::string("\0\0\0\1b", 5));
}

TEST_CASE("the rest of a message is what was not written past the queue, at every count")
{
    for (auto const kind : all_kinds)
    {
        send_queue whole{kind};
        whole.push("message");
        auto const wire = all(whole);
        for (std::size_t written = 0; written < wire.size(); ++written)
        {
            INFO("written " << written);
            send_queue queue{kind};
            queue.push("before");
            queue.consume(queue.bytes());
            queue.push_rest("message", written);
            CHECK(all(queue) == wire.substr(written));
            CHECK(queue.bytes() == wire.size() - written);
            CHECK(queue.messages() == 1);
            queue.push("x");
            CHECK(queue.messages() == 2);
            for (auto left = wire.size() - written; left > 0; --left)
            {
                CHECK(queue.messages() == 2);
                queue.consume(1);
            }
            CHECK(queue.messages() == 1);
            queue.consume(queue.bytes());
            CHECK(queue.empty());
            CHECK(queue.messages() == 0);
        }
    }
}

TEST_CASE("a message is queued until its last byte is written")
{
    send_queue queue{framing::json_text};
    queue.push("[1]");
    queue.push("[2]");
    queue.consume(3);
    CHECK(queue.messages() == 2);
    queue.consume(1);
    CHECK(queue.messages() == 1);
    CHECK(all(queue) == "[2]\n");
}

TEST_CASE("gather fills the room that it is given and no more")
{
    send_queue queue{framing::header24};
    for (int i = 0; i < 20; ++i)
        queue.push_owned(std::string(20000, static_cast<char>('a' + i)));
    std::array<std::string_view, 3> room;
    CHECK(queue.gather(room) == 3);
    CHECK(queue.gather({}) == 0);
    CHECK(all(queue).size() == queue.bytes());
}

TEST_CASE("a queue that is cleared is as new")
{
    send_queue queue{framing::header24};
    queue.push("a");
    queue.push_owned(std::string(20000, 'x'));
    queue.consume(2);
    queue.clear();
    CHECK(queue.empty());
    CHECK(queue.messages() == 0);
    CHECK(pieces(queue) == 0);
    queue.push("b");
    CHECK(all(queue) == std::string("\0\0\0\1b", 5));
    CHECK(queue.messages() == 1);
}

TEST_CASE("a queue that is never empty does not grow")
{
    send_queue queue{framing::header24};
    queue.push("first");
    auto const turn = [&](int i) {
        if (i % 7 == 0)
            queue.push_owned(std::string(20000, 'x'));
        else
            queue.push("a message of some length");
        // All but the last byte.
        queue.consume(queue.bytes() - 1);
        CHECK(queue.messages() == 1);
    };
    for (int i = 0; i < 2000; ++i)
        turn(i);
    auto const before = ::mallinfo2().uordblks; // 0 under a sanitizer: then only the pieces are checked
    for (int i = 0; i < 200000; ++i)
        turn(i);
    CHECK(::mallinfo2().uordblks < before + 200000);
    CHECK(pieces(queue) <= 2);
}

TEST_CASE("a queue of small messages that runs empty again and again keeps its storage")
{
    for (std::size_t const size : {12u, 20u, 26u, 50u, 1000u, 10000u})
    {
        INFO("messages of " << size << " bytes");
        send_queue queue{framing::header24};
        std::vector<std::string> others; // take the storage if it is given back
        auto const storage_of = [&] {
            queue.push(std::string(size, 'x'));
            std::array<std::string_view, 1> room;
            queue.gather(room);
            void const* const storage = room[0].data();
            queue.consume(queue.bytes());
            for (std::size_t i = size; i < 2 * size + 10; i += 8)
                others.emplace_back(i, 'o');
            return storage;
        };
        auto const* const storage = storage_of();
        for (int i = 0; i < 10; ++i)
            CHECK(storage_of() == storage);
    }
}

TEST_CASE(
    "memory that travels by descriptor is counted until the frame that it travels with is being written")
{
    send_queue queue{framing::negotiated};
    auto const attach = [](int fd) {
        std::vector<oizys::unique_fd> one;
        one.emplace_back(::dup(fd));
        return one;
    };
    queue.push_frame(0, {}, "first", attach(0), 1000);
    queue.push_frame(0, {}, "second", attach(0), 300);
    queue.push_frame(0, {}, "third", attach(0));
    CHECK(queue.attached_bytes() == 1300);
    queue.consume(1); // the descriptor has left with it
    CHECK(queue.attached_bytes() == 300);
    queue.consume(4 + 5 - 1);
    CHECK(queue.attached_bytes() == 300);
    queue.consume(1);
    CHECK(queue.attached_bytes() == 0);
    queue.push_frame(0, {}, "fourth", attach(0), 70);
    CHECK(queue.attached_bytes() == 70);
    queue.clear();
    CHECK(queue.attached_bytes() == 0);
}
