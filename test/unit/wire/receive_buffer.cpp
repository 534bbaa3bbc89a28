// SPDX-License-Identifier: BSL-1.0
//
// Proves that the receive buffer keeps every byte, starts small, grows when reads fill it and shrinks when
// they do not, receives large payloads into storage that is given away without a copy, and keeps the bytes
// behind its data readable (under the address sanitizer that is a proof).
#include "wire/receive_buffer.hpp"

#include "wire/send_queue.hpp"

#include <oizys/wire/framer.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>

namespace
{

using oizys::framing;
using oizys::wire::frame_step;
using oizys::wire::receive_buffer;

constexpr auto initial_capacity = receive_buffer::initial_size - receive_buffer::padding;

// Fills at most `bytes` of the room for the next read, as a socket does.
std::size_t fill(receive_buffer& buffer, std::string_view bytes)
{
    auto const room = buffer.prepare();
    REQUIRE(!room.empty());
    auto const n = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), n, room.begin());
    buffer.commit(n);
    return n;
}

// Reads what lies behind `view`, which must be allowed. The loop cannot be optimised away.
void read_padding(std::string_view view)
{
    char const volatile* const behind = view.data() + view.size();
    char sum = 0;
    for (std::size_t i = 0; i < receive_buffer::padding; ++i)
        sum = static_cast<char>(sum + behind[i]);
    static_cast<void>(sum);
}

std::string frame(std::string const& payload, framing kind = framing::header24)
{
    oizys::wire::send_queue::header_room room;
    return std::string{oizys::wire::send_queue{kind}.header_for(payload.size(), room)} + payload;
}

std::string random_text(std::mt19937& random, std::size_t size)
{
    std::string text(size, '\0');
    auto c = static_cast<char>(random());
    for (auto& at : text)
        at = c = static_cast<char>(c * 5 + 3);
    return text;
}

} // namespace

TEST_CASE("a buffer has no memory until it is read into, then little")
{
    receive_buffer buffer;
    CHECK(buffer.capacity() == 0);
    CHECK(buffer.data().empty());
    CHECK(buffer.prepare().size() == initial_capacity);
    CHECK(buffer.capacity() == initial_capacity);
}

TEST_CASE("bytes stay until they are consumed, and views of them until the next read")
{
    receive_buffer buffer;
    fill(buffer, "abcdef");
    CHECK(buffer.data() == "abcdef");
    auto const view = buffer.data().substr(0, 2);
    buffer.consume(2);
    CHECK(view == "ab");
    CHECK(buffer.data() == "cdef");
    fill(buffer, "gh");
    CHECK(buffer.data() == "cdefgh");
    buffer.consume(6);
    CHECK(buffer.data().empty());
}

TEST_CASE("a buffer doubles each time a read fills it, up to its largest size")
{
    receive_buffer buffer;
    std::string const much(1u << 20, 'x');
    auto size = receive_buffer::initial_size;
    for (; size <= receive_buffer::largest_size; size *= 2)
    {
        fill(buffer, much);
        CHECK(buffer.capacity() == size - receive_buffer::padding);
        buffer.consume(buffer.data().size());
    }
    for (int i = 0; i < 10; ++i)
    {
        fill(buffer, much);
        buffer.consume(buffer.data().size());
    }
    CHECK(buffer.capacity() + receive_buffer::padding == receive_buffer::largest_size);
}

TEST_CASE("a text whose length is unknown makes the buffer grow beyond its largest size")
{
    receive_buffer buffer;
    std::mt19937 random{1};
    auto const text = random_text(random, 1u << 20);
    for (std::size_t done = 0; done < text.size();)
        done += fill(buffer, std::string_view{text}.substr(done));
    CHECK((buffer.data() == text));
    read_padding(buffer.data());
}

TEST_CASE("a buffer shrinks to its first size when little arrives for long")
{
    receive_buffer buffer;
    std::string const much(1u << 20, 'x');
    for (int i = 0; i < 12; ++i)
    {
        fill(buffer, much);
        buffer.consume(buffer.data().size());
    }
    REQUIRE(buffer.capacity() + receive_buffer::padding == receive_buffer::largest_size);

    int reads = 0;
    for (; buffer.capacity() > initial_capacity && reads < 1000; ++reads)
    {
        fill(buffer, "little");
        CHECK(buffer.data() == "little");
        buffer.consume(6);
    }
    CHECK(buffer.capacity() == initial_capacity);
    CHECK(reads > 100); // and not at once
    for (int i = 0; i < 100; ++i)
    {
        fill(buffer, "little");
        buffer.consume(6);
    }
    CHECK(buffer.capacity() == initial_capacity);
}

TEST_CASE("a frame that is announced gets room at once")
{
    receive_buffer buffer;
    fill(buffer, "1234");
    buffer.expect(20000, true, 4);
    CHECK(!buffer.receives_large());
    CHECK(buffer.data() == "1234");
    CHECK(buffer.prepare().size() >= 20000 - 4);
}

TEST_CASE("a guess of the size makes no room")
{
    receive_buffer buffer;
    fill(buffer, "1234");
    buffer.expect(1u << 24, false, 0);
    buffer.prepare();
    CHECK(buffer.capacity() == initial_capacity);
}

TEST_CASE("a large payload is received into its own storage and given away without a copy")
{
    std::mt19937 random{2};
    auto const payload = random_text(random, 700000);
    auto const wire = frame(payload);

    receive_buffer buffer;
    std::size_t done = fill(buffer, std::string_view{wire}.substr(0, 104));
    buffer.expect(wire.size(), true, 4);
    REQUIRE(buffer.receives_large());
    CHECK(buffer.data().empty());

    char const* end = nullptr;
    while (!buffer.large_complete())
    {
        auto const room = buffer.prepare();
        REQUIRE(!room.empty());
        CHECK(room.size() <= receive_buffer::read_step);
        REQUIRE(done + room.size() <= wire.size());
        auto const n = std::min<std::size_t>(room.size(), 100000);
        std::copy_n(wire.begin() + static_cast<std::ptrdiff_t>(done), n, room.begin());
        buffer.commit(n);
        done += n;
        end = room.data() + n;
    }
    auto const taken = buffer.take_large();
    CHECK((taken == payload));
    CHECK((taken.data() + taken.size() == end));
    read_padding(taken);
    CHECK(!buffer.receives_large());

    fill(buffer, "next");
    CHECK(buffer.data() == "next");
}

TEST_CASE("what is announced and never comes makes no more ready than a step")
{
    receive_buffer buffer;
    fill(buffer, "1234");
    buffer.expect(16777219, true, 4);
    CHECK(buffer.prepare().size() == receive_buffer::read_step);
    CHECK(buffer.prepare().size() == receive_buffer::read_step);
}

TEST_CASE("random streams of frames come out as they went in")
{
    auto const kind = GENERATE(framing::header24, framing::content_length, framing::message);
    std::mt19937 random{3};
    for (int round = 0; round < 60; ++round)
    {
        std::vector<std::string> sent;
        std::string wire;
        for (auto n = 1 + random() % 60; n-- > 0;)
        {
            constexpr std::size_t largest[] = {10, 500, 3000, 70000, 200000};
            sent.push_back(random_text(random, 1 + random() % largest[random() % (round % 2 == 0 ? 3 : 5)]));
            wire += frame(sent.back(), kind);
        }

        receive_buffer buffer;
        oizys::wire::framer framer{kind, 16777215};
        std::vector<std::string> received;
        std::size_t done = 0;
        auto const largest_read = 1 + random() % (round % 3 == 0 ? 100000 : 700);
        while (received.size() < sent.size())
        {
            REQUIRE(done < wire.size());
            done += fill(buffer, std::string_view{wire}.substr(done, 1 + random() % largest_read));
            for (bool more = true; more;)
            {
                if (buffer.receives_large())
                {
                    more = buffer.large_complete();
                    if (more)
                        received.push_back(buffer.take_large());
                    continue;
                }
                auto const step = framer.next(buffer.data());
                more = step.what == frame_step::status::frame;
                if (!more)
                {
                    REQUIRE(step.what == frame_step::status::need_more);
                    buffer.expect(step.size, step.exact, step.payload_offset);
                    continue;
                }
                read_padding(step.payload);
                received.emplace_back(step.payload);
                buffer.consume(step.size);
            }
            read_padding(buffer.data());
        }
        CHECK((received == sent));
        CHECK(buffer.data().empty());
        CHECK(buffer.capacity() <= 4 * receive_buffer::largest_size);
    }
}

TEST_CASE("a buffer that was made for one long message is small again when that is consumed")
{
    receive_buffer buffer;
    std::size_t const size = 3 * receive_buffer::largest_size;
    for (std::size_t received = 0; received < size;)
    {
        auto const room = buffer.prepare();
        std::ranges::fill(room, 'x');
        buffer.commit(room.size());
        received += room.size();
    }
    CHECK(buffer.capacity() >= size);
    buffer.consume(buffer.data().size());
    buffer.prepare();
    CHECK(buffer.capacity() < receive_buffer::initial_size);
}
