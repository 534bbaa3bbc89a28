// SPDX-License-Identifier: BSL-1.0
//
// What a hostile peer may send: cut messages, changed bytes, a million levels, sizes that lie.
#include "codec/json_reader.hpp"
#include "unit/codec/codec_test.hpp"
#include "unit/codec/largest_allocation.hpp"
#include "unit/codec/random_value.hpp"

#include <oizys/rpc/codec/msgpack_reader.hpp>

#include <catch2/catch.hpp>

using namespace oizys;
using rpc::codec_errc;
using rpc::from_json;
using rpc::from_msgpack;
using rpc::value;
using test::largest_allocation_in;

namespace
{

value sample()
{
    return rpc::object{{"jsonrpc", "2.0"},
                       {"id", "\xc3\xa9\"\\\n\xf0\x9f\x98\x80"},
                       {"params", rpc::array{1, -300, 70000, 1.5, -2e-30, true, false, nullptr, "",
                                             rpc::object{}, std::string(40, 'x'), UINT64_MAX, INT64_MIN}},
                       {"nested", rpc::array{rpc::array{rpc::object{{"a", rpc::array{}}}}}}};
}

/// Reading must end with a value or an error; skipping agrees where the value can be read.
void read_json_in_all_ways(rpc::json_reader& in, std::string_view text)
{
    if (!in.start(text))
    {
        if (!in.error())
            FAIL("no error for " << text);
        return;
    }
    auto const begin = in.mark();
    if (!in.skip() || in.next() != rpc::kind::none)
        FAIL("cannot skip " << text);
    in.rewind(begin);
    value v;
    if (!rpc::read(in, v) && in.error() != codec_errc::out_of_range)
        FAIL("cannot read " << text);
}

void read_msgpack_in_all_ways(std::string_view bytes)
{
    rpc::msgpack_reader in{bytes}, skipping{bytes};
    value v;
    bool const read = rpc::read(in, v);
    bool const skipped = skipping.skip();
    if (read == in.error().failed() || skipped == skipping.error().failed())
        FAIL("no error for " << test::to_hex(bytes));
    if (read && (!skipped || in.position() != skipping.position()))
        FAIL("skip differs for " << test::to_hex(bytes));
}

} // namespace

TEST_CASE("a text cut anywhere is truncated, or still JSON where it is a number", "[robust]")
{
    std::string const text = rpc::to_json(sample());
    rpc::json_reader in;
    for (std::size_t cut = 0; cut < text.size(); ++cut)
    {
        CAPTURE(cut);
        CHECK(!in.start(std::string_view{text}.substr(0, cut)));
        if (in.error() != codec_errc::invalid_utf8)
            CHECK(in.error() == codec_errc::truncated);
    }
}

TEST_CASE("a message cut anywhere is truncated", "[robust]")
{
    test::random_values random{6};
    random.with_binary = true;
    for (int i = 0; i < 100; ++i)
    {
        std::string const bytes = rpc::to_msgpack(i == 0 ? sample() : random.any());
        for (std::size_t cut = 0; cut < bytes.size(); ++cut)
            if (from_msgpack<value>(std::string_view{bytes}.substr(0, cut)).error() != codec_errc::truncated)
                FAIL(test::to_hex(bytes) << " cut to " << cut);
    }
}

TEST_CASE("any byte may be any other byte", "[robust]")
{
    std::string text = rpc::to_json(sample());
    std::string bytes = rpc::to_msgpack(sample());
    rpc::json_reader in;
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        char const was = text[at];
        for (int c = 0; c < 256; ++c)
        {
            text[at] = static_cast<char>(c);
            read_json_in_all_ways(in, text);
        }
        text[at] = was;
    }
    for (std::size_t at = 0; at < bytes.size(); ++at)
    {
        char const was = bytes[at];
        for (int c = 0; c < 256; ++c)
        {
            bytes[at] = static_cast<char>(c);
            read_msgpack_in_all_ways(bytes);
        }
        bytes[at] = was;
    }
}

TEST_CASE("a million levels are too deep, and take no stack to find out", "[robust]")
{
    constexpr std::size_t depth = 1'000'000;
    CHECK(from_json<value>(std::string(depth, '[')).error() == codec_errc::too_deep);
    std::string objects;
    for (std::size_t i = 0; i < depth; ++i)
        objects += "{\"a\":";
    CHECK(from_json<value>(objects).error() == codec_errc::too_deep);
    CHECK(from_msgpack<value>(std::string(depth, '\x91')).error() == codec_errc::too_deep);
    objects.clear();
    for (std::size_t i = 0; i < depth; ++i)
        objects += "\x81\xa0";
    CHECK(from_msgpack<value>(objects).error() == codec_errc::too_deep);

    std::string const closed = std::string(depth, '[') + std::string(depth, ']');
    rpc::json_reader json{{.max_depth = depth}};
    std::string_view raw;
    CHECK((json.start(closed) && json.read_raw(raw) && raw == closed));
    std::string const arrays = test::nested_arrays(depth);
    rpc::msgpack_reader msgpack{arrays, {.max_depth = depth}};
    CHECK((msgpack.read_raw(raw) && raw.size() == depth));
}

TEST_CASE("declared sizes take no memory", "[robust]")
{
    using vectors = std::tuple<std::vector<std::array<char, 4096>>, int>;
    constexpr std::size_t much = 64 * 1024;
    for (std::string_view const hex : {"dd ff ff ff ff", "df 7f ff ff ff", "db ff ff ff ff", "c6 ff ff ff ff",
                                       "c9 ff ff ff ff 00", "92 dd 00 ff ff ff"})
    {
        CAPTURE(hex);
        std::string const bytes = test::from_hex(hex);
        CHECK(largest_allocation_in(
                  [&] { CHECK(from_msgpack<value>(bytes).error() == codec_errc::truncated); }) < much);
        CHECK(largest_allocation_in([&] { CHECK(!from_msgpack<std::vector<int>>(bytes)); }) < much);
        CHECK(largest_allocation_in([&] { CHECK(!from_msgpack<std::string>(bytes)); }) < much);
        CHECK(largest_allocation_in([&] { CHECK(!from_msgpack<vectors>(bytes)); }) < much);
    }
}

TEST_CASE("a count that is true reserves no more than 64 KiB ahead of the elements", "[robust]")
{
    std::string bytes = test::from_hex("dd 00 0f 42 40"); // a million elements, and the bytes are there
    bytes.append(1'000'000, '\xc0');                      // but they are null
    CHECK(largest_allocation_in([&] {
              CHECK(!from_msgpack<std::vector<std::array<std::int64_t, 100>>>(bytes));
          }) <= (std::size_t{1} << 16));
}

TEST_CASE("reading allocates nothing once warm", "[robust]")
{
    std::string const text = R"({"jsonrpc":"2.0","method":"add","params":[2,3,"\n"],"id":1})";
    std::string const bytes = test::from_hex("94 00 01 a3 61 64 64 92 02 03");
    rpc::json_reader in;
    bool ok = true;
    auto const read = [&] {
        std::size_t count;
        std::string_view name;
        std::tuple<int, int, std::string_view> params;
        ok = ok && in.start(text) && in.enter_object(count);
        while (in.read_key(name))
            ok = ok && (name == "params" ? rpc::read(in, params) : in.skip());
        rpc::msgpack_reader msgpack{bytes};
        std::tuple<int, int, std::string_view, std::array<int, 2>> message;
        ok = ok && in.leave_object() && rpc::read(msgpack, message);
    };
    read();
    CHECK(largest_allocation_in(read) == 0);
    CHECK(ok);
}
