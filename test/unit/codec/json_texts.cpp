// SPDX-License-Identifier: BSL-1.0
//
// Which texts are JSON: a table of what is accepted and of what is not, and why.
#include "codec/json_reader.hpp"
#include "unit/codec/codec_test.hpp"

#include <oizys/rpc/codec/value.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace oizys;
using rpc::codec_errc;

namespace
{

boost::system::error_code check(std::string_view text)
{
    rpc::json_reader in;
    in.start(text);
    return in.error();
}

} // namespace

TEST_CASE("well-formed JSON is accepted", "[json]")
{
    for (std::string_view const text : {
             "null",
             "true",
             "false",
             "0",
             "-0",
             "-1",
             "10",
             "1.5",
             "0.0",
             "1e5",
             "1E+5",
             "1e-5",
             "-0.0e-0",
             "\"\"",
             "\"x\"",
             "[]",
             "{}",
             "[[]]",
             "[{}]",
             "{\"\":{}}",
             "[1,2]",
             "{\"a\":1,\"b\":[null]}",
             " 1 ",
             "\t[\n1\r, 2 ]\n",
             " { \"a\" : 1 , \"b\" : 2 } ",
             "1e400",
             "-1e400",
             "123456789012345678901234567890",
             "1e-400",
             "1e99999999999999999999",
             "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
             "\"\\u0000\\u00e9\\u20AC\\ud83d\\ude00\"",
             "\"\x7f\xc3\xa9\xf4\x8f\xbf\xbf\"",
             "{\"a\":1,\"a\":2}",
             "\"]\"",
             "[\"{\",\"}\"]",
             "\"\\\\\"",
             "[\"\\\\\",\"\\\"\"]",
         })
    {
        CAPTURE(text);
        CHECK(!check(text));
    }
}

TEST_CASE("what is not JSON is rejected, and the error tells incomplete from wrong", "[json]")
{
    struct row
    {
        std::string_view text;
        codec_errc why;
    };
    using enum codec_errc;
    for (auto const& [text, why] : std::initializer_list<row>{
             {"", truncated},
             {" ", truncated},
             {"[", truncated},
             {"{", truncated},
             {"[1", truncated},
             {"[1,", truncated},
             {"{\"a\"", truncated},
             {"{\"a\":", truncated},
             {"{\"a\":1", truncated},
             {"{\"a\":1,", truncated},
             {"\"", truncated},
             {"\"abc", truncated},
             {"\"\\", truncated},
             {"\"\\\"", truncated},
             {"t", truncated},
             {"tru", truncated},
             {"nul", truncated},
             {"fals", truncated},
             {"-", truncated},
             {"1.", truncated},
             {"1e", truncated},
             {"1e+", truncated},
             {"[[],", truncated},
             {"]", malformed},
             {"}", malformed},
             {",", malformed},
             {":", malformed},
             {"[,]", malformed},
             {"[1,]", malformed},
             {"[,1]", malformed},
             {"[1 2]", malformed},
             {"[1}", malformed},
             {"{1:2}", malformed},
             {"{\"a\"}", malformed},
             {"{\"a\" 1}", malformed},
             {"{\"a\":}", malformed},
             {"{\"a\":1,}", malformed},
             {"{,}", malformed},
             {"{\"a\":1]", malformed},
             {"{\"a\":1:2}", malformed},
             {"[:]", malformed},
             {"trux", malformed},
             {"truex", malformed},
             {"TRUE", malformed},
             {"nulll", malformed},
             {"NaN", malformed},
             {"Infinity", malformed},
             {"-Infinity", malformed},
             {"+1", malformed},
             {".5", malformed},
             {"01", malformed},
             {"-01", malformed},
             {"1.e5", malformed},
             {"1.5.5", malformed},
             {"1e5e5", malformed},
             {"0x1", malformed},
             {"1a", malformed},
             {"--1", malformed},
             {"1-", malformed},
             {"'a'", malformed},
             {"[1]/**/", trailing_bytes},
             {"//", malformed},
             {"true\"x\"", malformed},
             {"1\"x\"", malformed},
             {"[\"a\"b]", malformed},
             {"[\"a\"\"b\"]", malformed},
             {"\"\\x\"", malformed},
             {"\"\\u12\"", malformed},
             {"\"\\u12g4\"", malformed},
             {"\"\\U0041\"", malformed},
             {"\"\n\"", malformed},
             {"\"\x01\"", malformed},
             {"[\\]", malformed},
             {"[1\f]", malformed},
             {"[\x1a]", malformed},
             {"\xef\xbb\xbf[]", malformed},
             {"\xc2\xa0[]", malformed},
             {"1 2", trailing_bytes},
             {"{}{}", trailing_bytes},
             {"[]]", trailing_bytes},
             {"\"a\" \"b\"", trailing_bytes},
             {"\"a\"x", trailing_bytes},
             {"null,", trailing_bytes},
             {"\"\xff\"", invalid_utf8},
             {"\"\xc0\x80\"", invalid_utf8},
             {"\"\xed\xa0\x80\"", invalid_utf8},
             {"\"\xf4\x90\x80\x80\"", invalid_utf8},
             {"\"\xe2\x82\"", invalid_utf8},
             {"\"\\ud800\"", invalid_utf8},
             {"\"\\udc00\"", invalid_utf8},
             {"\"\\ud800\\ud800\"", invalid_utf8},
             {"\"\\ud800x\"", invalid_utf8},
             {"\"\\ud800\\n\"", invalid_utf8},
             {"\"\\ud800\\u\"", invalid_utf8},
         })
    {
        CAPTURE(text);
        CHECK(check(text) == why);
    }
}

TEST_CASE("a string that does not end is found before what stands around it", "[json]")
{
    CHECK(check("x\"") == codec_errc::truncated);
    CHECK(check("\\\"a\"") == codec_errc::truncated); // the backslash hides the first quote
}

TEST_CASE("a NUL byte is no white space and no end of text", "[json]")
{
    using namespace std::string_view_literals;
    CHECK(check("5\0"sv) == codec_errc::malformed);
    CHECK(check("[]\0"sv) == codec_errc::trailing_bytes);
    CHECK(check("\"\0\""sv) == codec_errc::malformed);
}

TEST_CASE("the depth limit counts levels of arrays and objects", "[json]")
{
    rpc::json_reader in{{.max_depth = 2}};
    CHECK(in.start("[[1],{\"a\":1}]"));
    CHECK(!in.start("[[[]]]"));
    CHECK(in.error() == codec_errc::too_deep);
    CHECK(!in.start("{\"a\":{\"b\":{}}}"));
    in.set_limits({.max_depth = 0});
    CHECK(in.start("1"));
    CHECK(!in.start("[]"));
    CHECK(in.error() == codec_errc::too_deep);
}

TEST_CASE("mistakes are found at every depth across words of nesting", "[json]")
{
    for (std::size_t depth : {1u, 63u, 64u, 65u, 127u, 128u, 129u, 200u})
    {
        CAPTURE(depth);
        std::string open, close;
        for (std::size_t i = 0; i < depth; ++i)
        {
            open += i % 3 == 0 ? "{\"a\":" : "[";
            close.push_back(i % 3 == 0 ? '}' : ']');
        }
        std::reverse(close.begin(), close.end());
        rpc::json_reader in{{.max_depth = 200}};
        CHECK(in.start(open + "1" + close));
        for (std::size_t i = 0; i < depth; ++i)
        {
            std::string wrong = close;
            wrong[i] = wrong[i] == ']' ? '}' : ']';
            if (in.start(open + "1" + wrong))
                FAIL("bracket " << i << " of " << depth);
        }
    }
}
