// SPDX-License-Identifier: BSL-1.0
//
// Proves what becomes of what a handler returns: results, the ways to say that it failed, and errors of the user's own;
// member functions as handlers.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

#include <boost/system/result.hpp>

#include <system_error>

using namespace oizys;
using namespace oizys::test;

namespace
{

namespace posix = boost::system::errc;

enum class broken
{
    hard_to_say = 1,
    for_good,
};

struct mishap
{
    int number;
};

struct no_such_key : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

/// What std::expected is.
template <class T, class E>
struct expected
{
    std::optional<T> held;
    E failed{};

    bool has_value() const { return held.has_value(); }
    T const& value() const { return *held; }
    T const& operator*() const { return *held; }
    E const& error() const { return failed; }
};

rpc::error_object data_of(boost::system::error_code why)
{
    return {-32000, why.message(), object{{"category", why.category().name()}, {"value", why.value()}}};
}

/// What a call without arguments is answered with.
rpc::outcome<value> ask(rpc::service const& service, rpc::protocol protocol, char const* method)
{
    two_peers peers{protocol, {}, service};
    call_result<value> called;
    peers.a.async_call(method, std::tuple{}, called.handler());
    CHECK(!peers.a.notify(method));
    settle(peers.io);
    REQUIRE(called.count == 1);
    REQUIRE(!called.ec);
    return called.answer;
}

struct expectation
{
    char const* method;
    std::variant<value, rpc::error_object> answer;
};

void check(rpc::service const& service, std::initializer_list<expectation> all)
{
    auto const protocol = both_protocols();
    for (auto const& [method, wanted] : all)
    {
        INFO(method);
        auto const got = ask(service, protocol, method);
        REQUIRE(got.has_value() == (wanted.index() == 0));
        if (got.has_value())
            CHECK(got.value() == std::get<0>(wanted));
        else
            CHECK(got.error() == std::get<1>(wanted));
    }
}

} // namespace

TEST_CASE("what may be a result or an error is answered as either")
{
    using boost::system::result;
    auto const denied = make_error_code(posix::permission_denied);
    rpc::service service;
    service.method("result", [] { return result<int>{5}; });
    service.method("result failed", [&] { return result<int>{denied}; });
    service.method("nothing", [] { return result<void>{}; });
    service.method("nothing failed", [&] { return result<void>{denied}; });
    service.method("std failed", [] {
        return result<int, std::error_code>{std::make_error_code(std::errc::permission_denied)};
    });
    service.method("object failed", [] {
        return result<int, rpc::error_object>{rpc::error_object{7, "seven", 7}};
    });
    service.method("outcome", [] { return rpc::outcome<int>{5}; });
    service.method("outcome failed", [] { return rpc::outcome<int>{rpc::error_object{8, "eight"}}; });
    service.method("outcome of nothing", [] { return rpc::outcome<void>{}; });
    service.method("expected", [] { return expected<int, int>{5}; });
    service.method("expected failed", [] { return expected<int, rpc::error>{{}, {9, "nine"}}; });
    service.method("code", [] { return boost::system::error_code{}; });
    service.method("code failed", [&] { return denied; });
    service.method("std code failed", [] { return std::make_error_code(std::errc::permission_denied); });
    service.method("rpc code failed", [] { return make_error_code(rpc::errc::timed_out); });
    service.method("object", [] { return rpc::error_object{10, "ten"}; });
    service.method("optional", [] { return std::optional<int>{}; });
    service.method("nested", [] { return result<std::optional<int>>{std::optional<int>{5}}; });
    check(service, {
                       {"result", 5},
                       {"result failed", data_of(denied)},
                       {"nothing", nullptr},
                       {"nothing failed", data_of(denied)},
                       {"std failed", data_of(denied)},
                       {"object failed", rpc::error_object{7, "seven", 7}},
                       {"outcome", 5},
                       {"outcome failed", rpc::error_object{8, "eight"}},
                       {"outcome of nothing", nullptr},
                       {"expected", 5},
                       {"expected failed", rpc::error_object{9, "nine"}},
                       {"code", nullptr},
                       {"code failed", data_of(denied)},
                       {"std code failed", data_of(denied)},
                       {"rpc code failed", data_of(rpc::errc::timed_out)},
                       {"object", rpc::error_object{10, "ten"}},
                       {"optional", nullptr},
                       {"nested", 5},
                   });
}

TEST_CASE("errors of the user's own are mapped in one place, thrown or returned")
{
    using boost::system::result;
    rpc::service service;
    service.map_error<broken>([](broken b) {
        return rpc::error_object{100 + static_cast<int>(b), "broken"};
    });
    service.map_error<mishap>([](mishap const& m) { return rpc::error_object{m.number, "mishap"}; });
    service.map_error<no_such_key>([](no_such_key const& e) { return rpc::error_object{404, e.what()}; });
    service.map_error<std::runtime_error>([](std::runtime_error const&) {
        return rpc::error_object{500, "oops"};
    });
    service.map_error<std::domain_error>([](std::domain_error const&) -> rpc::error_object { throw 1; });
    service.map_error<boost::system::error_code>([](boost::system::error_code why) {
        return rpc::error_object{why.value(), "code"};
    });
    service.method("enum", []() -> int { throw broken::for_good; });
    service.method("enum returned", [] { return expected<int, broken>{{}, broken::hard_to_say}; });
    service.method("struct returned", [] { return expected<int, mishap>{{}, {7}}; });
    service.method("derived", []() -> int { throw no_such_key{"x"}; });
    service.method("base", []() -> int { throw std::range_error{"x"}; });
    service.method("rpc::error", []() -> int { throw rpc::error{1, "as it is"}; });
    service.method("other", []() -> int { throw std::logic_error{"secret"}; });
    service.method("mapping throws", []() -> int { throw std::domain_error{"secret"}; });
    service.method("code", [] { return make_error_code(posix::permission_denied); });
    service.method("code later",
                   [](rpc::reply<int> r) { std::move(r).error(make_error_code(posix::permission_denied)); });
    int const denied = posix::permission_denied;
    check(service, {
                       {"enum", rpc::error_object{102, "broken"}},
                       {"enum returned", rpc::error_object{101, "broken"}},
                       {"struct returned", rpc::error_object{7, "mishap"}},
                       {"derived", rpc::error_object{404, "x"}},
                       {"base", rpc::error_object{500, "oops"}},
                       {"rpc::error", rpc::error_object{1, "as it is"}},
                       {"other", rpc::error_object{-32603, "Internal error"}},
                       {"mapping throws", rpc::error_object{-32603, "Internal error"}},
                       {"code", rpc::error_object{denied, "code"}},
                       {"code later", rpc::error_object{denied, "code"}},
                   });
}

TEST_CASE("an error that nobody maps is an internal error")
{
    rpc::service service;
    service.method("returned", [] { return expected<int, mishap>{{}, {7}}; });
    check(service, {{"returned", rpc::error_object{-32603, "Internal error"}}});
}

TEST_CASE("member functions are methods of their object")
{
    struct counter
    {
        int count = 0;
        int add(int n) { return count += n; }
        int get() const noexcept { return count; }
        void later(rpc::call_context&, rpc::reply<int> r) & { std::move(r)(count); }
    };
    counter plain;
    auto const shared = std::make_shared<counter>();
    rpc::service service;
    service.method("add", {"n"}, &counter::add, &plain);
    service.method("get", &counter::get, &plain);
    service.method("later", &counter::later, &plain, {.description = "the count"});
    service.method("shared add", &counter::add, shared);
    service.method("own get", &counter::get, std::make_shared<counter>(counter{7}));
    conversation with{service};
    auto const call = [&](std::string const& method, std::string const& arguments) {
        return with.ask_one(R"({"jsonrpc":"2.0","method":")" + method + R"(","params":)" + arguments +
                            R"(,"id":1})");
    };
    auto const answer = [](int n) {
        return R"({"jsonrpc":"2.0","result":)" + std::to_string(n) + R"(,"id":1})";
    };
    CHECK(call("add", R"({"n":2})") == answer(2));
    CHECK(call("add", "[3]") == answer(5));
    CHECK(call("get", "[]") == answer(5));
    CHECK(call("later", "[]") == answer(5));
    CHECK(plain.count == 5);
    CHECK(call("shared add", "[4]") == answer(4));
    CHECK(shared->count == 4);
    CHECK(call("own get", "[]") == answer(7));
}
