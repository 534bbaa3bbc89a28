// SPDX-License-Identifier: BSL-1.0
//
// A service with parameters and results of every kind, from which the clients are generated that tests use.
#pragma once

#include <oizys/rpc/service.hpp>

#include <boost/describe.hpp>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace oizys::test::sample
{

BOOST_DEFINE_ENUM_CLASS(color, red, green, blue)
BOOST_DEFINE_ENUM_CLASS(level, low, high)

struct point
{
    int x = 0;
    int y = 0;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

struct shape
{
    std::string name;
    std::string class_name;
    std::vector<point> corners;
    std::optional<color> fill;
    std::vector<shape> parts;
    level detail = level::low;
};
BOOST_DESCRIBE_STRUCT(shape, (), (name, class_name, corners, fill, parts, detail))

struct everything
{
    bool flag = false;
    std::int8_t tiny = 0;
    std::uint64_t large = 0;
    double real = 0;
    rpc::bytes data;
    std::chrono::system_clock::time_point when{};
    std::array<int, 3> three{};
    std::tuple<int, std::string> pair{};
    std::map<std::string, point> places;
    std::map<int, std::string> numbered;
    std::variant<int, std::string> either{};
    std::chrono::milliseconds lasts{};
    rpc::value any;
    rpc::object members;
};
BOOST_DESCRIBE_STRUCT(everything, (),
                      (flag, tiny, large, real, data, when, three, pair, places, numbered, either, lasts, any,
                       members))

} // namespace oizys::test::sample

template <>
struct oizys::rpc::conversion<oizys::test::sample::level>
{
    static constexpr bool by_name = true;
};

template <>
struct oizys::rpc::conversion<oizys::test::sample::shape>
{
    static constexpr std::string_view description = "What is drawn";
    static constexpr field fields[] = {
        {.member = "class_name", .name = "class", .description = "its \"kind\"\\"}};
};

namespace oizys::test::sample
{

inline rpc::service make_service()
{
    using rpc::arg;
    rpc::service service;
    service.about({.title = "sample", .version = "1.0", .description = "Of every kind"});
    service.method("add", {{"a", "one of them"}, arg("b") = 2}, [](int a, int b) { return a + b; },
                   {.description = "Adds two numbers"});
    service.method("sum", [](rpc::rest<int> numbers) {
        int sum = 0;
        for (int const n : numbers)
            sum += n;
        return sum;
    });
    service.method("shape.mirror", {"shape", "axis"}, [](shape s, std::optional<int> axis) {
        for (auto& corner : s.corners)
            corner.x = axis.value_or(0) * 2 - corner.x;
        s.detail = level::high;
        return s;
    });
    service.method("point", [](point p) { return p; });
    service.method("same", [](everything e) { return e; });
    service.method("colors", [] { return std::vector<color>{color::red, color::blue}; });
    service.method("divide", {"dividend", "divisor"},
                   [](double a, double b) {
                       if (b == 0)
                           throw rpc::error{1, "division by zero"};
                       return a / b;
                   },
                   {.errors = {{1, "division by zero"}}});
    service.method("class", {"for", "from"}, [](std::string const&, std::string const&) {});
    return service;
}

} // namespace oizys::test::sample
