// SPDX-License-Identifier: BSL-1.0
//
// Proves what the decoder of JSON-RPC makes of a text: which texts are requests, notifications, responses or
// none of them, that ids come out byte for byte, and that one element of a batch does not disturb the next.
#include "describe.hpp"

#include "protocol/jsonrpc.hpp"

#include <oizys/rpc/codec/convert.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace
{

using oizys::rpc::detail::envelope;
using oizys::rpc::detail::jsonrpc;

std::string read(std::string const& text, bool version_required = true)
{
    jsonrpc::decoder in{text, {}, version_required};
    if (!in.is_well_formed())
        return "malformed";
    std::string all = in.is_batch() ? "batch of " + std::to_string(in.batch_size()) : "";
    envelope e;
    while (in.next(e))
        all += (all.empty() ? "" : "; ") +
               oizys::test::describe(in, e, [](std::string_view raw) { return std::string{raw}; });
    return all;
}

struct line
{
    char const* text;
    char const* meaning;
};

void check(std::initializer_list<line> lines, bool version_required = true)
{
    for (auto const& [text, meaning] : lines)
    {
        INFO(text);
        CHECK(read(text, version_required) == meaning);
    }
}

} // namespace

TEST_CASE("requests, notifications and responses are told apart by their members")
{
    check({
        {R"({"jsonrpc":"2.0","method":"add","params":[1,2],"id":7})", "request 7 add [1,2]"},
        {R"({"jsonrpc":"2.0","method":"add","id":7})", "request 7 add"},
        {R"({"jsonrpc":"2.0","method":"add","params":{"a":1}})", R"(notification add {"a":1})"},
        {R"({"jsonrpc":"2.0","method":"add"})", "notification add"},
        {R"({"jsonrpc":"2.0","method":"","id":1})", "request 1 "},
        {R"({"jsonrpc":"2.0","result":[3],"id":7})", "result for 7 [3]"},
        {R"({"jsonrpc":"2.0","result":null,"id":4294967295})", "result for 4294967295 null"},
        {R"({"jsonrpc":"2.0","error":{"code":1},"id":7})", R"(error for 7 {"code":1})"},
    });
}

TEST_CASE("members may come in any order, between others that mean nothing, and with any white space")
{
    check({
        {R"({"id":1,"params":[2],"method":"m","jsonrpc":"2.0"})", "request 1 m [2]"},
        {R"({"params":[2],"x":{"method":"n","id":[]},"method":"m","":0,"id":1,"jsonrpc":"2.0","auth":null})",
         "request 1 m [2]"},
        {"\r\n {\t\"jsonrpc\" : \"2.0\" ,\n \"method\":\"m\" , \"params\" : [ 1 , 2 ] , \"id\" : 1 } ",
         "request 1 m [ 1 , 2 ]"},
        {R"({"\u006dethod":"\u006d\"\\","\u0069d":1,"jsonrp\u0063":"\u0032.0"})", R"(request 1 m"\)"},
    });
}

TEST_CASE("of a member that is given twice the last one counts, if each may be there")
{
    check({
        {R"({"jsonrpc":"2.0","method":"a","method":"b","id":1,"id":2,"params":[1],"params":[2]})",
         "request 2 b [2]"},
        {R"({"jsonrpc":"1.0","jsonrpc":"2.0","method":"a","id":1})", "invalid, to 1"},
        {R"({"jsonrpc":"2.0","method":"a","method":1,"id":1})", "invalid, to 1"},
        {R"({"jsonrpc":"2.0","method":"a","id":1,"id":{}})", "invalid, to 1"},
    });
}

TEST_CASE("an id comes out byte for byte, whatever number or string it is")
{
    for (char const* const id :
         {"0", "1", "-1", "1.0", "1e2", "-0", "1E+2", "12345678901234567890123", "-12345678901234567890123",
          "1e999", "null", R"("")", R"("1")", R"("a\"\\\/\b\u00e9\ud83d\ude00é")", R"(" [1] ")"})
    {
        auto const text = R"({"jsonrpc":"2.0","method":"m","id": )" + std::string{id} + " }";
        INFO(text);
        CHECK(read(text) == "request " + std::string{id} + " m");
    }
}

TEST_CASE("what is no request is invalid, with its id where that can be told")
{
    check({
        {"1", "invalid, to nobody"},
        {R"("x")", "invalid, to nobody"},
        {"null", "invalid, to nobody"},
        {"{}", "invalid, to nobody"},
        {R"({"foo":"boo"})", "invalid, to nobody"},
        {R"({"jsonrpc":"2.0","id":1})", "invalid, to 1"},
        {R"({"jsonrpc":"2.0","method":1,"id":1})", "invalid, to 1"},
        {R"({"jsonrpc":"2.0","method":null,"id":1})", "invalid, to 1"},
        {R"({"jsonrpc":"2.0","method":["m"],"id":1})", "invalid, to 1"},
        {R"({"jsonrpc":"2.0","method":"m","params":"bar","id":1})", "invalid, to 1"},
        {R"({"jsonrpc":"2.0","method":"m","params":1,"id":1})", "invalid, to 1"},
        {R"({"jsonrpc":"2.0","method":"m","params":null,"id":1})", "invalid, to 1"},
        {R"({"jsonrpc":"2.0","method":"m","id":true})", "invalid, to nobody"},
        {R"({"jsonrpc":"2.0","method":"m","id":[1]})", "invalid, to nobody"},
        {R"({"jsonrpc":"2.0","method":"m","id":{"a":1}})", "invalid, to nobody"},
    });
}

TEST_CASE("the version must be there when it is required, and must be right when it is there")
{
    check({
        {R"({"method":"m","id":1})", "invalid, to 1"},
        {R"({"jsonrpc":"1.0","method":"m","id":1})", "invalid, to 1"},
        {R"({"jsonrpc":2.0,"method":"m","id":1})", "invalid, to 1"},
        {R"({"jsonrpc":null,"method":"m","id":1})", "invalid, to 1"},
        {R"({"method":"m"})", "invalid, to nobody"},
    });
    check(
        {
            {R"({"method":"m","id":1})", "request 1 m"},
            {R"({"method":"m"})", "notification m"},
            {R"({"jsonrpc":"2.0","method":"m","id":1})", "request 1 m"},
            {R"({"jsonrpc":"1.0","method":"m","id":1})", "invalid, to 1"},
            {R"({"jsonrpc":2.0,"method":"m","id":1})", "invalid, to 1"},
        },
        false);
}

TEST_CASE("a response that answers no call of ours is ignored, and is never answered")
{
    check({
        {R"({"jsonrpc":"2.0","result":1,"id":"7"})", "ignored"},
        {R"({"jsonrpc":"2.0","result":1,"id":null})", "ignored"},
        {R"({"jsonrpc":"2.0","result":1,"id":1.0})", "ignored"},
        {R"({"jsonrpc":"2.0","result":1,"id":-1})", "ignored"},
        {R"({"jsonrpc":"2.0","result":1,"id":4294967296})", "ignored"},
        {R"({"jsonrpc":"2.0","result":1})", "ignored"},
        {R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})", "ignored"},
    });
}

TEST_CASE("a response with both a result and an error is an error, and a null error is none")
{
    check({
        {R"({"result":1,"error":null,"id":7})", "result for 7 1"},
        {R"({"error":null,"result":1,"id":7})", "result for 7 1"},
        {R"({"result":null,"error":"no","id":7})", R"(error for 7 "no")"},
        {R"({"error":"no","result":null,"id":7})", R"(error for 7 "no")"},
    });
}

TEST_CASE("a text that is not JSON, or too deep, is malformed")
{
    check({
        {R"({"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz])", "malformed"},
        {R"([{"jsonrpc":"2.0","method":"m","id":1},{"jsonrpc":"2.0","method"])", "malformed"},
        {R"({"jsonrpc":"2.0","method":"m","id":01})", "malformed"},
        {R"({"jsonrpc":"2.0","method":"m","id":1} x)", "malformed"},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\"}", "malformed"},
        {" ", "malformed"},
    });
    std::string const open(64, '['), close(64, ']');
    std::string const before = R"({"jsonrpc":"2.0","method":"m","params":)";
    CHECK(read(before + open + close + "}") == "malformed");
    auto const less = open.substr(1) + close.substr(1);
    CHECK(read(before + less + "}") == "notification m " + less);
}

TEST_CASE("a batch is read element by element")
{
    check({
        {"[]", "batch of 0"},
        {"[1]", "batch of 1; invalid, to nobody"},
        {"[[],{}]", "batch of 2; invalid, to nobody; invalid, to nobody"},
        {R"([{"jsonrpc":"2.0","method":"a","params":[1],"id":1}, {"jsonrpc":"2.0","method":"b","params":[[2]]} ,)"
         R"(3,{"jsonrpc":"2.0","result":4,"id":4},{"jsonrpc":"2.0","method":"c","id":"5"}])",
         R"(batch of 5; request 1 a [1]; notification b [[2]]; invalid, to nobody; result for 4 4; request "5" c)"},
    });
}

TEST_CASE("an element of a batch that cannot be read as asked for does not spoil the next one")
{
    std::string const text = R"([{"jsonrpc":"2.0","method":"a","params":["x"],"id":1},)"
                             R"({"jsonrpc":"2.0","method":"b","params":[2],"id":2}])";
    jsonrpc::decoder in{text, {}, true};
    REQUIRE(in.is_well_formed());
    envelope e;
    std::vector<int> numbers;
    REQUIRE(in.next(e));
    CHECK(!oizys::rpc::read(in.body(), numbers));
    REQUIRE(in.next(e));
    CHECK(e.what == envelope::type::request);
    CHECK(e.method == "b");
    CHECK(oizys::rpc::read(in.body(), numbers));
    CHECK(numbers == std::vector{2});
}

TEST_CASE("a body may be read again from its beginning, also after a failure")
{
    std::string const text = R"({"jsonrpc":"2.0","method":"a","params":["x",[1]],"id":1})";
    jsonrpc::decoder in{text, {}, true};
    envelope e;
    REQUIRE(in.next(e));
    std::vector<int> numbers;
    CHECK(!oizys::rpc::read(in.body(), numbers));
    std::string_view raw;
    CHECK(in.body().read_raw(raw));
    CHECK(raw == "[\"x\",[1]]");
    CHECK(!in.body().error());
}
