// SPDX-License-Identifier: BSL-1.0
//
// Proves that the first byte of a stream tells its framing, that every other byte is an error, and that
// what follows is delimited as if the framing had been known.
#include "feed.hpp"

#include <oizys/error.hpp>

#include <map>

namespace
{

using oizys::errc;
using oizys::framing;
using oizys::test::bytes;
using oizys::test::feed;
using oizys::test::feed_all_ways;
using oizys::test::feeder;

} // namespace

TEST_CASE("each first byte belongs to one framing or to none")
{
    std::map<int, framing> const known{
        {0x00, framing::header24},       {'{', framing::json_text},       {'[', framing::json_text},
        {' ', framing::json_text},       {'\t', framing::json_text},      {'\r', framing::json_text},
        {'\n', framing::json_text},      {0x93, framing::msgpack_object}, {0x94, framing::msgpack_object},
        {0x95, framing::msgpack_object}, {'C', framing::content_length},  {0xdc, framing::msgpack_object},
        {0xdd, framing::msgpack_object}};
    for (int first = 0; first < 256; ++first)
    {
        INFO("first byte " << first);
        auto const found = oizys::wire::detect_framing(static_cast<char>(first));
        auto const expected = known.find(first);
        CHECK(found.has_value() == (expected != known.end()));
        if (found && expected != known.end())
            CHECK(*found == expected->second);
        if (!found)
            CHECK(feed_all_ways(framing::detect, std::string(1, static_cast<char>(first)) + "more").error ==
                  errc::unknown_protocol);
    }
}

TEST_CASE("a detected framing delimits as if it had been known")
{
    struct example
    {
        framing kind;
        std::string wire;
    };
    for (auto const& [kind, wire] :
         {example{framing::header24, bytes("\0\0\0\2Hi\0\0\0\1!\0\0")},
          example{framing::header24, bytes("\0\0\0\2Hi\1\0\0\1!")},
          example{framing::json_text, " [1] {\"a\":2}\n[}\n[3]["},
          example{framing::msgpack_object, bytes("\x94\0\x01\xa3"
                                                 "add\x92\x02\x03\x93\x02\xa1n\x90\xc0\x93")},
          example{framing::msgpack_object, bytes("\xdc\0\1\xc1")},
          example{framing::content_length, "Content-Length: 2\r\n\r\n{}content-length: 1\r\n\r\n[Con"},
          example{framing::content_length, "Content-Type: x\r\n\r\n{}"}})
        CHECK(feed_all_ways(framing::detect, wire) == feed(kind, 16777215, {wire}));
}

TEST_CASE("the framing is unknown until a byte is there, then it stays")
{
    feeder f{oizys::wire::framer{framing::detect, 100}};
    f.add("");
    CHECK(f.kind() == framing::detect);
    f.add(bytes("\0"));
    CHECK(f.kind() == framing::header24);
    f.add(bytes("\0\0\1["));
    f.add("{}");
    CHECK(f.kind() == framing::header24);
    CHECK(f.result().messages == std::vector<std::string>{"["});
    CHECK(f.result().error == errc::bad_frame);
}
