// SPDX-License-Identifier: BSL-1.0
//
// The msgpack writer chooses the smallest encoding of each value: all sides of every boundary.
#include "unit/codec/codec_test.hpp"

#include <oizys/rpc/codec/msgpack_reader.hpp>

#include <catch2/catch.hpp>

using namespace oizys;
using rpc::codec_errc;
using test::to_hex;

namespace
{

template <class Write>
std::string written(Write write)
{
    std::string out;
    rpc::msgpack_writer to{out};
    write(to);
    REQUIRE(!to.error());
    return out;
}

std::string signed_hex(std::int64_t v)
{
    return to_hex(written([&](auto& out) { out.write_int64(v); }));
}

std::string unsigned_hex(std::uint64_t v)
{
    return to_hex(written([&](auto& out) { out.write_uint64(v); }));
}

/// The bytes before the content.
template <class Write>
std::string head(std::size_t size, Write write)
{
    std::string const all = written(write);
    return to_hex(std::string_view{all}.substr(0, all.size() - size));
}

std::string string_head(std::size_t size)
{
    return head(size, [&](auto& out) { out.write_string(std::string(size, 'x')); });
}

std::string binary_head(std::size_t size)
{
    return head(size, [&](auto& out) { out.write_binary(std::string(size, 'x')); });
}

std::string extension_head(std::size_t size)
{
    return head(size, [&](auto& out) { out.write_extension(-2, std::string(size, 'x')); });
}

std::string array_head(std::size_t size)
{
    return to_hex(written([&](auto& out) { out.begin_array(size); }));
}

std::string object_head(std::size_t size)
{
    return to_hex(written([&](auto& out) { out.begin_object(size); }));
}

} // namespace

TEST_CASE("integers take as few bytes as they can", "[msgpack]")
{
    CHECK(signed_hex(0) == "00");
    CHECK(signed_hex(127) == "7f");
    CHECK(signed_hex(128) == "cc 80");
    CHECK(signed_hex(255) == "cc ff");
    CHECK(signed_hex(256) == "cd 01 00");
    CHECK(signed_hex(65535) == "cd ff ff");
    CHECK(signed_hex(65536) == "ce 00 01 00 00");
    CHECK(signed_hex(4294967295) == "ce ff ff ff ff");
    CHECK(signed_hex(4294967296) == "cf 00 00 00 01 00 00 00 00");
    CHECK(unsigned_hex(UINT64_MAX) == "cf ff ff ff ff ff ff ff ff");
    CHECK(signed_hex(-1) == "ff");
    CHECK(signed_hex(-32) == "e0");
    CHECK(signed_hex(-33) == "d0 df");
    CHECK(signed_hex(-128) == "d0 80");
    CHECK(signed_hex(-129) == "d1 ff 7f");
    CHECK(signed_hex(-32768) == "d1 80 00");
    CHECK(signed_hex(-32769) == "d2 ff ff 7f ff");
    CHECK(signed_hex(INT32_MIN) == "d2 80 00 00 00");
    CHECK(signed_hex(std::int64_t{INT32_MIN} - 1) == "d3 ff ff ff ff 7f ff ff ff");
    CHECK(signed_hex(INT64_MIN) == "d3 80 00 00 00 00 00 00 00");
}

TEST_CASE("null, booleans and floating-point numbers have one encoding each", "[msgpack]")
{
    CHECK(to_hex(written([](auto& out) { out.write_null(); })) == "c0");
    CHECK(to_hex(written([](auto& out) { out.write_bool(false); })) == "c2");
    CHECK(to_hex(written([](auto& out) { out.write_bool(true); })) == "c3");
    CHECK(to_hex(written([](auto& out) { out.write_float(1.5f); })) == "ca 3f c0 00 00");
    CHECK(to_hex(written([](auto& out) { out.write_double(1.5); })) == "cb 3f f8 00 00 00 00 00 00");
}

TEST_CASE("sizes take as few bytes as they can", "[msgpack]")
{
    CHECK(string_head(0) == "a0");
    CHECK(string_head(31) == "bf");
    CHECK(string_head(32) == "d9 20");
    CHECK(string_head(255) == "d9 ff");
    CHECK(string_head(256) == "da 01 00");
    CHECK(string_head(65535) == "da ff ff");
    CHECK(string_head(65536) == "db 00 01 00 00");
    CHECK(binary_head(0) == "c4 00");
    CHECK(binary_head(256) == "c5 01 00");
    CHECK(binary_head(65536) == "c6 00 01 00 00");
    CHECK(extension_head(0) == "c7 00 fe");
    CHECK(extension_head(1) == "d4 fe");
    CHECK(extension_head(2) == "d5 fe");
    CHECK(extension_head(3) == "c7 03 fe");
    CHECK(extension_head(4) == "d6 fe");
    CHECK(extension_head(8) == "d7 fe");
    CHECK(extension_head(16) == "d8 fe");
    CHECK(extension_head(32) == "c7 20 fe");
    CHECK(extension_head(256) == "c8 01 00 fe");
    CHECK(extension_head(65536) == "c9 00 01 00 00 fe");
    CHECK(array_head(15) == "9f");
    CHECK(array_head(16) == "dc 00 10");
    CHECK(array_head(65536) == "dd 00 01 00 00");
    CHECK(object_head(15) == "8f");
    CHECK(object_head(16) == "de 00 10");
    CHECK(object_head(65536) == "df 00 01 00 00");
}

TEST_CASE("a count or size of more than 32 bits is not representable", "[msgpack]")
{
    std::string out;
    rpc::msgpack_writer to{out};
    to.begin_array(std::size_t{1} << 32);
    CHECK(to.error() == codec_errc::not_representable);
    to.fail(codec_errc::wrong_type);
    CHECK(to.error() == codec_errc::not_representable);
}

TEST_CASE("names may be integers, and raw values are taken as they are", "[msgpack]")
{
    std::string const bytes = written([](rpc::msgpack_writer& out) {
        out.begin_object(2);
        out.write_int64(-1);
        out.write_raw("\x91\x05");
        out.write_key("a");
        out.write_null();
        out.end_object();
        out.out().push_back('\x07');
    });
    CHECK(to_hex(bytes) == "82 ff 91 05 a1 61 c0 07");
}

TEST_CASE("the msgpack writer is bounded in depth like the reader", "[msgpack]")
{
    std::string out;
    rpc::msgpack_writer to{out, {.max_depth = 1}};
    to.begin_array(0);
    to.end_array();
    to.begin_array(1);
    CHECK(!to.error());
    to.begin_object(0);
    CHECK(to.error() == codec_errc::too_deep);
}
