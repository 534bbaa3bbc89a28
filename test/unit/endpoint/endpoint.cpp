// SPDX-License-Identifier: BSL-1.0
//
// The texts of endpoints: what each means, and which are refused.
#include "support.hpp"

#include <oizys/error.hpp>

#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace
{

using oizys::endpoint;
using oizys::errc;
using oizys::test::parsed;
using oizys::test::refusal;
using enum oizys::endpoint_kind;
using namespace std::string_literals;

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
        auto const result = parsed(row.text);
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
        "unix:@a\0b"s, "unix?mode=0600:/tmp/x"s, "unix:@x?"s, "unix:/x%"s, "unix:/x%2"s, "unix:/x%zz"s,
        "unix:/x%00"s, "unix:?mode=0600"s, "tcp:"s, "tcp:localhost"s, "tcp::80"s, "tcp:localhost:"s,
        "tcp:localhost:x"s, "tcp:localhost:80x"s, "tcp:localhost:-1"s, "tcp:localhost:+1"s,
        "tcp:localhost: 1"s, "tcp:localhost:65536"s, "tcp:localhost:080"s, "tcp:localhost:99999999999"s,
        "tcp:local host:80"s, "tcp:localhost:80?nodelay=0"s, "tcp:::1:80"s, "tcp:[]:80"s,
        "tcp:[localhost]:80"s, "tcp:[::1]80"s, "tcp:[::1:80"s, "tcp:::1]:80"s, "tcp:[fe80::1%]:80"s,
        "tcp:[::g]:80"s, "tcp:\0:80"s, "tcp:localhost:-0"s, "http://localhost/"s, "stdio"s, "exec"s);
    CAPTURE(text);
    CHECK(refusal(text) == errc::bad_endpoint);
}

TEST_CASE("a refusal says what was expected")
{
    std::pair<std::string, std::string> const rows[] = {
        {"http://localhost/", "unknown kind \"http\"; expected unix:, tcp:"},
        {"a\x1b[1mb:", "unknown kind \"a\\x1B[1mb\""},
        {std::string(100, 'k') + ':', '"' + std::string(60, 'k') + "\"..."},
        {"unix:/a\0b"s, "NUL"},
        {"unix:", "path behind unix:"},
        {"unix:/a%b", "%25"},
        {"unix:/" + std::string(108, 'p'), "109 bytes"},
        {"tcp:x", "host:port"},
        {"tcp:x:65536", "0 to 65535"},
        {"tcp:::1:80", "IPv6 address in brackets"},
        {"ws:localhost/", "//"},
        {"fd:x", "descriptor"},
        {"exec:", "command"},
        {"exec:'", "left open"},
    };
    for (auto const& [text, expected] : rows)
    {
        std::string why;
        CHECK(refusal(text, &why));
        CHECK_THAT(why, Catch::Contains(expected));
    }
}

TEST_CASE("a character that means something is written by its number")
{
    struct
    {
        std::string text;
        oizys::endpoint_kind kind;
        std::string name;
        std::string printed;
    } const rows[] = {
        {"unix:/a%3Fb", unix_path, "/a?b", "unix:/a%3Fb"},
        {"unix:/a%3fb%25%41", unix_path, "/a?b%A", "unix:/a%3Fb%25A"},
        {"unix:%40name", unix_path, "@name", "unix:%40name"},
        {"unix:/%0a#&=:", unix_path, "/\n#&=:", "unix:/%0A#&=:"},
        {"unix:@a%3Fb", unix_abstract, "a?b", "unix:@a%3Fb"},
        {"shm:%40a%3f", shm, "@a?", "shm:%40a%3F"},
        {"systemd:a%3Fb", systemd, "a?b", "systemd:a%3Fb"},
        {"ws+unix:%40/a%3Ab%23c:/t", ws_unix, "@/a:b#c", "ws+unix:%40/a%3Ab%23c:/t"},
        {"ws+unix:a:b:/t", ws_unix, "a:b", "ws+unix:a%3Ab:/t"},
    };
    for (auto const& row : rows)
    {
        CAPTURE(row.text);
        auto const result = parsed(row.text);
        CHECK(result.kind() == row.kind);
        CHECK(result.name() == row.name);
        CHECK(result.to_string() == row.printed);
    }
    auto const longest = "unix:" + std::string(106, 'p') + "%3F"; // 107 bytes
    CHECK(parsed(longest).to_string() == longest);
}

TEST_CASE("a Unix name of more than 107 bytes is too long")
{
    CHECK(refusal("unix:" + std::string(108, 'p')) == errc::path_too_long);
    CHECK(refusal("unix:@" + std::string(108, 'a')) == errc::path_too_long);
    CHECK(refusal("shm:" + std::string(108, 'a')) == errc::path_too_long);
    CHECK(refusal("ws+unix:" + std::string(108, 'a') + ":/") == errc::path_too_long);
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
    try
    {
        endpoint const e{"unix:/x?mode=rwx"};
        FAIL("not thrown");
    }
    catch (boost::system::system_error const& e)
    {
        CHECK_THAT(e.what(),
                   Catch::Contains("option \"mode\": expected octal permissions such as 0660, got \"rwx\""));
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
    CHECK(a != endpoint{"tls:localhost:1"});
    CHECK(a != endpoint{"tcp:localhost:1?negotiate=1"});
    CHECK(endpoint{"exec:a b"} != endpoint{"exec:a b c"});
    CHECK(endpoint{"fd:1,2"} < endpoint{"fd:1,3"});
    CHECK(endpoint{"wss://h/t#key=k"}.with_port(1) == endpoint{"wss://h:1/t#key=k"});
    CHECK(endpoint{}.kind() == none);
    CHECK(endpoint{}.to_string().empty());
}
