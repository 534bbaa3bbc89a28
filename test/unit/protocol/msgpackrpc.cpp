// SPDX-License-Identifier: BSL-1.0
//
// Proves the MessagePack-RPC envelopes in both directions: every form and every width of message id, what is
// refused with an id to answer and what without, and the exact bytes that are sent.
#include "describe.hpp"

#include "protocol/msgpackrpc.hpp"

#include <oizys/rpc/codec/convert.hpp>
#include <oizys/rpc/codec/msgpack.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace
{

using namespace oizys::rpc;
using detail::envelope;
using detail::msgpackrpc;
using oizys::test::from_hex;
using oizys::test::to_hex;

std::string read(std::string const& message)
{
    msgpackrpc::decoder in{message, {}, true};
    if (!in.is_well_formed())
        return "malformed";
    envelope e;
    if (in.is_batch() || !in.next(e))
        return "nothing";
    auto const line = oizys::test::describe(in, e, to_hex);
    return in.next(e) ? "more than one" : line;
}

struct line
{
    char const* hex;
    char const* meaning;
};

void check(std::initializer_list<line> lines)
{
    for (auto const& [hex, meaning] : lines)
    {
        INFO(hex);
        CHECK(read(from_hex(hex)) == meaning);
    }
}

std::string error_answer(std::string_view id, error_object const& e)
{
    std::string out;
    msgpackrpc::write_error(out, id, e);
    return out;
}

} // namespace

TEST_CASE("all forms of a MessagePack-RPC message are told apart")
{
    check({
        {"94 00 07 a3 'add' 92 01 02", "request 07 add 92 01 02"},
        {"94 00 07 a3 'add' 90", "request 07 add 90"},
        {"93 02 a3 'add' 91 a1 'x'", "notification add 91 a1 78"},
        {"94 01 07 c0 2a", "result for 7 2a"},
        {"94 01 07 c0 c0", "result for 7 c0"},
        {"94 01 07 a2 'no' c0", "error for 7 a2 6e 6f"},
        {"94 01 07 92 01 a1 'x' 2a", "error for 7 92 01 a1 78"},
        {"94 01 07 c2 2a", "error for 7 c2"},
    });
}

TEST_CASE("an array, an integer or a string may be written in any width")
{
    check({
        {"dc 00 04 00 07 d9 03 'add' dc 00 01 01", "request 07 add dc 00 01 01"},
        {"dd 00 00 00 04 cc 00 07 da 00 03 'add' 90", "request 07 add 90"},
        {"94 cf 00 00 00 00 00 00 00 00 07 db 00 00 00 03 'add' 90", "request 07 add 90"},
        {"93 d0 02 a3 'add' 90", "notification add 90"},
        {"94 00 07 a0 90", "request 07  90"},
    });
}

TEST_CASE("a method's name may be binary data")
{
    check({
        {"94 00 07 c4 03 'add' 90", "request 07 add 90"},
        {"94 00 07 c5 00 03 'add' 90", "request 07 add 90"},
        {"93 02 c4 03 'add' 90", "notification add 90"},
        {"94 00 07 c4 09 'add' 90", "malformed"},
        {"94 00 07 c7 03 05 'add' 90", "invalid, to 07"},
    });
}

TEST_CASE("a message id comes out byte for byte in any width up to 32 bits of value")
{
    check({
        {"94 00 7f a1 'm' 90", "request 7f m 90"},
        {"94 00 cc 07 a1 'm' 90", "request cc 07 m 90"},
        {"94 00 cd 00 07 a1 'm' 90", "request cd 00 07 m 90"},
        {"94 00 ce ff ff ff ff a1 'm' 90", "request ce ff ff ff ff m 90"},
        {"94 00 cf 00 00 00 00 ff ff ff ff a1 'm' 90", "request cf 00 00 00 00 ff ff ff ff m 90"},
        {"94 00 d0 07 a1 'm' 90", "request d0 07 m 90"},
        {"94 00 d3 00 00 00 00 00 00 00 07 a1 'm' 90", "request d3 00 00 00 00 00 00 00 07 m 90"},
        {"94 01 ce 80 00 00 01 c0 01", "result for 2147483649 01"},
        {"94 00 cf 00 00 00 01 00 00 00 00 a1 'm' 90", "invalid, to nobody"},
        {"94 00 cf ff ff ff ff ff ff ff ff a1 'm' 90", "invalid, to nobody"},
        {"94 00 ff a1 'm' 90", "invalid, to nobody"},
        {"94 00 a1 '7' a1 'm' 90", "invalid, to nobody"},
        {"94 00 ca 40 e0 00 00 a1 'm' 90", "invalid, to nobody"},
        {"94 00 c0 a1 'm' 90", "invalid, to nobody"},
    });
}

TEST_CASE("what is no message of the protocol is invalid, with its id if it began as a request")
{
    check({
        {"01", "invalid, to nobody"},
        {"c0", "invalid, to nobody"},
        {"90", "invalid, to nobody"},
        {"80", "invalid, to nobody"},
        {"a3 'add'", "invalid, to nobody"},
        {"91 00", "invalid, to nobody"},
        {"92 00 07", "invalid, to 07"},
        {"93 00 07 a3 'add'", "invalid, to 07"},
        {"95 00 07 a3 'add' 90 c0", "invalid, to 07"},
        {"94 00 07 05 90", "invalid, to 07"},
        {"92 02 a3 'add'", "invalid, to nobody"},
        {"94 02 a3 'add' 90 c0", "invalid, to nobody"},
        {"93 02 05 90", "invalid, to nobody"},
        {"94 03 07 c0 c0", "invalid, to nobody"},
        {"94 ff 07 c0 c0", "invalid, to nobody"},
        {"94 a1 'x' 07 c0 c0", "invalid, to nobody"},
    });
}

TEST_CASE("parameters that are no array are refused where somebody waits, else ignored")
{
    check({
        {"94 00 07 a3 'add' 81 a1 'a' 01", "invalid, to 07"},
        {"94 00 07 a3 'add' c0", "invalid, to 07"},
        {"94 00 07 a3 'add' 01", "invalid, to 07"},
        {"93 02 a3 'add' 81 a1 'a' 01", "ignored"},
        {"93 02 a3 'add' c0", "ignored"},
    });
}

TEST_CASE("a response that is not complete has nobody who could be answered")
{
    check({
        {"93 01 07 c0", "invalid, to nobody"},
        {"95 01 07 c0 c0 c0", "invalid, to nobody"},
        {"94 01 c0 c0 c0", "invalid, to nobody"},
    });
}

TEST_CASE("bytes that are not one msgpack value are malformed")
{
    check({
        {"94 00 07 a3 'add' 92 01", "malformed"},
        {"94 00 07 a3 'add' 92 01 02 03", "malformed"},
        {"94 00 07 a3 'ad'", "malformed"},
        {"94 00 07 a3 'add' c1", "malformed"},
        {"94 01 07 c0 c1", "malformed"},
        {"c1", "malformed"},
        {"94 00 07 a1 'm' dd ff ff ff ff", "malformed"},
        {"94 00 07 a1 'm' 91 db ff ff ff ff 'x'", "malformed"},
    });
    std::string const request = from_hex("94 00 07 a1 'm'");
    CHECK(read(request + std::string(63, '\x91') + '\x01') != "malformed");
    CHECK(read(request + std::string(64, '\x91') + '\x01') == "malformed");
    CHECK(read(request + std::string(1000000, '\x91') + '\x01') == "malformed");
}

TEST_CASE("what is sent has these bytes")
{
    std::string out;
    CHECK(msgpackrpc::begin_request(out, 7, "add"));
    CHECK(out == from_hex("94 00 07 a3 'add'"));
    out.clear();
    CHECK(msgpackrpc::begin_request(out, 4294967295, ""));
    CHECK(out == from_hex("94 00 ce ff ff ff ff a0"));
    out.clear();
    CHECK(msgpackrpc::begin_notification(out, "add"));
    CHECK(out == from_hex("93 02 a3 'add'"));
    out.clear();
    msgpackrpc::begin_result(out, from_hex("cd 00 07"));
    msgpackrpc::end_result(out, from_hex("cd 00 07"));
    CHECK(out == from_hex("94 01 cd 00 07 c0"));
}

TEST_CASE("an error is a map of code, message and data")
{
    CHECK(error_answer("\x07", {-32601, "no"}) ==
          from_hex("94 01 07 82 a4 'code' d1 80 a7 a7 'message' a2 'no' c0"));
    CHECK(error_answer("\x07", {1, "no", array{2}}) ==
          from_hex("94 01 07 83 a4 'code' 01 a7 'message' a2 'no' a4 'data' 91 02 c0"));
}

TEST_CASE("an error is sent without data that is too deep for the other end, and as deep as it can read")
{
    std::size_t deepest = 0;
    value data = 1;
    for (std::size_t depth = 1; depth < 80; ++depth)
    {
        data = array{std::move(data)};
        auto const message = error_answer("\x07", {1, "no", data});
        CHECK(msgpackrpc::decoder{message, {}, true}.is_well_formed());
        if (message.find("data") != std::string::npos)
            deepest = depth;
    }
    CHECK(deepest == codec_limits{}.max_depth - 2);
}

TEST_CASE("only an array can be MessagePack-RPC parameters")
{
    for (char const* const good : {"90", "91 01", "dc 00 00", "dd 00 00 00 00"})
        CHECK(msgpackrpc::is_params(from_hex(good)));
    for (char const* const bad : {"", "80", "de 00 00", "c0", "01", "a1 'x'", "c1"})
        CHECK(!msgpackrpc::is_params(from_hex(bad)));
}
