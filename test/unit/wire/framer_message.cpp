// SPDX-License-Identifier: BSL-1.0
//
// Proves the framing between a session and a stream that keeps messages apart itself: eight bytes of length,
// empty messages passed over, lengths checked before the payload is there.
#include "feed.hpp"

#include "wire/message_header.hpp"

#include <oizys/error.hpp>

#include <limits>

namespace
{

using oizys::errc;
using oizys::framing;
using oizys::test::bytes;
using oizys::test::feed;
using oizys::test::feed_all_ways;
using oizys::wire::decode_message_header;
using oizys::wire::encode_message_header;
using oizys::wire::frame_step;
using oizys::wire::framer;

using texts = std::vector<std::string>;

std::string header(std::uint64_t size)
{
    auto const encoded = encode_message_header(size);
    return {encoded.begin(), encoded.end()};
}

} // namespace

TEST_CASE("the header of a message is its length, big endian")
{
    CHECK(header(2) == bytes("\0\0\0\0\0\0\0\2"));
    CHECK(header(0x0102030405060708) == "\1\2\3\4\5\6\7\10");
    for (std::uint64_t const size : {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256},
                                     std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()})
        CHECK(decode_message_header(encode_message_header(size)) == size);
}

TEST_CASE("messages are found behind their lengths at every split")
{
    auto const result =
        feed_all_ways(framing::message, header(2) + "Hi" + header(1) + "!" + header(8) + header(1));
    CHECK(result.messages == texts{"Hi", "!", header(1)});
    CHECK(!result.error);
    CHECK(result.rest.empty());
}

TEST_CASE("empty messages are passed over")
{
    auto const result =
        feed_all_ways(framing::message, header(0) + header(0) + header(2) + "Hi" + header(0) + header(1));
    CHECK(result.messages == texts{"Hi"});
    CHECK(!result.error);
    CHECK(result.rest == header(1));
}

TEST_CASE("a length beyond the limit is refused with its last byte")
{
    CHECK(feed_all_ways(framing::message, header(5) + "12345", 5).messages == texts{"12345"});
    CHECK(!feed_all_ways(framing::message, header(6).substr(0, 7), 5).error);
    CHECK(feed_all_ways(framing::message, header(6), 5).error == errc::message_too_large);
    auto const longest = std::numeric_limits<std::uint64_t>::max();
    CHECK(feed_all_ways(framing::message, header(longest), 5).error == errc::message_too_large);
    CHECK(feed_all_ways(framing::message, header(longest), std::numeric_limits<std::size_t>::max()).error ==
          errc::message_too_large);
}

TEST_CASE("the whole size of a message is known from its header")
{
    framer f{framing::message, std::size_t{1} << 40};
    auto const none = f.next(header(1).substr(0, 7));
    CHECK(none.what == frame_step::status::need_more);
    CHECK(!none.exact);
    CHECK(none.size == 8);

    auto const step = f.next(header(std::uint64_t{1} << 33));
    CHECK(step.what == frame_step::status::need_more);
    CHECK(step.exact);
    CHECK(step.size == (std::uint64_t{1} << 33) + 8);
    CHECK(step.payload_offset == 8);

    // The rest was received elsewhere, as a long one is.
    CHECK(f.next(header(1) + "1").payload == "1");
}
