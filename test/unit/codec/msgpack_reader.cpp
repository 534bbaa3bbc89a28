// SPDX-License-Identifier: BSL-1.0
//
// Walking through msgpack: kinds, numbers, old raw strings, nesting, raw slices, and sizes that lie.
#include "unit/codec/codec_test.hpp"

#include <oizys/rpc/codec/msgpack_reader.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace oizys;
using rpc::codec_errc;
using rpc::kind;
using rpc::msgpack_reader;
using test::from_hex;
using test::to_hex;

TEST_CASE("every first byte has its kind", "[msgpack]")
{
    for (unsigned tag = 0; tag < 256; ++tag)
    {
        CAPTURE(tag);
        std::string const bytes(1, static_cast<char>(tag));
        msgpack_reader in{bytes};
        kind const k = in.next();
        CHECK((k == kind::none) == (tag == 0xc1));
        CHECK((in.error() == codec_errc::malformed) == (tag == 0xc1));
    }
}

TEST_CASE("several values may follow one another, and the caller looks at the rest", "[msgpack]")
{
    std::string const bytes = from_hex("01 a2 68 69 c0 ff");
    msgpack_reader in{bytes};
    std::int64_t i = 0;
    std::string_view s;
    CHECK((in.read_int64(i) && in.read_string(s) && in.read_null()));
    CHECK(s == "hi");
    CHECK(in.position() == 5);
    CHECK(to_hex(in.rest()) == "ff");
    CHECK((in.read_int64(i) && i == -1));
    CHECK(in.next() == kind::none);
    CHECK(!in.has_next());
    CHECK(!in.error());
    CHECK(!in.read_int64(i));
    CHECK(in.error() == codec_errc::truncated);
    in.reset(bytes);
    CHECK(!in.error());
    CHECK(in.position() == 0);
    CHECK(in.read_int64(i));
}

TEST_CASE("integers are read from any encoding that holds them", "[msgpack]")
{
    for (std::string_view const five :
         {"05", "cc 05", "cd 00 05", "ce 00 00 00 05", "cf 00 00 00 00 00 00 00 05", "d0 05", "d1 00 05",
          "d2 00 00 00 05", "d3 00 00 00 00 00 00 00 05"})
    {
        CAPTURE(five);
        CHECK(rpc::from_msgpack<int>(from_hex(five)).value() == 5);
        CHECK(rpc::from_msgpack<unsigned char>(from_hex(five)).value() == 5);
        CHECK(rpc::from_msgpack<double>(from_hex(five)).value() == 5.0);
    }
    for (std::string_view const minus :
         {"ff", "d0 ff", "d1 ff ff", "d2 ff ff ff ff", "d3 ff ff ff ff ff ff ff ff"})
    {
        CAPTURE(minus);
        CHECK(rpc::from_msgpack<int>(from_hex(minus)).value() == -1);
        CHECK(rpc::from_msgpack<double>(from_hex(minus)).value() == -1.0);
        CHECK(test::msgpack_error<unsigned>(minus) == codec_errc::out_of_range);
    }
    CHECK(test::msgpack_error<std::int64_t>("cf 80 00 00 00 00 00 00 00") == codec_errc::out_of_range);
    CHECK(rpc::from_msgpack<double>(from_hex("cf 80 00 00 00 00 00 00 00")).value() == 9223372036854775808.0);
    CHECK(test::msgpack_error<int>("cb 3f f0 00 00 00 00 00 00") == codec_errc::wrong_type);
    CHECK(rpc::from_msgpack<double>(from_hex("ca 3f c0 00 00")).value() == 1.5);
}

TEST_CASE("a str is accepted as binary data, and bin is no string", "[msgpack]")
{
    std::string_view out;
    std::string const old = from_hex("a1 ff"), long_old = from_hex("da 00 01 ff"), bin = from_hex("c4 01 ff");
    CHECK((msgpack_reader{old}.read_binary(out) && to_hex(out) == "ff"));
    CHECK((msgpack_reader{long_old}.read_binary(out) && to_hex(out) == "ff"));
    CHECK((msgpack_reader{bin}.read_binary(out) && to_hex(out) == "ff"));
    CHECK((msgpack_reader{old}.read_string(out) && to_hex(out) == "ff"));
    CHECK(!msgpack_reader{bin}.read_string(out));
}

TEST_CASE("next is none at the end of each container", "[msgpack]")
{
    std::string const bytes = from_hex("92 91 05 82 a1 61 01 02 90");
    msgpack_reader in{bytes};
    std::size_t count = 0;
    std::int64_t v = 0;
    std::string_view name;
    CHECK((in.enter_array(count) && count == 2));
    CHECK((in.enter_array(count) && count == 1 && in.read_int64(v) && in.next() == kind::none &&
           in.leave_array()));
    CHECK((in.enter_object(count) && count == 2 && in.read_key(name) && name == "a" && in.read_int64(v)));
    CHECK((in.next() == kind::integer && in.read_int64(v) && v == 2)); // an integer as a name
    CHECK((in.enter_array(count) && count == 0 && in.leave_array() && in.next() == kind::none));
    CHECK(!in.read_key(name));
    CHECK((in.leave_object() && in.next() == kind::none && in.leave_array()));
    CHECK(!in.error());
    CHECK(in.rest().empty());
}

TEST_CASE("reading at a container's end is wrong_length, and the first error stays", "[msgpack]")
{
    std::string const bytes = from_hex("91 05 06");
    msgpack_reader in{bytes};
    std::size_t count;
    std::int64_t v = 0;
    std::string_view s;
    CHECK((in.enter_array(count) && in.read_int64(v)));
    CHECK(!in.read_int64(v));
    CHECK(in.error() == codec_errc::wrong_length);
    CHECK(!in.leave_array());
    CHECK(!in.read_string(s));
    CHECK(!in.skip());
    CHECK(in.next() == kind::none);
    CHECK(!in.fail(codec_errc::malformed));
    CHECK(in.error() == codec_errc::wrong_length);
    CHECK(v == 5);
}

TEST_CASE("leaving skips what was not read, at any depth", "[msgpack]")
{
    std::string const bytes = from_hex("92 93 01 92 81 a1 61 91 02 c0 a1 62 07");
    msgpack_reader in{bytes};
    std::size_t count;
    std::int64_t v = 0;
    CHECK((in.enter_array(count) && in.enter_array(count) && in.read_int64(v) && in.leave_array()));
    CHECK((in.read_int64(v) && v == 7 && in.leave_array()));
    CHECK(in.rest().empty());
}

TEST_CASE("a raw slice is the value as it stands", "[msgpack]")
{
    std::string const bytes = from_hex("93 cd 00 05 82 a1 61 c4 01 00 ca 00 00 00 00 d4 01 02 c7 00 05");
    msgpack_reader in{bytes};
    std::size_t count;
    std::string_view raw;
    REQUIRE(in.enter_array(count));
    CHECK((in.read_raw(raw) && to_hex(raw) == "cd 00 05"));
    CHECK((in.read_raw(raw) && to_hex(raw) == "82 a1 61 c4 01 00 ca 00 00 00 00 d4 01 02"));
    CHECK((in.read_raw(raw) && to_hex(raw) == "c7 00 05"));
    CHECK(in.leave_array());
}

TEST_CASE("each read refuses other kinds of msgpack", "[msgpack]")
{
    auto const refused = [](std::string_view hex, auto read) {
        std::string const bytes = from_hex(hex);
        msgpack_reader in{bytes};
        return !read(in) && in.error() == codec_errc::wrong_type;
    };
    bool boolean;
    std::int64_t i;
    std::uint64_t u;
    double d;
    std::string_view s;
    std::int8_t type;
    std::size_t count;
    CHECK(refused("01", [&](auto& in) { return in.read_null(); }));
    CHECK(refused("c0", [&](auto& in) { return in.read_bool(boolean); }));
    CHECK(refused("a0", [&](auto& in) { return in.read_int64(i); }));
    CHECK(refused("ca 00 00 00 00", [&](auto& in) { return in.read_uint64(u); }));
    CHECK(refused("a0", [&](auto& in) { return in.read_double(d); }));
    CHECK(refused("01", [&](auto& in) { return in.read_string(s); }));
    CHECK(refused("90", [&](auto& in) { return in.read_binary(s); }));
    CHECK(refused("c4 00", [&](auto& in) { return in.read_extension(type, s); }));
    CHECK(refused("80", [&](auto& in) { return in.enter_array(count); }));
    CHECK(refused("90", [&](auto& in) { return in.enter_object(count); }));
    CHECK(refused("81 c0 01", [&](auto& in) { return in.enter_object(count) && in.read_key(s); }));
}

TEST_CASE("a size or count that the bytes cannot hold is truncated before anything is taken", "[msgpack]")
{
    for (std::string_view const hex :
         {"dd ff ff ff ff", "df ff ff ff ff", "df 80 00 00 00 00", "db ff ff ff ff 61", "c6 ff ff ff ff 00",
          "c9 ff ff ff ff 01 00", "9f 00", "8f 00 00", "dc 00 02 00", "a2 61", "d8 01 00", "c7 05 01 00",
          "cd 00", "cb 00", "dd", "db 00", "d4", "c8 00 01"})
    {
        CAPTURE(hex);
        std::string const bytes = from_hex(hex);
        msgpack_reader in{bytes};
        CHECK(!in.skip());
        CHECK(in.error() == codec_errc::truncated);
    }
}

TEST_CASE("more than 64 levels of msgpack can be allowed, and are counted", "[msgpack]")
{
    for (std::size_t const depth : {63u, 64u, 65u, 300u})
    {
        CAPTURE(depth);
        std::string const bytes = test::nested_arrays(depth);
        msgpack_reader enough{bytes, {.max_depth = depth}};
        CHECK(enough.skip());
        msgpack_reader in{bytes, {.max_depth = depth}};
        std::size_t count;
        for (std::size_t i = 0; i < depth; ++i)
            REQUIRE(in.enter_array(count));
        for (std::size_t i = 0; i < depth; ++i)
            REQUIRE((in.next() == kind::none && in.leave_array()));
        msgpack_reader less{bytes, {.max_depth = depth - 1}};
        CHECK(!less.skip());
        CHECK(less.error() == codec_errc::too_deep);
    }
}

TEST_CASE("skipping an array finds what skipping its elements one by one finds", "[msgpack]")
{
    std::mt19937 random{11};
    static constexpr unsigned char tags[] = {0x01, 0xa2, 0xc0, 0xc1, 0xc3, 0xc4, 0xca, 0xcb,
                                             0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd3, 0xd4, 0xd8,
                                             0xd9, 0xdc, 0x80, 0x81, 0x90, 0x91, 0xe0, 0xff};
    for (int i = 0; i < 20000; ++i)
    {
        std::string bytes{static_cast<char>(0x90 + random() % 5)};
        for (auto n = random() % 8; n != 0; --n)
        {
            bytes += static_cast<char>(tags[random() % std::size(tags)]);
            bytes.append(random() % 10, char{});
        }
        rpc::codec_limits const limits{.max_depth = random() % 3};
        rpc::msgpack_reader skips{bytes, limits}, enters{bytes, limits};
        std::size_t count = 0;
        bool entered = enters.enter_array(count);
        for (std::size_t element = 0; entered && element < count; ++element)
            entered = enters.skip();
        entered = entered && enters.leave_array();
        if (skips.skip() != entered || skips.error() != enters.error() ||
            (entered && skips.position() != enters.position()))
            FAIL("they differ for " << test::to_hex(bytes));
    }
}
