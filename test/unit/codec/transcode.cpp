// SPDX-License-Identifier: BSL-1.0
//
// From one codec to the other without a tree in between.
#include "codec/json_reader.hpp"
#include "unit/codec/codec_test.hpp"
#include "unit/codec/random_value.hpp"

#include <oizys/rpc/codec/msgpack_reader.hpp>
#include <oizys/rpc/codec/transcode.hpp>

#include <catch2/catch.hpp>

using namespace oizys;
using rpc::codec_errc;

namespace
{

struct outcome
{
    std::string bytes;
    boost::system::error_code error;
};

template <class Writer>
outcome run(rpc::reader& in, rpc::codec_limits limits)
{
    outcome result;
    Writer out{result.bytes, limits};
    bool const ok = rpc::transcode(in, out);
    result.error = in.error() ? in.error() : out.error();
    CHECK(ok == !result.error);
    return result;
}

outcome json_to_msgpack(std::string_view text, rpc::codec_limits limits = {})
{
    rpc::json_reader in{limits};
    in.start(text);
    return run<rpc::msgpack_writer>(in, limits);
}

outcome msgpack_to_json(std::string_view bytes, rpc::codec_limits limits = {})
{
    rpc::msgpack_reader in{bytes, limits};
    return run<rpc::json_writer>(in, limits);
}

} // namespace

TEST_CASE("transcoding gives the same bytes as reading and writing a value", "[transcode]")
{
    test::random_values random{5};
    for (int i = 0; i < 3000; ++i)
    {
        rpc::value const v = random.any();
        std::string const text = rpc::to_json(v), bytes = rpc::to_msgpack(v);
        if (json_to_msgpack(text).bytes != bytes)
            FAIL(text);
        if (msgpack_to_json(bytes).bytes != text)
            FAIL(text);
    }
}

TEST_CASE("each codec transcodes into itself", "[transcode]")
{
    rpc::json_reader json;
    REQUIRE(json.start(R"( { "a" : [ 1 , { } ] } )"));
    CHECK(run<rpc::json_writer>(json, {}).bytes == R"({"a":[1,{}]})");
    std::string const bytes = test::from_hex("82 a1 61 c4 01 ff 01 d4 05 00");
    rpc::msgpack_reader msgpack{bytes};
    CHECK(run<rpc::msgpack_writer>(msgpack, {}).bytes == bytes);
}

TEST_CASE("integer names become text and binary data base64", "[transcode]")
{
    CHECK(msgpack_to_json(test::from_hex("82 05 c0 ff c4 01 ff")).bytes == R"({"5":null,"-1":"/w=="})");
}

TEST_CASE("what JSON cannot say is an error", "[transcode]")
{
    CHECK(msgpack_to_json(test::from_hex("d4 01 00")).error == codec_errc::not_representable);
    CHECK(msgpack_to_json(test::from_hex("cb 7f f0 00 00 00 00 00 00")).error ==
          codec_errc::not_representable);
    CHECK(msgpack_to_json(test::from_hex("a1 ff")).error == codec_errc::invalid_utf8);
    CHECK(msgpack_to_json(test::from_hex("81 c0 01")).error == codec_errc::wrong_type);
    CHECK(msgpack_to_json(test::from_hex("92 01")).error == codec_errc::truncated);
    CHECK(msgpack_to_json("").error == codec_errc::truncated);
    CHECK(json_to_msgpack("1e400").error == codec_errc::out_of_range);
    CHECK(json_to_msgpack("[1").error == codec_errc::truncated);
}

TEST_CASE("depth costs no stack", "[transcode]")
{
    constexpr std::size_t depth = 1'000'000;
    std::string const text = std::string(depth, '[') + std::string(depth, ']');
    auto const bytes = json_to_msgpack(text, {.max_depth = depth});
    REQUIRE(!bytes.error);
    CHECK(msgpack_to_json(bytes.bytes, {.max_depth = depth}).bytes == text);
    CHECK(json_to_msgpack(text, {.max_depth = depth - 1}).error == codec_errc::too_deep);
}
