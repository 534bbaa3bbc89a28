// SPDX-License-Identifier: BSL-1.0
//
// Proves that a mismatch of a struct with a conversion names members as the wire has them, and those that are refused.
#include "rpc_test.hpp"

#include <boost/describe.hpp>

using namespace oizys;
using namespace oizys::test;

namespace
{

struct account
{
    std::string user_name;
    int shell = 7;
};
BOOST_DESCRIBE_STRUCT(account, (), (user_name, shell))

} // namespace

template <>
struct oizys::rpc::conversion<account>
{
    static constexpr field fields[] = {{.member = "user_name", .name = "userName"},
                                       {.member = "shell", .optional = true}};
    static constexpr bool refuse_unknown_members = true;
};

TEST_CASE("a mismatch names members as the wire has them, and those that are refused")
{
    rpc::service service;
    service.method("shell", {"of"}, [](account const& of) { return of.shell; });
    conversation talk{service};
    auto const ask = [&](std::string const& account) {
        auto const answer =
            rpc::from_json<value>(
                talk.ask(R"({"jsonrpc":"2.0","id":1,"method":"shell","params":{"of":)" + account + "}}")
                    .at(0))
                .value();
        auto const& result = answer["result"];
        return result.is_null() ? answer["error"]["message"] : result;
    };
    CHECK(ask(R"({"userName":"ada"})") == 7);
    CHECK(ask(R"({"userName":"ada","shell":1})") == 1);
    CHECK(ask(R"({"user_name":"ada","userName":"ada"})") ==
          R"(Invalid params: parameter 1 (of): there is no member "user_name")");
    CHECK(ask(R"({"shell":1})") == R"(Invalid params: parameter 1 (of): member "userName" is missing)");
}
