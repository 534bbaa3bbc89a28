// SPDX-License-Identifier: BSL-1.0
//
// Proves what requests say of themselves between oizys ends: what is read, what is refused, and that both
// protocols write what they read.
#include "describe.hpp"

#include "protocol/jsonrpc.hpp"
#include "protocol/msgpackrpc.hpp"
#include "protocol/notice.hpp"

#include <catch2/catch.hpp>

using namespace oizys::rpc;
using namespace oizys::rpc::detail;
using oizys::test::from_hex;

namespace
{

std::string text_of(call_metadata const& m)
{
    return (m.timeout ? "timeout " + std::to_string(*m.timeout) + ' ' : "") +
           (m.credit != 0 ? "credit " + std::to_string(m.credit) + ' ' : "") +
           (m.progress ? "progress " : "") + (m.trace.empty() ? "" : "trace " + std::string{m.trace});
}

/// "request: …", "notification: …" or "invalid".
template <class Protocol>
std::string read(std::string_view message)
{
    typename Protocol::decoder in{message, {}, true};
    envelope e;
    REQUIRE(in.is_well_formed());
    REQUIRE(in.next(e));
    if (e.what != envelope::type::request && e.what != envelope::type::notification)
        return "invalid";
    std::string_view raw;
    CHECK((!e.has_body || in.body().read_raw(raw)));
    return std::string{e.what == envelope::type::request ? "request" : "notification"} +
           (e.metadata != nullptr ? ": " + text_of(*e.metadata) : "");
}

struct line
{
    char const* sent;
    char const* expected;
};

} // namespace

TEST_CASE(
    "metadata of a JSON-RPC request is read wherever it stands, and a wrong type makes the request invalid")
{
    line const lines[] = {
        {R"({"jsonrpc":"2.0","method":"x","id":1})", "request"},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":{}})", "request: "},
        {R"({"oizys":{"timeout":250},"jsonrpc":"2.0","method":"x","params":[1],"id":1})",
         "request: timeout 250 "},
        {R"({"jsonrpc":"2.0","method":"x","oizys":{"trace":"a\u0062c"}})", "notification: trace abc"},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":{"credit":3,"new":[{}],"progress":true}})",
         "request: credit 3 progress "},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":{"timeout":18446744073709551615}})",
         "request: timeout 4294967295 "},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":{"timeout":0}})", "request: timeout 0 "},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":[]})", "invalid"},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":null})", "invalid"},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":{"timeout":-1}})", "invalid"},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":{"timeout":1.5},"params":[]})", "invalid"},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":{"timeout":"1"}})", "invalid"},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":{"progress":1}})", "invalid"},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":{"trace":{"credit":1}}})", "invalid"},
        {R"({"jsonrpc":"2.0","method":"x","id":1,"oizys":{"credit":[]}})", "invalid"},
    };
    for (auto const& [sent, expected] : lines)
    {
        INFO(sent);
        CHECK(read<jsonrpc>(sent) == expected);
    }
}

TEST_CASE("metadata of a MessagePack-RPC request is one element more, a map, or the request is invalid")
{
    line const lines[] = {
        {"94 00 07 a1 'x' 90", "request"},
        {"95 00 07 a1 'x' 90 80", "request: "},
        {"95 00 07 a1 'x' 91 01 81 a7 'timeout' cc fa", "request: timeout 250 "},
        {"94 02 a1 'x' 90 81 a5 'trace' a1 't'", "notification: trace t"},
        {"95 00 07 a1 'x' 90 83 a6 'credit' 03 a3 'new' 91 80 a8 'progress' c3",
         "request: credit 3 progress "},
        {"95 00 07 a1 'x' 90 90", "invalid"},
        {"95 00 07 a1 'x' 90 c0", "invalid"},
        {"95 00 07 a1 'x' 80 80", "invalid"},
        {"95 00 07 a1 'x' 90 81 a7 'timeout' ff", "invalid"},
        {"95 00 07 a1 'x' 90 81 a8 'progress' 01", "invalid"},
        {"95 00 07 a1 'x' 90 81 01 01", "invalid"},
        {"94 02 a1 'x' 90 c0", "invalid"},
        {"96 00 07 a1 'x' 90 80 80", "invalid"},
    };
    for (auto const& [sent, expected] : lines)
    {
        INFO(sent);
        CHECK(read<msgpackrpc>(from_hex(sent)) == expected);
    }
}

TEST_CASE("a message may end within its metadata, and is no message then")
{
    auto const whole = from_hex("95 00 07 a1 'x' 90 82 a7 'timeout' cc fa a5 'trace' a1 't'");
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(!msgpackrpc::decoder{whole.substr(0, size), {}, true}.is_well_formed());
    CHECK(read<msgpackrpc>(whole) == "request: timeout 250 trace t");
}

TEST_CASE(
    "what one end writes as metadata is what the other reads, and a trace that is not UTF-8 cannot be JSON")
{
    call_metadata const all[] = {
        {.timeout = 0},
        {.timeout = 30000, .credit = 16, .progress = true, .trace = "00-ab-01"},
        {.timeout = 4294967295},
        {.credit = 4294967295},
    };
    for (auto const& metadata : all)
    {
        std::string json, packed;
        CHECK(jsonrpc::begin_request(json, 5, "x", true));
        json += "[]";
        CHECK(jsonrpc::put_metadata(json, metadata));
        jsonrpc::end_request(json);
        CHECK(read<jsonrpc>(json) == "request: " + text_of(metadata));
        CHECK(msgpackrpc::begin_request(packed, 5, "x", true));
        packed += '\x90';
        CHECK(msgpackrpc::put_metadata(packed, metadata));
        CHECK(read<msgpackrpc>(packed) == "request: " + text_of(metadata));
    }
    std::string json;
    CHECK(!jsonrpc::put_metadata(json, {.trace = "\xff"}));
}

TEST_CASE("which notifications are extensions depends on the extensions that are on")
{
    CHECK(notice_of("oizys.cancel", extensions::oizys) == notice::cancel);
    CHECK(notice_of("oizys.cancel", extensions::detect) == notice::cancel);
    CHECK(notice_of("oizys.cancel", extensions::none) == notice::none);
    CHECK(notice_of("oizys.cancel", extensions::lsp) == notice::none);
    CHECK(notice_of("$/cancelRequest", extensions::lsp) == notice::lsp_cancel);
    CHECK(notice_of("$/cancelRequest", extensions::oizys) == notice::none);
    CHECK(notice_of("oizys.other", extensions::oizys) == notice::none);
    CHECK(notice_of("", extensions::oizys) == notice::none);
    CHECK(notice_of("update", extensions::oizys) == notice::none);
    for (auto const& [what, name] : notice_names)
        CHECK(name_of(what) == name);
}
