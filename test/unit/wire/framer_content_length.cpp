// SPDX-License-Identifier: BSL-1.0
//
// Proves that the headers of LSP's base protocol delimit messages however their bytes arrive, that anything
// that is not such a header is an error, and that lengths are checked before the payload is there.
#include "feed.hpp"

#include <oizys/error.hpp>

#include <limits>

namespace
{

using oizys::errc;
using oizys::framing;
using oizys::test::bytes;
using oizys::test::feed;
using oizys::test::feed_all_ways;
using oizys::wire::frame_step;
using oizys::wire::framer;
using oizys::wire::max_content_length_headers;

using texts = std::vector<std::string>;

constexpr auto no_limit = std::numeric_limits<std::size_t>::max();

// A block of headers of exactly `size` bytes in front of a message of two.
std::string headers_of(std::size_t size)
{
    std::string const length = "Content-Length: 2\r\n";
    std::string const other = "X: ";
    return length + other + std::string(size - length.size() - other.size() - 4, 'x') + "\r\n\r\n";
}

} // namespace

TEST_CASE("messages are found behind their headers at every split")
{
    auto const result = feed_all_ways(
        framing::content_length, "Content-Length: 2\r\n\r\n{}Content-Length: 11\r\n\r\n[\"\r\n\r\n\", 1]");
    CHECK(result.messages == texts{"{}", "[\"\r\n\r\n\", 1]"});
    CHECK(!result.error);
    CHECK(result.rest.empty());
}

TEST_CASE("other headers are passed over, in front and behind")
{
    std::string const type = "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n";
    std::string const length = "Content-Length: 2\r\n";
    auto const result =
        feed_all_ways(framing::content_length, length + type + "\r\n{}" + type + length + "\r\n[]" +
                                                   "X-Empty:\r\nContent-Length-2: 7\r\n" + length + "\r\n12");
    CHECK(result.messages == texts{"{}", "[]", "12"});
}

TEST_CASE("the name of a header is known in any case, and blanks around its value mean nothing")
{
    for (std::string const header :
         {"content-length:2", "CONTENT-LENGTH: 2", "Content-length: \t 2 \t ", "cOnTeNt-LeNgTh:  0002"})
        CHECK(feed_all_ways(framing::content_length, header + "\r\n\r\n{}").messages == texts{"{}"});
}

TEST_CASE("a line of a header may end without a carriage return")
{
    auto const result =
        feed_all_ways(framing::content_length, "Content-Length: 2\n\n{}X: y\nContent-Length: 1\r\n\nz");
    CHECK(result.messages == texts{"{}", "z"});
}

TEST_CASE("what is no header, or no length, is malformed")
{
    std::string const good = "Content-Length: 1\r\n";
    for (std::string const bad : {
             "\r\n",                                             // no headers
             "\n",                                               //
             "Content-Type: text\r\n\r\n",                       // no length
             "Content-Length\r\n\r\n",                           // no colon
             "Content-Length:\r\n\r\n",                          // no digits
             "Content-Length:  \r\n\r\n",                        //
             "Content-Length: x\r\n\r\n",                        //
             "Content-Length: 1x\r\n\r\n",                       //
             "Content-Length: +1\r\n\r\n",                       //
             "Content-Length: -1\r\n\r\n",                       //
             "Content-Length: 0x1\r\n\r\n",                      //
             "Content-Length: 1.0\r\n\r\n",                      //
             "Content-Length: 1 1\r\n\r\n",                      //
             "Content-Length: 1, 1\r\n\r\n",                     //
             "Content-Length: 1\r\r\n\r\n",                      //
             "Content-Length: 0\r\n\r\n",                        // an empty message
             "Content-Length: 1\r\nContent-Length: 1\r\n\r\n1",  // twice
             "Content-Length: 1\r\ncontent-LENGTH: 2\r\n\r\n12", //
             "Content-Length : 1\r\n\r\n1",                      // a blank in a name
             " Content-Length: 1\r\n\r\n1",                      //
             "X: y\r\n z\r\nContent-Length: 1\r\n\r\n1",         // a header of two lines
             ": 1\r\n\r\n1",                                     // no name
             "Content-Length\xc3\xbc: 1\r\n\r\n1",               // not ASCII
             "GET / HTTP/1.1\r\n\r\n",                           //
             "{\"jsonrpc\":\"2.0\"}\n",                          //
         })
    {
        INFO(bad);
        auto const result = feed_all_ways(framing::content_length, good + "\r\n1" + bad + "more");
        CHECK(result.messages == texts{"1"});
        CHECK(result.error == errc::malformed_message);
    }
    CHECK(feed_all_ways(framing::content_length, bytes("Content\0Length: 1\r\n\r\n1")).error ==
          errc::malformed_message);
}

TEST_CASE("a length beyond the limit is refused with its line, before the headers end")
{
    CHECK(feed_all_ways(framing::content_length, "Content-Length: 5\r\n\r\n12345", 5).messages ==
          texts{"12345"});
    CHECK(feed_all_ways(framing::content_length, "Content-Length: 6\r\n", 5).error ==
          errc::message_too_large);
    for (std::string const digits :
         {"18446744073709551615", "18446744073709551616", "99999999999999999999999999999999999999"})
    {
        auto const headers = "Content-Length: " + digits + "\r\n";
        CHECK(feed_all_ways(framing::content_length, headers, 5).error == errc::message_too_large);
        CHECK(feed_all_ways(framing::content_length, headers, no_limit).error == errc::message_too_large);
        CHECK(feed_all_ways(framing::content_length, "Content-Length: " + digits + "x\r\n").error ==
              errc::malformed_message);
    }
}

TEST_CASE("headers may take 4096 bytes and no more")
{
    auto const longest = headers_of(max_content_length_headers);
    REQUIRE(longest.size() == 4096);
    CHECK(feed(framing::content_length, 100, {longest + "{}"}).messages == texts{"{}"});
    CHECK(
        feed(framing::content_length, 100, {longest.substr(0, 4095), longest.substr(4095), "{}"}).messages ==
        texts{"{}"});

    auto const longer = headers_of(max_content_length_headers + 1);
    CHECK(feed(framing::content_length, 100, {longer + "{}"}).error == errc::malformed_message);
    CHECK(!feed(framing::content_length, 100, {longer.substr(0, 4095)}).error);
    CHECK(feed(framing::content_length, 100, {longer.substr(0, 4096)}).error == errc::malformed_message);
    // However the bytes are used: one name without an end, or many lines.
    CHECK(feed(framing::content_length, 100, {std::string(4096, 'C')}).error == errc::malformed_message);
    std::string lines;
    while (lines.size() < 4096)
        lines += "a:\n";
    CHECK(feed(framing::content_length, 100, {lines}).error == errc::malformed_message);
}

TEST_CASE("the whole size of a message is known from its headers")
{
    framer f{framing::content_length, 16777215};
    auto const part = f.next("Content-Length: 16777215\r\n\r");
    CHECK(part.what == frame_step::status::need_more);
    CHECK(!part.exact);

    std::string const headers = "Content-Length: 16777215\r\n\r\n";
    auto const step = f.next(headers);
    CHECK(step.what == frame_step::status::need_more);
    CHECK(step.exact);
    CHECK(step.size == headers.size() + 16777215);
    CHECK(step.payload_offset == headers.size());

    // The rest was received elsewhere, as a long one is.
    CHECK(f.next("Content-Length: 1\r\n\r\n1").payload == "1");
}
