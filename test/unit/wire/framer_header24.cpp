// SPDX-License-Identifier: BSL-1.0
//
// Proves that header24 is delimited the same however its bytes arrive, that a bad header is an error as
// soon as it can be known, and that the limit is checked on the header, before the payload.
#include "feed.hpp"

#include <oizys/error.hpp>

namespace
{

using oizys::errc;
using oizys::framing;
using oizys::test::bytes;
using oizys::test::feed;
using oizys::test::feed_all_ways;
using oizys::wire::frame_step;
using oizys::wire::framer;

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("frames are found at every split of their bytes")
{
    auto const hi = feed_all_ways(framing::header24, bytes("\0\0\0\2Hi\0\0\0\1!\0\0\0\4\0\0\0\1"));
    CHECK(hi.messages == texts{"Hi", "!", bytes("\0\0\0\1")});
    CHECK(!hi.error);
    CHECK(hi.rest.empty());
}

TEST_CASE("an incomplete frame stays where it is")
{
    auto const half = feed_all_ways(framing::header24, bytes("\0\0\0\2Hi\0\0\0\3fo"));
    CHECK(half.messages == texts{"Hi"});
    CHECK(half.rest == bytes("\0\0\0\3fo"));
}

TEST_CASE("a frame of another type or of length 0 is refused behind those that are good")
{
    for (auto const& bad :
         {bytes("\0\0\0\0"), bytes("\1\0\0\1x"), bytes("\x80\0\0\1x"), bytes("\x7f"), bytes("{")})
    {
        auto const result = feed_all_ways(framing::header24, bytes("\0\0\0\2Hi") + bad + "more");
        CHECK(result.messages == texts{"Hi"});
        CHECK(result.error == errc::bad_frame);
    }
}

TEST_CASE("a wrong type is known from the first byte")
{
    CHECK(framer{framing::header24, 10}.next("\1").what == frame_step::status::failed);
}

TEST_CASE("the limit is checked on the header")
{
    auto const header = bytes("\0\0\0\6");
    framer f{framing::header24, 5};
    auto const step = f.next(header);
    CHECK(step.what == frame_step::status::failed);
    CHECK(step.error == errc::message_too_large);

    auto const fits = feed_all_ways(framing::header24,
                                    bytes("\0\0\0\5"
                                          "12345"),
                                    5);
    CHECK(fits.messages == texts{"12345"});
    CHECK(feed_all_ways(framing::header24,
                        bytes("\0\0\0\6"
                              "123456"),
                        5)
              .error == errc::message_too_large);
}

TEST_CASE("the whole size of a frame is known from its header")
{
    framer f{framing::header24, 16777215};
    CHECK(f.next("").what == frame_step::status::need_more);
    auto const none = f.next(bytes("\0\xff\xff"));
    CHECK(none.what == frame_step::status::need_more);
    CHECK(!none.exact);
    CHECK(none.size == 4);

    auto const step = f.next(bytes("\0\xff\xff\xff"));
    CHECK(step.what == frame_step::status::need_more);
    CHECK(step.exact);
    CHECK(step.size == 16777219);
    CHECK(step.payload_offset == 4);
}

TEST_CASE("the longest frame is delivered")
{
    std::string wire = bytes("\0\xff\xff\xff");
    wire.append(16777215, 'x');
    framer f{framing::header24, 16777215};
    auto const step = f.next(wire);
    REQUIRE(step.what == frame_step::status::frame);
    CHECK(step.payload.size() == 16777215);
    CHECK((step.payload.data() == wire.data() + 4));
}
