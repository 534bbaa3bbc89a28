// SPDX-License-Identifier: BSL-1.0
//
// Proves which requests for a WebSocket are granted, and in which order the reasons against one count.
#include "websocket_upgrade.hpp"

#include <catch2/catch.hpp>

namespace
{

using oizys::websocket_options;
using oizys::detail::judge_upgrade;
using oizys::detail::upgrade_request;

unsigned status(upgrade_request const& request, websocket_options const& options = {})
{
    return judge_upgrade(request, options).status;
}

std::string chosen(std::string_view offered, std::vector<std::string> own)
{
    return judge_upgrade({.is_upgrade = true, .target = "/", .origin = {}, .protocols = offered},
                         {.protocols = std::move(own)})
        .protocol;
}

} // namespace

TEST_CASE("a request is granted if nothing speaks against it")
{
    CHECK(status({.is_upgrade = true, .target = "/anything", .origin = {}}) == 101);
}

TEST_CASE("origin, target and kind of a request count in this order")
{
    websocket_options const options{.target = "/rpc", .allowed_origins = {"http://good"}};
    CHECK(status({.is_upgrade = false, .target = "/x", .origin = "http://bad"}, options) == 403);
    CHECK(status({.is_upgrade = false, .target = "/x", .origin = "http://good"}, options) == 404);
    CHECK(status({.is_upgrade = false, .target = "/rpc?x", .origin = "http://good"}, options) == 426);
    CHECK(status({.is_upgrade = true, .target = "/rpc?x", .origin = "http://good"}, options) == 101);
    CHECK(status({.is_upgrade = true, .target = "/rpc?x", .origin = ""}, options) == 403);
}

TEST_CASE("the first of the server's sub-protocols that is offered is chosen")
{
    CHECK(chosen("a,b", {"b", "a"}) == "b");
    CHECK(chosen(" a ,\tb\t", {"b"}) == "b");
    CHECK(chosen("a,b", {"c"}).empty());
    CHECK(chosen("", {"c"}).empty());
    CHECK(chosen(",, ,", {"c"}).empty());
    CHECK(chosen("cc,C,c c", {"c"}).empty());
    CHECK(chosen("a,b,c", {}).empty());
}

TEST_CASE("visible text holds no byte that could end a line or begin another word")
{
    CHECK(oizys::detail::is_visible("/rpc?x=1#%~!"));
    CHECK(oizys::detail::is_visible(""));
    for (auto const* const bad : {" ", "a b", "\r", "\n", "\t", "\x7f", "\xc3\xa9"})
        CHECK(!oizys::detail::is_visible(bad));
}
