// SPDX-License-Identifier: BSL-1.0
//
// The texts of endpoints: what each means, and which are refused.
#include <oizys/endpoint.hpp>
#include <oizys/error.hpp>

#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace
{

using oizys::endpoint;
using oizys::errc;
using enum oizys::endpoint_kind;
using namespace std::string_literals;

boost::system::error_code refusal(std::string_view text)
{
    boost::system::error_code ec;
    auto const result = endpoint::parse(text, ec);
    CHECK((result.kind() == none) == ec.failed());
    return ec;
}

} // namespace

TEST_CASE("an endpoint's text names a kind, a name and a port")
{
    struct
    {
        std::string text;
        oizys::endpoint_kind kind;
        std::string name;
        std::uint16_t port = 0;
    } const rows[] = {
        {"unix:/run/calculator.sock", unix_path, "/run/calculator.sock"},
        {"unix:relative/socket", unix_path, "relative/socket"},
        {"unix:./@file", unix_path, "./@file"},
        {"unix:/with space and \xc3\xbc", unix_path, "/with space and \xc3\xbc"},
        {"unix:" + std::string(107, 'p'), unix_path, std::string(107, 'p')},
        {"unix:@calculator", unix_abstract, "calculator"},
        {"unix:@@", unix_abstract, "@"},
        {"unix:@" + std::string(107, 'a'), unix_abstract, std::string(107, 'a')},
        {"tcp:localhost:80", tcp, "localhost", 80},
        {"tcp:127.0.0.1:65535", tcp, "127.0.0.1", 65535},
        {"tcp:a-b_c.example.org:0", tcp, "a-b_c.example.org", 0},
        {"tcp:[::1]:8080", tcp, "::1", 8080},
        {"tcp:[::ffff:127.0.0.1]:1", tcp, "::ffff:127.0.0.1", 1},
        {"tcp:[fe80::1%eth0]:1", tcp, "fe80::1%eth0", 1},
    };
    for (auto const& row : rows)
    {
        CAPTURE(row.text);
        boost::system::error_code ec;
        auto const result = endpoint::parse(row.text, ec);
        CHECK(!ec);
        CHECK(result.kind() == row.kind);
        CHECK(result.name() == row.name);
        CHECK(result.port() == row.port);
        CHECK(result.to_string() == row.text);
    }
}

TEST_CASE("a text that is not an endpoint is refused")
{
    auto const text = GENERATE(
        ""s, "unix"s, "unix:"s, "unix:@"s, "UNIX:/tmp/x"s, " unix:/tmp/x"s, "/tmp/x"s, "unix:/tmp/a\0b"s,
        "unix:@a\0b"s, "unix:/tmp/x?mode=0600"s, "unix:@x?"s, "tcp:"s, "tcp:localhost"s, "tcp::80"s,
        "tcp:localhost:"s, "tcp:localhost:x"s, "tcp:localhost:80x"s, "tcp:localhost:-1"s, "tcp:localhost:+1"s,
        "tcp:localhost: 1"s, "tcp:localhost:65536"s, "tcp:localhost:080"s, "tcp:localhost:99999999999"s,
        "tcp:local host:80"s, "tcp:localhost:80?nodelay=0"s, "tcp:::1:80"s, "tcp:[]:80"s,
        "tcp:[localhost]:80"s, "tcp:[::1]80"s, "tcp:[::1:80"s, "tcp:::1]:80"s, "tcp:[fe80::1%]:80"s,
        "tcp:[::g]:80"s, "tcp:\0:80"s, "http://localhost/"s, "stdio:"s);
    CAPTURE(text);
    CHECK(refusal(text) == errc::bad_endpoint);
}

TEST_CASE("a Unix name of more than 107 bytes is too long")
{
    CHECK(refusal("unix:" + std::string(108, 'p')) == errc::path_too_long);
    CHECK(refusal("unix:@" + std::string(108, 'a')) == errc::path_too_long);
}

TEST_CASE("an endpoint is made of a text implicitly, or the constructor throws")
{
    auto const text_of = [](endpoint const& e) { return e.to_string(); };
    CHECK(text_of("unix:/tmp/x") == "unix:/tmp/x");
    CHECK(text_of("tcp:h:1"s) == "tcp:h:1");
    CHECK(text_of(std::string_view{"unix:@x"}) == "unix:@x");
    try
    {
        endpoint const e{"nothing:like/this"};
        FAIL("not thrown");
    }
    catch (boost::system::system_error const& e)
    {
        CHECK(e.code() == errc::bad_endpoint);
        CHECK_THAT(e.what(), Catch::Contains("nothing:like/this"));
    }
}

TEST_CASE("endpoints are values")
{
    endpoint const a{"tcp:localhost:1"};
    CHECK(a == endpoint{"tcp:localhost:1"});
    CHECK(a != endpoint{"tcp:localhost:2"});
    CHECK(a < endpoint{"tcp:localhost:2"});
    CHECK(endpoint{"unix:x"} != endpoint{"unix:@x"});
    CHECK(a.with_port(7) == endpoint{"tcp:localhost:7"});
    CHECK(endpoint{}.kind() == none);
    CHECK(endpoint{}.to_string().empty());
}
