// SPDX-License-Identifier: BSL-1.0
//
// The JSON writer: punctuation, escapes, and what JSON cannot say.
#include <oizys/rpc/codec/json_writer.hpp>

#include <catch2/catch.hpp>

#include <limits>

using namespace oizys;
using rpc::codec_errc;

namespace
{

template <class Write>
std::string written(Write write)
{
    std::string out;
    rpc::json_writer to{out};
    write(to);
    REQUIRE(!to.error());
    return out;
}

template <class Write>
boost::system::error_code refused(Write write)
{
    std::string out;
    rpc::json_writer to{out};
    write(to);
    return to.error();
}

std::string quoted(std::string_view text)
{
    return written([&](rpc::json_writer& out) { out.write_string(text); });
}

} // namespace

TEST_CASE("commas and colons are the writer's business", "[json]")
{
    CHECK(written([](rpc::json_writer& out) {
              out.begin_object(4);
              out.write_key("a");
              out.begin_array(3);
              out.write_null();
              out.write_bool(true);
              out.begin_array(0);
              out.end_array();
              out.end_array();
              out.write_key("b");
              out.begin_object(0);
              out.end_object();
              out.write_key("c");
              out.write_raw("[1, 2]");
              out.write_key("d");
              out.write_bool(false);
              out.end_object();
          }) == R"({"a":[null,true,[]],"b":{},"c":[1, 2],"d":false})");
}

TEST_CASE("an integer in place of a name is written as text", "[json]")
{
    CHECK(written([](rpc::json_writer& out) {
              out.begin_object(2);
              out.write_int64(-1);
              out.begin_array(1);
              out.write_int64(-1);
              out.end_array();
              out.write_uint64(2);
              out.write_uint64(3);
              out.end_object();
          }) == R"({"-1":[-1],"2":3})");
}

TEST_CASE("text around the value belongs to the caller", "[json]")
{
    std::string out = R"({"result":)";
    rpc::json_writer to{out};
    to.begin_array(1);
    to.write_int64(5);
    to.end_array();
    to.out() += R"(,"id":1})";
    CHECK(out == R"({"result":[5],"id":1})");
}

TEST_CASE("what must be escaped is escaped, and nothing else", "[json]")
{
    CHECK(quoted("") == R"("")");
    CHECK(quoted("plain / text") == R"("plain / text")");
    CHECK(quoted("\"\\\b\f\n\r\t") == R"("\"\\\b\f\n\r\t")");
    CHECK(quoted(std::string_view{"\0\x01\x1f\x7f", 4}) == "\"\\u0000\\u0001\\u001f\x7f\"");
    CHECK(quoted("\xc3\xa9\xf0\x9f\x98\x80") == "\"\xc3\xa9\xf0\x9f\x98\x80\"");
}

TEST_CASE("an escape is found at every place among plain characters", "[json]")
{
    for (std::size_t size = 1; size < 40; ++size)
        for (std::size_t at = 0; at < size; ++at)
        {
            std::string text(size, 'x');
            text[at] = '"';
            std::string expected = std::string(size, 'x');
            expected.replace(at, 1, "\\\"");
            if (quoted(text) != "\"" + expected + "\"")
                FAIL(text);
            text.replace(at, 1, "\n\xc3\xa9");
            expected.replace(at, 2, "\\n\xc3\xa9");
            if (quoted(text) != "\"" + expected + "\"")
                FAIL(text);
        }
}

TEST_CASE("strings and names that are not UTF-8 are refused, wherever the bad byte is", "[json]")
{
    for (std::size_t at = 0; at < 20; ++at)
    {
        std::string text(20, 'x');
        text[at] = '\xff';
        CHECK(refused([&](rpc::json_writer& out) { out.write_string(text); }) == codec_errc::invalid_utf8);
        CHECK(refused([&](rpc::json_writer& out) { out.begin_object(1), out.write_key(text); }) ==
              codec_errc::invalid_utf8);
    }
}

TEST_CASE("NaN, infinities and extensions have no JSON", "[json]")
{
    using limits = std::numeric_limits<double>;
    CHECK(refused([](auto& out) { out.write_double(limits::quiet_NaN()); }) == codec_errc::not_representable);
    CHECK(refused([](auto& out) { out.write_double(limits::infinity()); }) == codec_errc::not_representable);
    CHECK(refused([](auto& out) { out.write_float(-std::numeric_limits<float>::infinity()); }) ==
          codec_errc::not_representable);
    CHECK(refused([](auto& out) { out.write_extension(1, "x"); }) == codec_errc::not_representable);
}

TEST_CASE("the writer keeps the first failure, and is bounded in depth like the reader", "[json]")
{
    std::string out;
    rpc::json_writer to{out, {.max_depth = 2}};
    to.begin_array(1);
    to.begin_object(1);
    CHECK(!to.error());
    to.write_key("a");
    to.begin_array(0);
    CHECK(to.error() == codec_errc::too_deep);
    to.fail(codec_errc::wrong_type);
    CHECK(to.error() == codec_errc::too_deep);
}
