// SPDX-License-Identifier: BSL-1.0
//
// Proves a service that changes while it is served: methods that are replaced, removed and listed, the fallback, and
// changes while calls run.
#include "rpc_test.hpp"

#include <oizys/rpc/call_context.hpp>

#include <atomic>
#include <thread>

using namespace oizys;
using namespace oizys::test;
using rpc::arg;

namespace
{

template <class R = int, class... Arguments>
call_result<R> call(two_peers& peers, std::string_view method, Arguments... arguments)
{
    call_result<R> result;
    peers.a.async_call<R>(method, std::tuple{arguments...}, result.handler());
    settle(peers.io);
    return result;
}

} // namespace

TEST_CASE("methods are replaced and removed while they are served")
{
    rpc::service service;
    two_peers peers{both_protocols(), {}, service};
    CHECK(call(peers, "f").answered_with_error(rpc::method_not_found));
    service.method("f", [] { return 1; });
    CHECK(call(peers, "f").answered_with(1));
    CHECK_THROWS_AS(service.method("f", [] { return 2; }), std::invalid_argument);
    CHECK(call(peers, "f").answered_with(1));
    service.replace("f", {"n"}, [](int n) { return n; });
    CHECK(call(peers, "f", 2).answered_with(2));
    service.replace("g", [] { return 3; });
    CHECK(call(peers, "g").answered_with(3));
    CHECK(service.contains("f"));
    CHECK(service.remove("f"));
    CHECK(!service.remove("f"));
    CHECK(!service.contains("f"));
    CHECK(call(peers, "f").answered_with_error(rpc::method_not_found));
    service.method("f", [] { return 4; });
    CHECK(call(peers, "f").answered_with(4));
    CHECK_THROWS_AS(service.replace("rpc.f", [] {}), std::invalid_argument);
}

TEST_CASE("a service lists its methods")
{
    rpc::service service;
    service.method("b", {"x", arg("y", "how often") = 2}, [](int, int) {}, {.description = "does b"});
    service.method("a", [] {});
    service.fallback([] {});
    auto const all = service.methods();
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "a");
    CHECK(all[0].parameters.empty());
    CHECK(all[1].name == "b");
    CHECK(all[1].description == "does b");
    REQUIRE(all[1].parameters.size() == 2);
    CHECK(all[1].parameters[0].name() == "x");
    CHECK(!all[1].parameters[0].has_default());
    CHECK(all[1].parameters[1].description() == "how often");
    CHECK(all[1].parameters[1].has_default());
}

TEST_CASE("a fallback serves all names that are not there")
{
    rpc::service service;
    service.method("known", [] { return 1; });
    service.fallback([](rpc::call_context& call, rpc::all<value> const& arguments) {
        return std::string{call.method()} + rpc::to_json(arguments.value);
    });
    two_peers peers{both_protocols(), {}, service};
    CHECK(call(peers, "known").answered_with(1));
    CHECK(call<std::string>(peers, "other", 1, "x").answered_with(R"(other[1,"x"])"));
    CHECK(call<std::string>(peers, "").answered_with("[]"));
    CHECK(call<std::string>(peers, "rpc.other").answered_with("rpc.other[]"));
    CHECK(call(peers, "known").answered_with(1));
    service.fallback([] { return 5; });
    CHECK(call(peers, "other").answered_with(5));
}

TEST_CASE("a method may replace and remove itself, and is destroyed when it has answered")
{
    auto const alive = std::make_shared<int>(7);
    rpc::service service;
    service.method("once", [&service, alive] {
        CHECK(service.remove("once"));
        return *alive;
    });
    service.method("twice", [&service, alive] {
        service.replace("twice", [] { return 2; });
        return *alive;
    });
    two_peers peers{both_protocols(), {}, service};
    CHECK(alive.use_count() == 3);
    CHECK(call(peers, "once").answered_with(7));
    CHECK(call(peers, "once").answered_with_error(rpc::method_not_found));
    CHECK(call(peers, "twice").answered_with(7));
    CHECK(call(peers, "twice").answered_with(2));
    CHECK(alive.use_count() == 1);
}

TEST_CASE("a service is changed by one thread while others serve it", "[concurrent]")
{
    rpc::service service;
    service.method("f", [] { return 0; });
    service.method("stays", [] { return -1; });
    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::atomic<int> rounds = 0;
    auto const serve = [&] {
        two_peers peers{rpc::protocol::msgpack, {}, service};
        while (!stop)
        {
            if (!call(peers, "stays").answered_with(-1))
                ++wrong;
            auto const f = call(peers, "f");
            bool const right = f.count == 1 && !f.ec &&
                               (f.answer.has_value() || f.answer.error().code == rpc::method_not_found);
            if (!right)
                ++wrong;
            ++rounds;
        }
    };
    std::thread first{serve};
    std::thread second{serve};
    for (int i = 0; i < 200 || rounds < 20; ++i)
    {
        service.replace("f", [kept = std::make_shared<int>(i)] { return *kept; });
        if (i % 3 == 0)
            service.remove("f");
        if (i < 200 && i % 50 == 0)
            service.map_error<int>([](int code) { return rpc::error_object{code, "never"}; });
    }
    stop = true;
    first.join();
    second.join();
    CHECK(wrong == 0);
}
