// SPDX-License-Identifier: BSL-1.0
//
// A generated client talks with the service that it was generated from. It is compiled with all warnings.
#include "generated/sample_client.hpp"
#include "generated/sample_service.hpp"
#include "support/temp_dir.hpp"

#include <oizys/memory_pair.hpp>
#include <oizys/rpc/server.hpp>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <thread>

using namespace oizys;

namespace
{

/// The sample service on a socket, in a thread of its own.
struct served_sample
{
    served_sample()
    {
        server.listen(where);
        thread = std::thread{[this] { io.run(); }};
    }
    ~served_sample()
    {
        io.stop();
        thread.join();
    }

    test::temp_dir dir;
    endpoint where{dir.endpoint()};
    boost::asio::io_context io{1};
    rpc::server server{io.get_executor(), test::sample::make_service()};
    std::thread thread{};
};

} // namespace

TEST_CASE("a generated blocking client calls each method")
{
    served_sample const served;
    auto const protocol = GENERATE(rpc::protocol::json, rpc::protocol::msgpack);
    sample::blocking_client client{served.where, {.peer = {.protocol = protocol}}};

    CHECK(client.add(2, 3) == 5);
    CHECK(client.add(2) == 4); // the service's own default
    CHECK(client.sum() == 0);
    CHECK(client.sum({1, 2, 3}) == 6);
    CHECK(client.point({1, 2}).y == 2);
    CHECK(client.colors() == std::vector{sample::color::red, sample::color::blue});
    client.class_("a", "b");
    CHECK(client.divide(1, 4) == 0.25);
    CHECK_THROWS_AS(client.divide(1, 0), rpc::error);

    sample::shape const square{.name = "square",
                               .class_ = "polygon",
                               .corners = {{0, 0}, {1, 2}},
                               .fill = sample::color::green,
                               .parts = {{.name = "part"}},
                               .detail = sample::level::low};
    auto const mirrored = client.shape_mirror(square, 5);
    CHECK(mirrored.name == "square");
    CHECK(mirrored.class_ == "polygon");
    CHECK(mirrored.corners.at(1).x == 9);
    CHECK(mirrored.fill == sample::color::green);
    CHECK(mirrored.parts.at(0).name == "part");
    CHECK(mirrored.detail == sample::level::high);
    CHECK(client.shape_mirror({.name = "none"}).fill == std::nullopt);
}

TEST_CASE("a generated client keeps values of every type")
{
    served_sample const served;
    auto const protocol = GENERATE(rpc::protocol::json, rpc::protocol::msgpack);
    sample::blocking_client client{served.where, {.peer = {.protocol = protocol}}};
    sample::everything const e{.flag = true,
                               .tiny = -5,
                               .large = UINT64_MAX,
                               .real = 0.1,
                               .data = {std::byte{1}, std::byte{0xff}},
                               .when = std::chrono::system_clock::now(),
                               .three = {1, 2, 3},
                               .pair = {7, "seven"},
                               .places = {{"here", {1, 2}}},
                               .numbered = {{-3, "minus three"}},
                               .either = "text",
                               .lasts = 1500,
                               .any = rpc::array{1, nullptr, "x"},
                               .members = {{"a", 1}}};
    auto const back = client.same(e);
    CHECK(back.flag == e.flag);
    CHECK(back.tiny == e.tiny);
    CHECK(back.large == e.large);
    CHECK(back.real == e.real);
    CHECK(back.data == e.data);
    CHECK(back.when == e.when);
    CHECK(back.three == e.three);
    CHECK(back.pair == e.pair);
    CHECK(back.places.at("here").y == 2);
    CHECK(back.numbered == e.numbered);
    CHECK(back.either == e.either);
    CHECK(back.lasts == e.lasts);
    CHECK(back.any == e.any);
    CHECK(back.members == e.members);
}

TEST_CASE("a generated asynchronous client completes any token")
{
    boost::asio::io_context io{1};
    auto pair = memory_pair(io.get_executor());
    sample::client client{rpc::peer{std::move(pair.first)}};
    rpc::peer const server{std::move(pair.second), test::sample::make_service()};
    int by_callback = 0, by_default = 0;
    client.async_add(2, std::nullopt, [&](boost::system::error_code ec, rpc::outcome<int> sum) {
        REQUIRE(!ec);
        by_callback = std::move(sum).value();
    });
    client.async_add(2, 5)([&](boost::system::error_code ec, rpc::outcome<int> sum) {
        REQUIRE(!ec);
        by_default = std::move(sum).value();
    });
    client.async_class_("a", "b")([](boost::system::error_code ec, rpc::outcome<void> done) {
        CHECK(!ec);
        CHECK(done.has_value());
    });
    io.poll();
    CHECK(by_callback == 4);
    CHECK(by_default == 7);
}
