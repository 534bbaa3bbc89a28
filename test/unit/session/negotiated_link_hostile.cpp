// SPDX-License-Identifier: BSL-1.0
//
// One link that is fed by hand with what no honest end sends.
#include "link_frames.hpp"

#include "wire/frame_type.hpp"

#include <oizys/error.hpp>

#include <sys/stat.h>
#include <unistd.h>

using namespace oizys;
using namespace oizys::test;
using namespace std::string_literals;
using wire::frame_type;

TEST_CASE("types and flags that nobody sends end the session")
{
    auto const bad = GENERATE(as<unsigned>{}, 3, 6, 7, 15, 0x80, 0x11, 0x14, 0x24, 0x44, 0x30, 0x70, 0xff);
    CHECK(error_of({static_cast<std::uint8_t>(bad), "x"}) == errc::bad_frame);
}

TEST_CASE("parts must have content, a beginning, and an end within the limit")
{
    auto const type = [](frame_type t) { return static_cast<std::uint8_t>(t); };
    CHECK(error_of({type(frame_type::part), ""}) == errc::bad_frame);
    CHECK(error_of({type(frame_type::last_part), "x"}) == errc::bad_frame);

    negotiated_link l{everything(), {}, 10, true};
    descriptor_queue none;
    received_message message;
    boost::system::error_code ec;
    CHECK(l.on_frame(type(frame_type::part), "12345", none, message, ec) ==
          negotiated_link::arrival::nothing);
    CHECK(l.on_frame(type(frame_type::part), "67890", none, message, ec) ==
          negotiated_link::arrival::nothing);
    CHECK(!ec);
    CHECK(l.on_frame(type(frame_type::last_part), "1", none, message, ec) ==
          negotiated_link::arrival::nothing);
    CHECK(ec == errc::message_too_large);
}

TEST_CASE("what does not decompress to a message within the limit ends the session")
{
    CHECK(error_of({wire::flag_compressed, "no zstd frame"}) == errc::bad_payload);
    CHECK(error_of({wire::flag_compressed, ""}) == errc::bad_payload);

    // A bomb: few bytes that tell of many.
    auto options = without_shared_memory();
    negotiated_link sender{everything(), options, max_message, true};
    wire::send_queue queue{framing::negotiated};
    sender.send(std::string(max_message, 'a'), {}, queue);
    descriptor_queue none;
    auto const bomb = frames_of(queue, none).at(0);
    REQUIRE(bomb.payload.size() < 1000);
    negotiated_link small{everything(), {}, max_message - 1, true};
    received_message message;
    boost::system::error_code ec;
    small.on_frame(bomb.type, bomb.payload, none, message, ec);
    CHECK(ec == errc::message_too_large);
    CHECK(message.own.capacity() < 1000);

    for (std::size_t cut = 0; cut < bomb.payload.size(); ++cut)
        CHECK(error_of({bomb.type, bomb.payload.substr(0, cut)}) == errc::bad_payload);
    CHECK(error_of({bomb.type, bomb.payload + bomb.payload}) == errc::bad_payload);
}

TEST_CASE("descriptors that were announced must be there, and no more than allowed")
{
    CHECK(error_of({wire::flag_descriptors, ""}) == errc::bad_descriptors);
    CHECK(error_of({wire::flag_descriptors, "\0x"s}) == errc::bad_descriptors);
    CHECK(error_of({wire::flag_descriptors, "\x01x"}) == errc::bad_descriptors);
    descriptor_queue many;
    for (int i = 0; i < 17; ++i)
        many.add(some_file());
    CHECK(error_of({wire::flag_descriptors, "\x11x"}, many, everything()) == errc::bad_descriptors);
    CHECK(many.size() == 17);
    CHECK(!error_of({wire::flag_descriptors, "\x10x"}, many, everything()));
    CHECK(many.size() == 1);
    CHECK(error_of({wire::flag_descriptors, "\x01"}, many, everything()) ==
          errc::bad_frame); // an empty message
}

TEST_CASE("shared memory is read only if it is sealed and as long as was said")
{
    constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    auto const memory = [](off_t size, int with) {
        auto fd = some_file();
        REQUIRE(::ftruncate(fd.get(), size) == 0);
        REQUIRE(::fcntl(fd.get(), F_ADD_SEALS, with) == 0);
        return fd;
    };
    auto const error_with = [&](unique_fd fd, std::string const& length) {
        descriptor_queue descriptors;
        descriptors.add(std::move(fd));
        return error_of({wire::flag_shared | wire::flag_descriptors, "\x01" + length}, descriptors,
                        everything());
    };
    auto const thousand = "\0\0\0\0\0\0\x03\xe8"s;
    CHECK(!error_with(memory(1064, seals), thousand));
    CHECK(error_with(memory(1063, seals), thousand) == errc::bad_payload);
    CHECK(error_with(memory(0, seals), thousand) == errc::bad_payload);
    for (int const missing : {F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE})
        CHECK(error_with(memory(1064, seals & ~missing), thousand) == errc::bad_payload);
    CHECK(error_with(memory(1064, seals), "\0\0\0\0\0\0\0\0"s) == errc::bad_frame);
    CHECK(error_with(memory(1064, seals), "\xff\xff\xff\xff\xff\xff\xff\xff"s) == errc::message_too_large);
    CHECK(error_with(memory(1064, seals), thousand.substr(1)) == errc::bad_payload);
    CHECK(error_with(unique_fd{::open("/dev/zero", O_RDONLY | O_CLOEXEC)}, thousand) == errc::bad_payload);
    CHECK(error_of({wire::flag_shared, thousand}) == errc::bad_payload); // and nothing to map
}
