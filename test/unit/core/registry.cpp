// SPDX-License-Identifier: BSL-1.0
//
// Proves the registry of methods: names that are refused, tables that do not change under who reads them,
// and changes while other threads look methods up.
#include "core/registry.hpp"

#include <oizys/rpc/service.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

namespace
{

using oizys::rpc::arg;
using oizys::rpc::detail::method_entry;
using oizys::rpc::detail::registry;

auto nothing()
{
    return [](oizys::rpc::invocation&, method_entry const&) {};
}

void add(registry& to, std::string name) { to.add({.name = std::move(name), .call = nothing()}, false); }

} // namespace

TEST_CASE("a method is found by its whole name")
{
    registry methods;
    methods.add({.name = "add", .parameters = {"a", "b"}, .call = nothing()}, false);
    auto const table = methods.table();
    REQUIRE(table->find("add") != nullptr);
    REQUIRE(table->find("add")->parameters.size() == 2);
    CHECK(table->find("add")->parameters[1].name() == "b");
    for (std::string_view const other : {"", "ad", "addd", "Add", "add "})
        CHECK(table->find(other) == nullptr);
}

TEST_CASE("a name may hold any bytes, and may begin as a reserved one does")
{
    registry methods;
    for (std::string const& name : {std::string{"rpc"}, std::string{"rpcx.y"}, std::string{"oizys"},
                                    std::string{"a\0b", 3}, std::string{"\xff"}, std::string(100000, 'n')})
    {
        add(methods, name);
        CHECK(methods.table()->find(name) != nullptr);
    }
}

TEST_CASE("names that are empty, reserved or taken are refused, and nothing changes")
{
    registry methods;
    methods.add({.name = "add", .parameters = {"first"}, .call = nothing()}, false);
    auto const version = methods.version();
    for (char const* const name : {"", "rpc.", "rpc.discover", "oizys.", "oizys.cancel", "add"})
    {
        INFO(name);
        CHECK_THROWS_AS(add(methods, name), std::invalid_argument);
    }
    CHECK(methods.version() == version);
    CHECK(methods.table()->find("add")->parameters.at(0).name() == "first");
}

TEST_CASE("who has a table keeps it as it was, and sees by the version that there is another")
{
    registry methods;
    add(methods, "old");
    auto const version = methods.version();
    auto const table = methods.table();
    add(methods, "new");
    CHECK(table->find("new") == nullptr);
    CHECK(methods.version() != version);
    CHECK(methods.table()->find("new") != nullptr);
    CHECK(methods.table()->find("old") == table->find("old"));
}

TEST_CASE("a method lives as long as a table that holds it")
{
    auto const alive = std::make_shared<int>(1);
    std::shared_ptr<oizys::rpc::detail::method_table const> table;
    {
        registry methods;
        methods.add({.name = "m", .call = [alive](oizys::rpc::invocation&, method_entry const&) {}}, false);
        table = methods.table();
    }
    CHECK(alive.use_count() == 2);
    table.reset();
    CHECK(alive.use_count() == 1);
}

TEST_CASE("a service refuses names for parameters that its function does not have")
{
    oizys::rpc::service service;
    CHECK_THROWS_AS(service.method("one", {"a", "b"}, [](int) {}), std::invalid_argument);
    CHECK_THROWS_AS(service.method("two", {"a"}, [](int, int) {}), std::invalid_argument);
    CHECK_THROWS_AS(service.method("", [] {}), std::invalid_argument);
    CHECK_THROWS_AS(service.method("rpc.x", [] {}), std::invalid_argument);
    service.method("one", {"a"}, [](oizys::rpc::call_context&, int) {});
    CHECK_THROWS_AS(service.method("one", [] {}), std::invalid_argument);
}

TEST_CASE("a service refuses parameters that cannot be those of its function")
{
    oizys::rpc::service service;
    auto const subtract = [](int a, int b) { return a - b; };
    CHECK_THROWS_AS(service.method("m", {"a", "a"}, subtract), std::invalid_argument);
    CHECK_THROWS_AS(service.method("m", {"a", arg("b") = "x"}, subtract), std::invalid_argument);
    CHECK_THROWS_AS(service.method("m", {"a", arg("b") = 1e10}, subtract), std::invalid_argument);
    CHECK_THROWS_AS(service.method("m", {arg("a") = 1}, [](oizys::rpc::rest<int> const&) {}),
                    std::invalid_argument);
    service.method("m", {"a", arg("b", "what is taken away") = 2}, subtract);
}

TEST_CASE("methods are added while other threads look them up", "[concurrent]")
{
    registry methods;
    constexpr int count = 200;
    std::atomic<bool> failed = false;
    auto const look = [&] {
        std::uint64_t version = 0;
        auto table = methods.table();
        for (std::size_t found = 0; found < count;)
        {
            if (auto const now = methods.version(); now != version)
            {
                table = methods.table();
                version = now;
            }
            // What was there stays there.
            for (std::size_t i = 0; i < found; ++i)
                if (table->find(std::to_string(i)) == nullptr)
                    failed = true;
            while (found < count && table->find(std::to_string(found)) != nullptr)
                ++found;
            std::this_thread::yield();
        }
    };
    std::thread first{look};
    std::thread second{look};
    for (int i = 0; i < count; ++i)
        add(methods, std::to_string(i));
    first.join();
    second.join();
    CHECK(!failed);
}
